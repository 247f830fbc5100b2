"""KITTI 2D objects: `training/image_2`, `training/label_2`, `training/calib`, and a list of names a split.

A line a code, 15 columns: type (the symbology), truncated, occluded, alpha, left, top, right, bottom, and seven of 3D
that hold the devkit's values for "not known" (-10, -1 -1 -1, -1000 -1000 -1000, -10). Boxes are around what is visible,
with three decimals, in our pixel coordinates (0 is the image's edge, not the first pixel's centre); so is P2.

References:
    KITTI object development kit, readme.txt, "Data Format Description" (cvlibs.net/datasets/kitti/eval_object.php).
    It names the levels of occlusion in words only; OCCLUDED says where we draw the lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from synthgen.dataset.reader import Dataset
from synthgen.evaluation import overlap
from synthgen.exports import folder
from synthgen.exports.labelled import codes, pictures, stem
from synthgen.progress import Watch

OCCLUDED = (0.01, 0.5)
"""Hidden share of what lies in the image up to which a code is fully visible (0) and partly occluded (1); else 2."""
_ALPHA, _UNKNOWN_3D = "-10", "-1 -1 -1 -1000 -1000 -1000 -10"
_NO_MOTION = "1 0 0 0 0 1 0 0 0 0 1 0"


def about() -> str:
    """Return what the files hold, for the README of an export."""
    return """\
`training/image_2`, `training/label_2`, `training/calib`; `ImageSets/<split>.txt` lists the names of each split. Names
are the keys of the data set, not six digits. A label has 15 columns; those of 3D hold the development kit's values
for "not known".

* truncated: share of the code outside the image. occluded: 0 up to 1 % of the rest is hidden, 1 up to 50 %, 2 above.
* Boxes have three decimals and are around what the image shows; 0 is the image's edge, the first pixel's centre is
  0.5. P2 projects into the same coordinates, without the lens's distortion (the data set's JSON has it).
"""


def write(source: Dataset, splits: Sequence[str], out: Path, watch: Watch) -> int:
    """Write the export; return the number of images.

    Raises:
        DatasetError: a sample is damaged.
        OutputError: no space, no permission.
    """
    top = out / "training"
    folder.make(top / "image_2", top / "label_2", top / "calib", out / "ImageSets")
    images = 0
    for split in splits:
        for record, png in pictures(source, split, watch):
            folder.put(top / "image_2" / record["file_name"], png)
            folder.put(top / "label_2" / f"{stem(record)}.txt", label(record).encode())
            folder.put(top / "calib" / f"{stem(record)}.txt", calibration(record).encode())
            images += 1
        names = out / "ImageSets" / f"{split}.txt"
        folder.put_lines(names, (stem(row.record) for row in source.rows(split)))
    return images


def label(record: Mapping[str, Any]) -> str:
    """Return the text of a sample's label file; empty where no code is to be seen."""
    return "".join(_line(code) + "\n" for code in codes(record))


def calibration(record: Mapping[str, Any]) -> str:
    """Return the text of a sample's calibration file: one camera, no lidar, nothing to rectify, no lens distortion."""
    rows = record["camera"]["K"]
    projection = " ".join(f"{value:.12e}" for row in rows for value in (*row, 0.0))
    lines = [f"P{n}: {projection}" for n in range(4)]
    lines += ["R0_rect: 1 0 0 0 1 0 0 0 1", f"Tr_velo_to_cam: {_NO_MOTION}", f"Tr_imu_to_velo: {_NO_MOTION}"]
    return "\n".join(lines) + "\n"


def _line(code: Mapping[str, Any]) -> str:
    x, y, wide, high = code["bbox"]
    box = " ".join(f"{value:.3f}" for value in (x, y, x + wide, y + high))
    cut = _cut(code)
    return f"{code['symbology']} {cut:.2f} {_occlusion(code, cut)} {_ALPHA} {box} {_UNKNOWN_3D}"


def _cut(code: Mapping[str, Any]) -> float:
    """Return the share of a code that lies outside the image, 0 to 1."""
    if not code["truncated"]:
        return 0.0
    visible, whole = (float(overlap.area(np.asarray(code[name], float))) for name in ("quad_visible_px", "quad_px"))
    return min(max(1.0 - visible / whole, 0.0), 1.0)


def _occlusion(code: Mapping[str, Any], cut: float) -> int:
    """Return KITTI's level of occlusion; what the image's edge cuts off is not occluded."""
    hidden = 1.0 - code["visible_fraction"] / max(1.0 - cut, 1e-9)
    return sum(hidden > limit for limit in OCCLUDED)
