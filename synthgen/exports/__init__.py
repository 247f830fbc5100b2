"""A data set as the files that other tools train from: COCO, Ultralytics' three layouts, KITTI.

    exports.export(dataset, "yolo-obb", Path("outputs/yolo"), ["train", "val"])

labelled     which codes of a sample are exported, and their corners where a format takes exactly four
folder       the folder that an export owns; files that appear whole or not at all
coco, yolo, kitti      a format each: `write(source, splits, out, watch)`, and `about()` for the README
notes        the README that every export carries

Modules are imported when an export starts: the command line reads FORMATS for its help, which comes at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from synthgen.errors import InputError, UsageError

if TYPE_CHECKING:
    from synthgen.dataset.reader import Dataset
    from synthgen.progress import Watch

__all__ = ["FORMATS", "check_format", "chosen", "export"]

FORMATS: Mapping[str, tuple[str, Mapping[str, str]]] = MappingProxyType(
    {
        "coco": ("coco", {}),
        "yolo": ("yolo", {"task": "detect"}),
        "yolo-obb": ("yolo", {"task": "obb"}),
        "yolo-pose": ("yolo", {"task": "pose"}),
        "kitti": ("kitti", {}),
    }
)
"""Every format, by its name on the command line: the module that makes it, and what its functions are told."""


def export(source: Dataset, form: str, out: Path, splits: Sequence[str] = (), watch: Watch | None = None) -> int:
    """Write the data set in one of FORMATS into `out`; return the number of images.

    Memory does not grow with the data set. Running it again after a crash writes the same files again.

    Args:
        source: a data set (`synthgen.dataset.open_dataset`).
        form: a name of FORMATS.
        out: a folder that is empty, absent, or holds the same export.
        splits: names of splits; when empty, all that hold a sample.
        watch: is told how far it has come.

    Raises:
        UsageError: an unknown format or split.
        InputError: `out` holds something else, or a split that is asked for holds no sample.
        DatasetError: a sample is damaged.
        OutputError: no space, no permission.
    """
    from synthgen.dataset import identity_file
    from synthgen.dataset.sidecars import licence
    from synthgen.exports import folder, notes
    from synthgen.progress import Silent

    check_format(form)
    written = chosen(source, splits)
    content = hashlib.sha256(json.dumps(source.manifest, sort_keys=True).encode()).hexdigest()
    folder.claim(out, {"format": form, "splits": list(written), "dataset": source.store.url, "content": content})
    watch = watch or Silent()
    watch.begin(sum(source.identity.splits[name] for name in written), 0)
    name, told = FORMATS[form]
    module = import_module(f"synthgen.exports.{name}")
    images = module.write(source, written, out, watch, **told)
    recipe_text = identity_file.recipe(source.store)
    folder.put(out / licence.FILE, _licence_text(source, recipe_text))
    stated = licence.of(recipe_text).name
    folder.put_last(
        out / "README.md", notes.text(form, module.about(**told), source.store.url, written, stated).encode()
    )
    return images


def check_format(form: str) -> None:
    """Refuse a format that is not there.

    Raises:
        UsageError: it is not in FORMATS.
    """
    if form not in FORMATS:
        raise UsageError(f"--format {form}: write one of {', '.join(FORMATS)}")


def _licence_text(source: Dataset, recipe_text: str) -> bytes:
    """Return the data set's `LICENSE`, which its maker may have replaced."""
    from synthgen.dataset.sidecars import licence
    from synthgen.dataset.stores import Absent

    try:
        return source.store.read(licence.FILE)
    except Absent:
        return licence.text(recipe_text)


def chosen(source: Dataset, splits: Sequence[str]) -> tuple[str, ...]:
    """Return the splits to write: those asked for, else all that hold a sample.

    A split without a sample is never written: its folders would be empty, and trainers stop at an empty folder.

    Raises:
        UsageError: an unknown split.
        InputError: a split that is asked for, or every split, holds no sample.
    """
    unknown = [name for name in splits if name not in source.splits]
    if unknown:
        raise UsageError(f"--split {unknown[0]}: this data set has {', '.join(source.splits)}")
    filled = tuple(name for name, samples in source.splits.items() if samples)
    empty = [name for name in splits if name not in filled]
    if empty or not filled:
        named = f"split {empty[0]} holds" if empty else "it holds"
        raise InputError(
            f"{source.store.place()}: {named} no sample; choose another split (found: {', '.join(filled) or 'none'}), "
            "or generate more shots with -n"
        )
    return tuple(dict.fromkeys(splits)) or filled
