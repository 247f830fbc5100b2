"""Render a sample of a data set again, unchanged or changed, and compare it with the stored one."""

from __future__ import annotations

import difflib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from synthgen import atomic_files
from synthgen.dataset import row_index, sample
from synthgen.dataset.reader import Dataset, Members
from synthgen.dataset.receipts import Entry
from synthgen.dataset.sample import Sample
from synthgen.errors import DatasetError, InputError
from synthgen.generation.engines.shard_worker import SampleRenderer
from synthgen.reporting import contact_sheet, overlays
from synthgen.textures import png
from synthgen.verify.difference import Difference, difference
from synthgen.verify.rerender import samples_of

MEASURES = ("module_px_min", "incidence_deg", "distance_m", "contrast", "snr", "irradiance_w_m2", "psf_px", "motion_px",
            "visible_fraction", "decodability", "decoded", "reason")  # fmt: skip
"""Fields of an annotation that are compared."""
SUFFIXES = (".png", ".npz")
_PANEL_PX = 800
_GAP_PX = 14
_HEAD_PX = 48


@dataclass(frozen=True, eq=False, kw_only=True)
class Replay:
    """A sample as it is stored and as it is rendered now."""

    key: str
    before: Members
    record: Mapping[str, Any]
    """The stored sample's JSON."""
    after: Sample
    difference: Difference

    @property
    def codes(self) -> dict[str, dict[str, Any]]:
        """Return the change of each code: {code_id: {measure: [before, after]}}, and which appeared or vanished."""
        one, other = (
            {str(code["code_id"]): code for code in record.get("annotations", ())}
            for record in (self.record, self.after.record)
        )
        return {name: _change(one.get(name), other.get(name)) for name in dict.fromkeys((*one, *other))}


def replay(dataset: Dataset, renderer: SampleRenderer, key: str) -> Replay:
    """Return a sample made again by `renderer`, whose recipe may have been changed.

    Raises:
        DatasetError: there is no such sample, or it is damaged.
        InputError: with the changes the shot cannot be built, or has no such camera.
    """
    split = split_of(dataset, key)
    row, members = dataset.sample(key)
    number = row.shot_index
    made = samples_of(renderer, split, number)
    if not made:
        raise InputError(f"shot {split}-{number:08d}: no draw of this recipe can be built; change less with --set")
    if key not in made:
        raise InputError(f"{key}: the changed recipe has no such camera; it makes {', '.join(made)}")
    return Replay(
        key=key,
        before=members,
        record=row.record,
        after=made[key],
        difference=difference(key, members, made[key]),
    )


def split_of(dataset: Dataset, key: str) -> str:
    """Return the split of a sample that the data set has.

    Raises:
        DatasetError: it has none of that key; names the nearest ones.
    """
    meant, near = _spelled_out(dataset, key), None
    for entry in (entry for entry in dataset.entries() if entry.samples):
        if entry.first_key <= key <= entry.last_key and key in _keys(dataset, entry):
            return entry.split
        if near is None or entry.first_key <= meant:
            near = entry
    keys = difflib.get_close_matches(meant, _keys(dataset, near), 3, cutoff=0.0) if near else ["none, it is empty"]
    raise DatasetError(f"{dataset.store.place()}: no sample {key!r}; the nearest are {', '.join(keys)}")


def _keys(dataset: Dataset, entry: Entry) -> list[str]:
    return [row.key for row in row_index.rows(dataset.store, entry)]


def _spelled_out(dataset: Dataset, key: str) -> str:
    """Return the well-formed key that is nearest to a text; the data set need not hold it."""
    found = re.fullmatch(r"(\D*)(\d*)(.*)", key, re.S)
    split, number, camera = found.groups() if found else (key, "", "")
    (split,) = difflib.get_close_matches(split.strip("-"), dataset.splits, 1, cutoff=0.0)
    return f"{split}-{int(number[:8] or 0):08d}-{camera.strip('-')}"


