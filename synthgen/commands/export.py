"""`synthgen export`: a data set as the files of other tools."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from synthgen.commands import flags
from synthgen.exports import FORMATS


def export(
    dataset: Annotated[str, Parameter(help="The data set: a folder or URL.")],
    *,
    form: Annotated[str, Parameter(name="--format", help=f"Format of the files: {', '.join(FORMATS)}.")],
    out: Annotated[Path, flags.output("A new folder.", folder=True)],
    splits: Annotated[
        list[str], Parameter(name="--split", negative=(), help="Only this split; repeatable; default all.")
    ] = [],  # noqa: B006
    progress: flags.ProgressMode = "auto",
    json: flags.Json = False,
) -> None:
    """Write a data set as COCO, as one of Ultralytics' layouts (detection, oriented boxes, pose), or as KITTI.

    Example: `synthgen export tunnel --format yolo-obb -o tunnel-obb`

    Images are copied unchanged; every code of which an image shows something is labelled.
    """
    from synthgen import exports
    from synthgen.dataset.reader import open_dataset
    from synthgen.progress import watching

    exports.check_format(form)
    source = open_dataset(dataset)
    written = exports.chosen(source, splits)
    for empty in (name for name in source.splits if not splits and name not in written):
        flags.message(f"note: split {empty} holds no sample and is left out")
    with watching(progress, sys.stderr) as watch:
        images = exports.export(source, form, out, written, watch)
    if json:
        flags.data_object({"out": str(out), "format": form, "splits": list(written), "images": images})
    else:
        flags.message(f"{out}: {images} images as {form}")
