"""One pass over the rows of a data set: everything that is known without pixels, counted in constant memory.

Only fingerprints grow with the data set (17 bytes a code and a sample, and see `prints`).
"""

from __future__ import annotations

import heapq
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from synthgen.dataset import code_counts
from synthgen.dataset.row_index import Row
from synthgen.quality.fingerprints import Prints, Repeats
from synthgen.quality.histogram_axes import AXES, MODULE, TILT, values_of
from synthgen.reporting import eye_hazard

RATIO_EDGES = np.geomspace(1e-4, 1e2, 37)
"""Bins of a sample's largest level over eye-safety limit."""
SHARE_EDGES = np.linspace(0.0, 1.0, 41)
"""Bins of the median signal as a share of saturation."""
_WORST = 16
_FLUSH = 20_000


@dataclass(frozen=True)
class Rate:
    """How many of some codes were read."""

    count: int = 0
    decoded: int = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class Census:
    """What was counted. Codes count once in every view they are in; arrays have splits along their first axis."""

    splits: tuple[str, ...]
    samples: np.ndarray
    empty: np.ndarray
    """Samples without a code in view."""
    out_of_view: int
    in_view: np.ndarray
    fine: np.ndarray
    clear: np.ndarray
    decoded: np.ndarray
    rectified: np.ndarray
    """Codes that were read from the rectified crop."""
    clear_decoded: np.ndarray
    histograms: tuple[np.ndarray, ...]
    """Of each axis, shape (splits, bins)."""
    rates: tuple[tuple[Rate, ...], ...]
    """Of each axis: of each of its classes."""
    by_module_and_tilt: np.ndarray
    """(codes, decoded) by class of module size and of tilt, shape (classes, classes, 2)."""
    symbologies: Mapping[str, tuple[Rate, Rate]]
    """All in view, and the clear ones."""
    reasons: Mapping[str, tuple[int, int]]
    """(of all in view, of the clear)."""
    cameras: Mapping[str, Rate]
    ratio_histogram: np.ndarray
    """Samples by RATIO_EDGES; the outermost bins are open."""
    worst_ratio: float
    """Maximum of all hazard maps; nan where no sample has one."""
    worst_ratio_key: str
    over_limit: int
    """Samples whose hazard map exceeds what is allowed."""
    signal_histogram: np.ndarray
    """Samples by SHARE_EDGES; none where the records do not say."""
    payloads: Repeats
    views: Repeats
    """Samples whose codes lie in the image, to the pixel, as those of another sample."""
    missed: tuple[tuple[int, str], ...]
    """(place, key) of the samples with most clear codes that were not read."""
    misread: tuple[tuple[int, str], ...]
    brightest: tuple[tuple[int, str], ...]
    """Those with the largest level in their hazard map."""


