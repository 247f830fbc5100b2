"""All findings about a data set, and the numbers that gates may name."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np

from synthgen.dataset import row_index, sample
from synthgen.dataset import shard as shards
from synthgen.dataset.reader import Dataset
from synthgen.dataset.receipts import Entry
from synthgen.dataset.row_index import Row
from synthgen.errors import DatasetError, InputError
from synthgen.planning.plan import TRIES
from synthgen.quality import census, draw_check, frames, leakage
from synthgen.quality.histogram_axes import AXES
from synthgen.recipe import Recipe
from synthgen.reporting.intervals import binned_gap, chance_gap, chance_gap_of_two
from synthgen.world.shot import Shot

LEVEL = 0.01
"""Chance that a report calls anything skewed or drifted where nothing is, over all its comparisons."""
_PLACE = 1 << 24  # a place is the shard's number times this, plus the row's

Progress = Callable[[str, int, int], None]
"""Told (what is being done, how much of it is done, how much there is)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Drift:
    """How far two splits lie apart in one measure of their codes."""

    axis: str
    splits: tuple[str, str]
    gap: float
    chance: float

    @property
    def found(self) -> bool:
        """Return whether chance does not explain the gap."""
        return self.gap > self.chance


@dataclass(frozen=True, eq=False, kw_only=True)
class Findings:
    """All findings about a data set."""

    counted: census.Census
    shots: int
    failed: Mapping[str, Mapping[str, int]]
    """Shots that no draw could build: {`<split>-<index>`: {cause: times}}."""
    read: tuple[str, ...]
    """Keys of the samples that were read."""
    frames: tuple[frames.Frame, ...]
    alike: frames.Duplicates
    assets: leakage.Assets
    stored: tuple[Shot, ...]
    """Shots of the samples that were read, each once."""
    drawn: draw_check.Drawn | None
    undrawn: str
    """Why the shots could not be drawn again; empty when they were."""
    drifts: tuple[Drift, ...]
    allowed_ratio: float
    leaks: tuple[tuple[str, tuple[str, ...]], ...]
    """Some payloads that several splits have, with a sample of each."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Where the data set came from: what manifest and run.json say."""

    @property
    def chance_of_skew(self) -> Callable[[draw_check.Parameter], float]:
        """Return the gap that chance explains for a parameter, given that all of them are looked at."""
        level = LEVEL / max(1, len(self.drawn.parameters) if self.drawn else 1)
        return lambda parameter: chance_gap(len(parameter.accepted), level)

    @property
    def skewed(self) -> tuple[draw_check.Parameter, ...]:
        """Return the parameters whose values differ from what was asked for by more than chance."""
        found = self.drawn.parameters if self.drawn else ()
        return tuple(each for each in found if each.gap > self.chance_of_skew(each))

    @property
    def acceptance(self) -> float:
        """Return the share of attempts that could be built, with the shots that failed altogether."""
        if self.drawn is None or not self.drawn.shots:
            return float("nan")
        built = self.shots
        return built / (built / self.drawn.acceptance + TRIES * len(self.failed)) if built else 0.0

    def numbers(self) -> dict[str, float]:
        """Return the numbers that gates may name (`gates.NUMBERS`); nan where there is nothing to count."""
        c, looked = self.counted, len(self.frames)
        in_view, samples_, clear = int(c.in_view.sum()), int(c.samples.sum()), int(c.clear.sum())
        faults = Counter(fault for each in self.frames for fault in each.faults)
        drawn = self.drawn
        found = {
            "samples": samples_,
            "shots": self.shots,
            "codes": in_view,
            "failed_shots": len(self.failed),
            "acceptance": self.acceptance,
            "decode_rate": _share(c.decoded.sum(), in_view),
            "rectified_rate": _share(c.rectified.sum(), in_view),
            "clear_decode_rate": _share(c.clear_decoded.sum(), clear),
            "fine_share": _share(c.fine.sum(), in_view),
            "misread_share": _share(c.reasons.get("misread", (0, 0))[0], in_view),
            "empty_share": _share(c.empty.sum(), samples_),
            "black_share": _share(faults["black"], looked),
            "saturated_share": _share(faults["saturated"], looked),
            "flat_share": _share(faults["flat"], looked),
            "duplicate_share": _share(self.alike.frames, looked),
            "cross_split_duplicates": self.alike.across,
            "view_duplicate_share": _share(c.views.repeated, c.views.things),
            "payload_leaks": c.payloads.shared,
            "payload_leak_share": leakage.leaked_share(c.payloads),
            "asset_leaks": len(self.assets.shared),
            "skewed_parameters": len(self.skewed) if drawn else float("nan"),
            "drifted_measures": sum(drift.found for drift in self.drifts),
            "worst_eye_ratio": c.worst_ratio,
            "over_limit_share": _share(c.over_limit, samples_ if math.isfinite(c.worst_ratio) else 0),
            "reproduced_share": _share(drawn.same, drawn.shots) if drawn else float("nan"),
        }
        found |= {f"decode_rate.{name}": _share(r.decoded, r.count) for name, (r, _) in c.symbologies.items()}
        return {name: float(value) for name, value in found.items()}