def write(found: Replay, out: Path, changed: bool) -> list[Path]:
    """Write a replay as a picture, as arrays, or as every member in a folder; return what was written.

    Raises:
        OutputError: no space, no permission.
    """
    suffix = out.suffix.lower()
    if suffix == ".png":
        atomic_files.write(out, _pair(found) if changed else png.encode(found.after.image))
        return [out]
    if suffix == ".npz":
        atomic_files.write(out, _arrays(found, changed))
        return [out]
    files = {f"{found.key}.{name}": data for name, data in sample.encode(found.after).items()}
    if changed:
        files |= {f"{found.key}.before.{name}": data for name, data in found.before.items()}
        files |= {"before_after.png": _pair(found), "changes.json": atomic_files.document(as_json(found))}
    for name, data in files.items():
        atomic_files.write(out / name, data)
    return [out / name for name in files]


def as_json(found: Replay) -> dict[str, Any]:
    """Return what differs, as plain values."""
    return {
        "key": found.key,
        "same": found.difference.same,
        "members": list(found.difference.members),
        "pixels": {"worst_dn": found.difference.worst_dn, "beyond_2_dn_share": found.difference.beyond_share},
        "codes": found.codes,
    }


def as_text(found: Replay) -> str:
    """Return the change of each code, a line each, with the measures that differ."""
    lines = [str(found.difference)]
    for name, change in found.codes.items():
        told = [f"{measure} {_word(a)} -> {_word(b)}" for measure, (a, b) in change["measures"].items() if a != b]
        state = f" {change['state']}" if change["state"] != "kept" else ""
        lines.append(f"{name} ({change['symbology']}){state}: {', '.join(told) or 'as it was'}")
    return "\n".join(lines)


def _change(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> dict[str, Any]:
    both = before or after or {}
    state = "kept" if before and after else "appeared" if after else "vanished"
    measures = {}
    if before and after:
        measures = {name: [before[name], after[name]] for name in MEASURES if name in before and name in after}
    return {"symbology": both["symbology"], "payload": both["payload"], "state": state, "measures": measures}


def _word(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value).replace("_", " ")


def _pair(found: Replay) -> bytes:
    """Return both images side by side, with their labels, as PNG."""
    stored = np.asarray(sample.decoded("png", found.before["png"]))
    panels = [
        _panel(image, record) for image, record in ((stored, found.record), (found.after.image, found.after.record))
    ]
    width = sum(panel.width for panel in panels) + 3 * _GAP_PX
    sheet = Image.new("RGB", (width, _HEAD_PX + max(panel.height for panel in panels) + _GAP_PX), overlays.PAPER)
    pen = ImageDraw.Draw(sheet)
    overlays.write(pen, (_GAP_PX, 8), found.key, overlays.INK, 18)
    left = _GAP_PX
    for panel, word in zip(panels, ("before: as stored", "after: rendered again"), strict=True):
        overlays.write(pen, (left, 30), word, overlays.FAINT, 13)
        sheet.paste(panel, (left, _HEAD_PX))
        left += panel.width + _GAP_PX
    stream = io.BytesIO()
    sheet.save(stream, "png")
    return stream.getvalue()


def _panel(image: np.ndarray, record: Mapping[str, Any]) -> Image.Image:
    codes = [code for code in record.get("annotations", ()) if code.get("reason") != "out_of_view"]
    scale = _PANEL_PX / image.shape[1]
    return Image.fromarray(overlays.draw_labels(contact_sheet.for_eyes(image), codes, scale=scale))


def _arrays(found: Replay, changed: bool) -> bytes:
    """Return image and maps, with those stored before them where something was changed."""
    arrays: dict[str, np.ndarray] = {"image": found.after.image, **found.after.arrays}
    if changed:
        for name, data in found.before.items():
            value = sample.decoded(name, data)
            if isinstance(value, np.ndarray):
                arrays[f"before_{'image' if name == 'png' else name.removesuffix('.npy')}"] = value
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()
