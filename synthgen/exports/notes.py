"""The README of an export: what is in it, what was left out, its licence, and how to train on it without mirroring."""

from __future__ import annotations

from collections.abc import Sequence

_MIRROR = """\
**Do not mirror.** A mirrored barcode is no barcode, whatever it looks like: train with `fliplr=0 flipud=0`
(Ultralytics), or without random flips in any other tool. Turning by any angle is fine.
"""


def text(form: str, about: str, url: str, splits: Sequence[str], licence: str) -> str:
    """Return the README of an export of the data set at `url`: what its files hold, and the name of its licence."""
    rest = (
        "Images are the data set's png files, byte for byte. Every code of which the image shows something is "
        "labelled; codes out of view are not.\n"
    )
    head = f"# Barcodes as {form}\n\nWritten by `synthgen export {url} --format {form}`; splits: {', '.join(splits)}.\n"
    stated = f"Licence, as the recipe has it: {licence}. `LICENSE` is a copy of the data set's own.\n"
    return "\n".join([head, rest, stated, about, _MIRROR])