def examine(
    dataset: Dataset,
    recipe: Recipe | None,
    images: int,
    *,
    why_no_recipe: str = "",
    progress: Progress = lambda *_: None,
) -> Findings:
    """Return all findings about a data set.

    Args:
        dataset: a finished one.
        recipe: what it follows from, None where that cannot be read (then `why_no_recipe` says why).
        images: how many samples are read whole, spread evenly.
        why_no_recipe: for the report.
        progress: told how far it is.

    Raises:
        DatasetError: something of the data set is missing or damaged.
    """
    allowed = recipe.eye_safety.max_ratio if recipe else 1.0
    entries = list(dataset.entries())
    total = sum(entry.samples for entry in entries)
    chosen = spread(total, images, dataset.identity.seed)
    counter = census.Counter(tuple(dataset.identity.splits), allowed)
    shots, looked = _Stored(), []
    for at, (entry, place, row) in enumerate(_placed(dataset, entries)):
        counter.add(counter.splits.index(entry.split), place, row)
        if at in chosen:
            members = member_bytes(dataset, entry, row)
            looked.append(frames.frame(row.key, entry.split, _image(dataset, entry, members)))
            shots.add(members)
            progress("samples read", len(looked), len(chosen))
    counted = counter.finish()
    drawn, undrawn = _drawn(recipe, shots, why_no_recipe)
    return Findings(
        counted=counted,
        shots=sum(entry.shots - len(entry.failed) for entry in entries),
        failed={f"{e.split}-{int(n):08d}": causes for e in entries for n, causes in e.failed.items()},
        read=tuple(each.key for each in looked),
        frames=tuple(looked),
        alike=frames.duplicates(looked),
        assets=leakage.assets(shots.found),
        stored=tuple(shots.found),
        drawn=drawn,
        undrawn=undrawn,
        drifts=_drifts(counted, entries),
        allowed_ratio=allowed,
        leaks=_leaks(dataset, counted),
        facts=facts(dataset),
    )


def spread(total: int, wanted: int, seed: int) -> frozenset[int]:
    """Return `wanted` of `total` places, one at random in each of as many equal stretches.

    >>> sorted(spread(4, 9, 0)), len(spread(1000, 10, 0)), max(spread(1000, 10, 0)) >= 900
    ([0, 1, 2, 3], 10, True)
    """
    if wanted >= total:
        return frozenset(range(total))
    # At random, since a fixed step may always meet the same camera of a shot.
    inside = np.random.Generator(np.random.Philox(key=seed)).random(wanted)
    bounds = np.arange(wanted + 1) * total // wanted
    return frozenset((bounds[:-1] + (inside * np.diff(bounds)).astype(int)).tolist())


