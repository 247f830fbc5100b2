"""Decode a stored sample, or one just rendered, into arrays; both give the same."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from synthgen.dataset import sample as samples
from synthgen.dataset.reader import Members
from synthgen.dataset.row_index import Row
from synthgen.errors import InputError
from synthgen.loader.catalog import lacking
from synthgen.loader.targets import Decoded

FIELDS = ("image", "record", *samples.ARRAY_TYPES)
"""Fields that a caller may choose; targets are always decoded."""


def checked(fields: Sequence[str]) -> tuple[str, ...]:
    """Return the fields, each known.

    Raises:
        InputError: there is no such field.
    """
    unknown = [name for name in fields if name not in FIELDS]
    if isinstance(fields, str) or unknown:
        raise InputError(f"fields {fields!r}: give some of {', '.join(FIELDS)}, as a tuple")
    return tuple(fields)


def decoded(row: Row, members: Members, fields: Sequence[str]) -> Decoded:
    """Return a sample of a shard.

    Raises:
        DatasetError: it lacks a field.
        ValueError, OSError: a member is not what its name says.
    """
    maps = {name: _array(members, row.key, name) for name in fields if name in samples.ARRAY_TYPES}
    image = _image(members["png"]) if "image" in fields else None
    return Decoded(row.key, image, maps, row.record)


def rendered(sample: samples.Sample, fields: Sequence[str]) -> Decoded:
    """Return what `decoded` gives once the sample is stored and read again.

    Raises:
        DatasetError: it lacks a field.
    """
    lacked = [name for name in fields if name in samples.ARRAY_TYPES and name not in sample.arrays]
    if lacked:
        raise lacking({"png": 0, **sample.arrays}, sample.key, lacked[0])
    kinds = samples.ARRAY_TYPES
    maps = {name: np.ascontiguousarray(sample.arrays[name], kinds[name]) for name in fields if name in kinds}
    image = _channels_first(sample.image) if "image" in fields else None
    return Decoded(sample.key, image, maps, json.loads(samples.canonical(sample.record)))


def _array(members: Mapping[str, bytes], key: str, name: str) -> np.ndarray:
    """Return a map; a view of the bytes that were read where they are in C order, as ours are."""
    data = members.get(f"{name}.npy")
    if data is None:
        raise lacking(members, key, name)
    size = int.from_bytes(data[8:10], "little") + 10
    shape, fortran, kind = _npy_header(bytes(data[:size]))
    if fortran or kind.hasobject:
        raise ValueError(f"{name}.npy is not in C order")
    return np.frombuffer(data, kind, offset=size).reshape(shape)


@lru_cache(maxsize=64)
def _npy_header(data: bytes) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Return shape, order and type as a file of NumPy format 1.0 begins; the same for every map of a camera."""
    stream = io.BytesIO(data)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("no .npy file of format 1.0")
    return np.lib.format.read_array_header_1_0(stream)


def _image(data: bytes) -> np.ndarray:
    from PIL import Image

    return _channels_first(np.asarray(Image.open(io.BytesIO(data))))


def _channels_first(image: np.ndarray) -> np.ndarray:
    return image[None] if image.ndim == 2 else image.transpose(2, 0, 1)
