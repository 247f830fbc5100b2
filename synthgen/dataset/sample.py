"""A sample: one camera's view of one shot, and the named bytes that a shard keeps of it (docs/contract.md section 1).

Images and maps are compared by their decoded values and JSON by its canonical text, so that `digest` is the same
whichever PNG encoder was at hand.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from synthgen.errors import InputError
from synthgen.textures import png
from synthgen.world.maps import MAPS

ARRAY_TYPES = {name: MAPS[name].dtype for name in sorted(MAPS)}
"""Maps that a sample may carry besides its image, and their types in `<name>.npy`."""

_CAMERA_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, eq=False, kw_only=True)
class Sample:
    """The image of one camera with its labels, its shot and its maps."""

    key: str
    """`<split>-<8-digit shot index>-<camera>`, see `key`."""
    image: np.ndarray
    """[DN], shape (h, w) or (h, w, 3), uint8."""
    record: Mapping[str, Any]
    """The sample's JSON (docs/contract.md section 6)."""
    shot_json: str
    """Canonical JSON of the shot."""
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Maps by their names in ARRAY_TYPES."""


def key(split: str, index: int, camera: str) -> str:
    """Return the sample's name in the whole data set.

    Raises:
        InputError: the camera's name would not survive as part of a file name.

    >>> key("train", 7, "top")
    'train-00000007-top'
    """
    if not _CAMERA_NAME.fullmatch(camera):
        raise InputError(f"camera {camera!r}: a name has 1 to 64 letters, digits, '_' or '-'; rename it in the recipe")
    return f"{split}-{index:08d}-{camera}"


def encode(sample: Sample) -> dict[str, bytes]:
    """Return the sample's members as {field: bytes}, sorted by field.

    Raises:
        ValueError: an array has an unknown name or another type than its name promises, or the record holds something
            that JSON readers would not all read alike (NaN, None).
    """
    members = {f"{name}.npy": _npy(_stored(name, array)) for name, array in sample.arrays.items()}
    members["json"] = canonical(sample.record)
    members["shot.json"] = sample.shot_json.encode()
    members["png"] = png.encode(sample.image)
    return dict(sorted(members.items()))


def digest(sample: Sample) -> bytes:
    """Return the hash of what the sample says, whatever it was encoded with, 32 bytes."""
    values: dict[str, np.ndarray | bytes] = {
        f"{name}.npy": _stored(name, array) for name, array in sample.arrays.items()
    }
    values |= {"json": canonical(sample.record), "shot.json": sample.shot_json.encode(), "png": sample.image}
    return _digest(sample.key, values)


def digest_of_members(key: str, members: Mapping[str, bytes]) -> bytes:
    """Return what `digest` gives for the sample that these members were encoded from, 32 bytes.

    Raises:
        ValueError: a member does not decode.
    """
    return _digest(key, {name: decoded(name, data) for name, data in members.items()})


def canonical(value: Any) -> bytes:
    """Return `value` as JSON: sorted keys, no blanks, shortest round-trip numbers, floats as floats.

    Raises:
        ValueError: `value` holds NaN, an infinity or None, which Arrow and other readers type differently.
    """
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _digest(key: str, values: Mapping[str, np.ndarray | bytes]) -> bytes:
    total = hashlib.sha256()
    for name in sorted(values):
        for part in (key, name, *_described(values[name])):
            data = part.encode() if isinstance(part, str) else part
            total.update(len(data).to_bytes(8, "little"))
            total.update(data)
    return total.digest()


def _described(value: np.ndarray | bytes) -> Iterator[str | bytes | memoryview]:
    """Yield the type, shape and bytes of a value."""
    if isinstance(value, bytes):
        yield from ("json", value)
    else:
        stored = np.ascontiguousarray(value)
        yield from (stored.dtype.str, str(stored.shape), stored.tobytes())


def _stored(name: str, array: np.ndarray) -> np.ndarray:
    """Return `array` as it is stored: little-endian, C order."""
    if name not in ARRAY_TYPES:
        raise ValueError(f"a sample has no map {name!r}; it may have {', '.join(ARRAY_TYPES)}")
    kind = ARRAY_TYPES[name]
    if array.dtype.newbyteorder("=") != kind.newbyteorder("="):
        raise ValueError(f"map {name!r} is stored as {kind.name}, found {array.dtype.name}")
    return np.ascontiguousarray(array, kind)


def _npy(array: np.ndarray) -> bytes:
    """Return `array` as a file of NumPy format 1.0."""
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version=(1, 0), allow_pickle=False)
    return stream.getvalue()


def decoded(name: str, data: bytes) -> np.ndarray | bytes:
    """Return the value of a member: an array for images and maps, the bytes themselves for JSON.

    Raises:
        ValueError: it does not decode.
    """
    if name.endswith(".npy"):
        return np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    if name == "png":
        from PIL import Image

        return np.asarray(Image.open(io.BytesIO(data)))
    return data


def plain(value: Any, place: str = "") -> Any:
    """Return `value` as dicts, lists and Python scalars.

    Raises:
        ValueError: there is a None in it.
    """
    if value is None:
        raise ValueError(f"record{place} is None: leave no value empty, write an empty text or a number")
    if isinstance(value, Mapping):
        return {str(name): plain(item, f"{place}.{name}") for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, f"{place}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, (np.ndarray, np.generic)):
        return plain(value.tolist(), place)
    return value