def place_of(dataset: Dataset, place: int) -> tuple[Entry, Row]:
    """Return the shard and the row that the census noted as a place."""
    entry = next(islice(dataset.entries(), place // _PLACE, None))
    rows = row_index.rows(dataset.store, entry)
    return entry, next(islice(rows, place % _PLACE, None))


def facts(dataset: Dataset) -> dict[str, Any]:
    """Return where a data set came from."""
    import hashlib

    from synthgen.dataset import manifest

    identity = dataset.identity
    found = {
        "place": dataset.store.place(),
        "manifest_sha256": hashlib.sha256(dataset.store.read(manifest.FILE)).hexdigest(),
        "content_sha256": str(dataset.manifest.get("content_sha256", "")),
        "recipe_sha256": identity.recipe_sha256,
        "seed": identity.seed,
        "splits": dict(identity.splits),
        "code_version": identity.code_version,
        "counts": dict(dataset.manifest.get("counts", {})),
    }
    return {**found, "run": _run(dataset)}


def _run(dataset: Dataset) -> dict[str, Any]:
    try:
        return dict(json.loads(dataset.store.read("run.json")))
    except (DatasetError, ValueError, TypeError):
        return {}


class _Stored:
    """The shots of some samples, each once."""

    def __init__(self) -> None:
        self.found: list[Shot] = []
        self.fault = ""
        self._known: set[tuple[str, int]] = set()

    def add(self, members: Mapping[str, bytes]) -> None:
        try:
            shot = Shot.from_json(members.get("shot.json", b""))
        except ValueError as fault:
            self.fault = self.fault or str(fault)
            return
        if (shot.split, shot.index) not in self._known:
            self._known.add((shot.split, shot.index))
            self.found.append(shot)


def _placed(dataset: Dataset, entries: list[Entry]) -> Iterator[tuple[Entry, int, Row]]:
    for number, entry in enumerate(entries):
        for n, row in enumerate(row_index.rows(dataset.store, entry)):
            yield entry, number * _PLACE + n, row


def member_bytes(dataset: Dataset, entry: Entry, row: Row) -> dict[str, bytes]:
    """Return a sample's members, checked against its hash."""
    return shards.members(dataset.store, entry.name, row)


def _image(dataset: Dataset, entry: Entry, members: Mapping[str, bytes]) -> np.ndarray:
    try:
        return np.asarray(sample.decoded("png", members["png"]))
    except (KeyError, ValueError, OSError) as fault:
        raise DatasetError(f"{dataset.store.place(entry.name)}: no image that can be read: {fault}") from fault


def _drawn(recipe: Recipe | None, shots: _Stored, why_not: str) -> tuple[draw_check.Drawn | None, str]:
    if recipe is None:
        return None, why_not
    if not shots.found:
        return None, f"no stored shot can be read: {shots.fault or 'none is stored'}"
    try:
        return draw_check.drawn(recipe, shots.found), ""
    except InputError as fault:
        return None, str(fault)


def _drifts(counted: census.Census, entries: list[Entry]) -> tuple[Drift, ...]:
    """Compare each split with the largest, on each axis; codes of one shot are no independent draws, shots are."""
    shots = [sum(e.shots - len(e.failed) for e in entries if e.split == split) for split in counted.splits]
    largest = int(np.argmax(shots)) if shots else 0
    pairs = [(largest, n) for n in range(len(shots)) if n != largest and shots[n]]
    level = LEVEL / max(1, len(pairs) * len(AXES))
    return tuple(
        Drift(
            axis=axis.name,
            splits=(counted.splits[one], counted.splits[other]),
            gap=binned_gap(histogram[one], histogram[other]),
            chance=chance_gap_of_two(shots[one], shots[other], level),
        )
        for axis, histogram in zip(AXES, counted.histograms, strict=True)
        for one, other in pairs
    )


def _leaks(dataset: Dataset, counted: census.Census) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return some payloads that several splits have, with a sample of each."""
    found = []
    for places in counted.payloads.examples:
        rows = [place_of(dataset, place)[1] for place in places]
        codes = [{(c["symbology"], c["payload"]) for c in row.record["annotations"]} for row in rows]
        same = sorted(set.intersection(*codes))
        if same:
            found.append((" ".join(same[0]), tuple(row.key for row in rows)))
    return tuple(found)


def _share(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else float("nan")