@dataclass
class Counter:
    """Counts rows one by one."""

    splits: Sequence[str]
    allowed_ratio: float = 1.0
    _columns: list[list[float]] = field(default_factory=list)
    _shot: tuple[int, int] = (-1, -1)
    _payloads_of_shot: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        n = len(self.splits)
        self._samples, self._empty = np.zeros(n, np.int64), np.zeros(n, np.int64)
        self._sums = np.zeros((n, 6), np.int64)  # in view, fine, clear, decoded, rectified, clear decoded
        self._histograms = [np.zeros((n, axis.bins), np.int64) for axis in AXES]
        self._classes = [np.zeros((len(axis.words), 2), np.int64) for axis in AXES]
        self._joint = np.zeros((len(AXES[MODULE].words), len(AXES[TILT].words), 2), np.int64)
        self._ratio, self._signal = np.zeros(len(RATIO_EDGES) - 1, np.int64), np.zeros(len(SHARE_EDGES) - 1, np.int64)
        self._symbology: dict[str, list[int]] = {}
        self._reasons: dict[str, list[int]] = {}
        self._cameras: dict[str, list[int]] = {}
        self._worst: dict[str, list[tuple[float, int, str]]] = {"missed": [], "misread": [], "brightest": []}
        self._payloads, self._views = Prints(n), Prints(n)
        self._out_of_view = self._over = 0

    def add(self, split: int, place: int, row: Row) -> None:
        """Count a sample; `place` is whatever finds it again."""
        record = row.record
        found = [code for code in record.get("annotations", ()) if code.get("reason") != "out_of_view"]
        self._out_of_view += len(record.get("annotations", ())) - len(found)
        self._samples[split] += 1
        self._empty[split] += not found
        camera = str(record.get("camera", {}).get("name", ""))
        for code in found:
            self._code(split, code, camera)
        self._remember(split, place, row, camera, found)
        self._rank(place, row, found)
        self._levels(place, row)
        if len(self._columns) >= _FLUSH:
            self._flush()

    def _code(self, split: int, code: Mapping[str, Any], camera: str) -> None:
        decoded, clear = bool(code["decoded"]), code_counts.clear(code)
        self._columns.append([split, decoded, clear, bool(code.get("decoded_rectified")), *values_of(code)])
        of_symbology = self._symbology.setdefault(str(code["symbology"]), [0, 0, 0, 0])
        for at, add in enumerate((1, decoded, clear, clear and decoded)):
            of_symbology[at] += add
        of_reason = self._reasons.setdefault(str(code["reason"]), [0, 0])
        of_reason[0] += 1
        of_reason[1] += clear
        of_camera = self._cameras.setdefault(camera, [0, 0])
        of_camera[0] += 1
        of_camera[1] += decoded

    def _remember(self, split: int, place: int, row: Row, camera: str, found: Sequence[Mapping[str, Any]]) -> None:
        """Take the prints of a shot's payloads, each once, and of what the view looks like."""
        shot = (split, int(row.record.get("shot_index", -1)))
        if shot != self._shot:
            self._shot, self._payloads_of_shot = shot, set()
        for code in found:
            text = f"{code['symbology']}\n{code['payload']}"
            if text not in self._payloads_of_shot:
                self._payloads_of_shot.add(text)
                self._payloads.add(text, split, place)
        if found:
            quads = sorted([code["symbology"], *(round(c) for xy in code["quad_px"] for c in xy)] for code in found)
            self._views.add(f"{camera}\n{json.dumps(quads)}", split, place)

    def _rank(self, place: int, row: Row, found: Sequence[Mapping[str, Any]]) -> None:
        missed = [code for code in found if code_counts.clear(code) and not code["decoded"]]
        if missed:
            score = len(missed) + max(float(code.get("decodability", 0.0)) for code in missed)
            self._keep("missed", score, place, row.key)
        misread = sum(code["reason"] == "misread" for code in found)
        if misread:
            self._keep("misread", misread, place, row.key)

    def _levels(self, place: int, row: Row) -> None:
        ratio = eye_hazard.largest(row.record)
        if ratio is not None:
            self._ratio[np.clip(np.searchsorted(RATIO_EDGES, ratio) - 1, 0, len(self._ratio) - 1)] += 1
            self._over += ratio > self.allowed_ratio
            self._keep("brightest", ratio, place, row.key)
        signal = row.record.get("exposure", {}).get("median_signal_share")
        if signal is not None:
            self._signal[np.clip(np.searchsorted(SHARE_EDGES, signal) - 1, 0, len(self._signal) - 1)] += 1

    def _keep(self, sort: str, score: float, place: int, key: str) -> None:
        """Keep the samples with the largest scores; of equals, those that came first."""
        heap = self._worst[sort]
        heapq.heappush(heap, (score, -place, key))
        if len(heap) > _WORST:
            heapq.heappop(heap)

    def _flush(self) -> None:
        if not self._columns:
            return
        table = np.array(self._columns, float)
        self._columns = []
        split = table[:, 0].astype(int)
        decoded, clear, rectified = (table[:, n] > 0 for n in (1, 2, 3))
        fine = table[:, 4 + MODULE] >= code_counts.FINE_PX
        for n, counted in enumerate((np.ones(len(table), bool), fine, clear, decoded, rectified, clear & decoded)):
            self._sums[:, n] += np.bincount(split[counted], minlength=len(self.splits))
        classes = []
        for n, axis in enumerate(AXES):
            values = table[:, 4 + n]
            known = np.isfinite(values)
            np.add.at(self._histograms[n], (split[known], axis.place(values[known])), 1)
            classes.append(axis.class_of(values))
            np.add.at(self._classes[n], (classes[n][known], 0), 1)
            np.add.at(self._classes[n], (classes[n][known & decoded], 1), 1)
        pair = classes[MODULE], classes[TILT]
        np.add.at(self._joint, (*pair, 0), 1)
        np.add.at(self._joint, (pair[0][decoded], pair[1][decoded], 1), 1)

    def finish(self) -> Census:
        """Return what was counted."""
        self._flush()
        in_view, fine, clear, decoded, rectified, clear_decoded = self._sums.T
        worst = {sort: sorted(heap, reverse=True) for sort, heap in self._worst.items()}
        ranked = {sort: tuple((-place, key) for _, place, key in heap) for sort, heap in worst.items()}
        top = worst["brightest"][0] if worst["brightest"] else (math.nan, 0, "")
        return Census(
            splits=tuple(self.splits),
            samples=self._samples,
            empty=self._empty,
            out_of_view=self._out_of_view,
            in_view=in_view,
            fine=fine,
            clear=clear,
            decoded=decoded,
            rectified=rectified,
            clear_decoded=clear_decoded,
            histograms=tuple(self._histograms),
            rates=tuple(tuple(Rate(int(n), int(k)) for n, k in counts) for counts in self._classes),
            by_module_and_tilt=self._joint,
            symbologies={
                name: (Rate(n, decoded), Rate(clear, clear_decoded))
                for name, (n, decoded, clear, clear_decoded) in sorted(self._symbology.items())
            },
            reasons={name: (n, clear) for name, (n, clear) in sorted(self._reasons.items())},
            cameras={name: Rate(*counts) for name, counts in sorted(self._cameras.items())},
            ratio_histogram=self._ratio,
            worst_ratio=top[0],
            worst_ratio_key=top[2],
            over_limit=self._over,
            signal_histogram=self._signal,
            payloads=self._payloads.repeats(),
            views=self._views.repeats(),
            missed=ranked["missed"],
            misread=ranked["misread"],
            brightest=ranked["brightest"],
        )
