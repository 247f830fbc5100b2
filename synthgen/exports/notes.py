"""The README of an export: what is in it, what was left out, its licence, and how to train on it without mirroring."""

from __future__ import annotations

from collections.abc import Sequence

_ABOUT = {
    "coco": """\
Images are in `<split>/`, annotations in `annotations/instances_<split>.json`.

* `bbox` [x, y, width, height] and `segmentation` are what the image shows of a code; `keypoints` are its corners top
  left, top right, bottom right, bottom left of the symbol as printed (0: outside the image, 1: hidden, 2: seen).
* `quad_px` is the whole code, also outside the image. `payload`, `module_px_mean`, `decoded`, `reason` and the other
  keys of synthgen are kept.
* Annotation ids are those of the data set plus one: pycocotools cannot match an annotation with id 0.
* COCOeval for keypoints has 17 sigmas of the human body built in: set `params.kpt_oks_sigmas` to four of your own.
""",
    "yolo": """\
`data.yaml` names the folders. A line of `labels/`: `class cx cy w h`, in shares of the image; the box is around what
the image shows of a code.
""",
    "yolo-obb": """\
`data.yaml` names the folders. A line of `labels/`: `class x1 y1 x2 y2 x3 y3 x4 y4`, in shares of the image: top left,
top right, bottom right, bottom left of the symbol as printed. Of a code that the image's edge cuts, they are the four
corners of what is left that enclose the most. Training turns them into the smallest rotated rectangle around them.
""",
    "yolo-pose": """\
`data.yaml` names the folders. A line of `labels/`: `class cx cy w h`, then `x y v` of the four corners top left, top
right, bottom right, bottom left of the symbol as printed (v 0: outside the image, 1: hidden, 2: seen), in shares of
the image.
""",
    "kitti": """\
`training/image_2`, `training/label_2`, `training/calib`; `ImageSets/<split>.txt` lists the names of each split. Names
are the keys of the data set, not six digits. A label has 15 columns; those of 3D hold the development kit's values
for "not known".

* truncated: share of the code outside the image. occluded: 0 up to 1 % of the rest is hidden, 1 up to 50 %, 2 above.
* Boxes have three decimals and are around what the image shows; 0 is the image's edge, the first pixel's centre is
  0.5. P2 projects into the same coordinates, without the lens's distortion (the data set's JSON has it).
""",
}

_MIRROR = """\
**Do not mirror.** A mirrored barcode is no barcode, whatever it looks like: train with `fliplr=0 flipud=0`
(Ultralytics), or without random flips in any other tool. Turning by any angle is fine.
"""


def text(form: str, url: str, splits: Sequence[str], licence: str) -> str:
    """Return the README of an export of the data set at `url`, whose licence has this name."""
    rest = (
        "Images are the data set's png files, byte for byte. Every code of which the image shows something is "
        "labelled; codes out of view are not.\n"
    )
    head = f"# Barcodes as {form}\n\nWritten by `synthgen export {url} --format {form}`; splits: {', '.join(splits)}.\n"
    stated = f"Licence, as the recipe has it: {licence}. `LICENSE` is a copy of the data set's own.\n"
    return "\n".join([head, rest, stated, _ABOUT[form], _MIRROR])
