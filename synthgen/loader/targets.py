"""What a model learns from: samples, the codes in them, and batches of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from math import prod
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import get_worker_info

from synthgen.errors import DatasetError

_NUMBERS = ("module_px_min", "incidence_deg", "distance_m", "contrast", "snr", "visible_fraction", "decodability")
_TRUTHS = ("decoded", "decoded_rectified", "truncated")
_TEXTS = ("symbology", "payload", "code_id", "reason")
TENSORS = ("boxes", "boxes_amodal", "quads", "labels", *_NUMBERS, *_TRUTHS)
"""Fields of `Codes` that are tensors."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Codes:
    """Some codes in images (docs/contract.md section 6); n of them, in float32 where nothing else is said."""

    boxes: Tensor
    """What is seen of each: left, top, right, bottom [px], shape (n, 4)."""
    boxes_amodal: Tensor
    """The whole code, hidden or outside the image too, shape (n, 4)."""
    quads: Tensor
    """Corners TL, TR, BR, BL of the symbol as printed [px], shape (n, 4, 2)."""
    labels: Tensor
    """Category ids from 1 in the order of `symbologies.SYMBOLOGIES`, int64, shape (n,)."""
    module_px_min: Tensor
    incidence_deg: Tensor
    distance_m: Tensor
    contrast: Tensor
    snr: Tensor
    visible_fraction: Tensor
    decodability: Tensor
    """Predicted chance of a read."""
    decoded: Tensor
    """Whether a reader read it in the plain crop, bool."""
    decoded_rectified: Tensor
    """Whether it read the crop rectified by the known corners, bool."""
    truncated: Tensor
    """Whether a corner is outside the image, bool."""
    symbology: list[str]
    payload: list[str]
    code_id: list[str]
    """The same in every view of a code."""
    reason: list[str]
    """Why it does not read, or `readable`."""

    def __len__(self) -> int:
        return len(self.labels)

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> Codes:
        """Return the same with its tensors on a device."""
        return replace(self, **_moved(self, device, non_blocking))


@dataclass(frozen=True, eq=False, kw_only=True)
class Sample:
    """One camera's view, decoded."""

    key: str
    image: Tensor | None
    """[DN], uint8, shape (1 or 3, h, w); None where it was not asked for."""
    maps: Mapping[str, Tensor]
    """The maps that were asked for, as stored (docs/contract.md section 7): depth [m] float32 of shape (h, w) ..."""
    codes: Codes
    record: Mapping[str, Any]
    """The sample's JSON whole."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Batch:
    """Some samples together, the codes of all images in one table."""

    keys: list[str]
    image: Tensor | list[Tensor] | None
    """[DN], uint8, shape (b, 1 or 3, h, w); a list of (c, h, w) where sizes differ."""
    maps: Mapping[str, Tensor | list[Tensor]]
    """As in Sample, stacked the same way."""
    codes: Codes
    sample_of_code: Tensor
    """Which sample of the batch each code is in, int64, shape (n,)."""
    records: list[Mapping[str, Any]] = field(default_factory=list)
    """The samples' JSON, where `fields` has `record`."""

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def images(self) -> list[Tensor]:
        """Return the images one by one, whatever their sizes."""
        return [] if self.image is None else list(self.image)

    @cached_property
    def targets(self) -> list[Codes]:
        """Return the codes of each sample."""
        counts = torch.bincount(self.sample_of_code, minlength=len(self)).tolist()
        columns = {f.name: _split(getattr(self.codes, f.name), counts) for f in fields(Codes)}
        return [Codes(**{name: parts[i] for name, parts in columns.items()}) for i in range(len(self))]

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> Batch:
        """Return the same with its tensors on a device."""
        moved = _moved(self, device, non_blocking)
        maps = {name: _on(value, device, non_blocking) for name, value in self.maps.items()}
        return replace(self, **moved, maps=maps, codes=self.codes.to(device, non_blocking=non_blocking))


class Packed(NamedTuple):
    """A batch on its way between processes: few and large pieces, for each tensor costs a file handle."""

    keys: list[str]
    image: Tensor | list[Tensor] | None
    maps: dict[str, Tensor | list[Tensor]]
    numbers: np.ndarray
    """Every number of each code, float64, shape (n, columns)."""
    texts: list[tuple[str, ...]]
    counts: list[int]
    """Codes of each sample."""
    records: list[Mapping[str, Any]]


class Decoded(NamedTuple):
    """A sample as arrays, perhaps views of the bytes that were read, with its JSON as it was written."""

    key: str
    image: np.ndarray | None
    maps: dict[str, np.ndarray]
    record: Mapping[str, Any]


def pack(decoded: Sequence[Decoded], with_records: bool) -> Packed:
    """Return samples as one batch, made where they were decoded.

    Raises:
        DatasetError: an annotation lacks something.
    """
    found = [(one.key, code) for one in decoded for code in one.record["annotations"]]
    numbers = [_numbers(key, code) for key, code in found]
    images = [one.image for one in decoded if one.image is not None]
    return Packed(
        keys=[one.key for one in decoded],
        image=_joined(images) if images else None,
        maps={name: _joined([one.maps[name] for one in decoded]) for name in decoded[0].maps},
        numbers=np.array(numbers, np.float64).reshape(len(found), _COLUMNS),
        texts=[tuple(code[name] for name in _TEXTS) for _, code in found],
        counts=[len(one.record["annotations"]) for one in decoded],
        records=[one.record for one in decoded] if with_records else [],
    )


def unpack(packed: Packed) -> Batch:
    """Return the batch that was packed."""
    samples = np.repeat(np.arange(len(packed.counts)), packed.counts)
    return Batch(
        keys=packed.keys,
        image=packed.image,
        maps=packed.maps,
        codes=codes(packed.numbers, packed.texts),
        sample_of_code=torch.from_numpy(samples),
        records=packed.records,
    )


def sample(one: Decoded) -> Sample:
    """Return a sample by itself."""
    packed = pack([one._replace(image=None, maps={})], with_records=False)
    image = None if one.image is None else torch.from_numpy(np.array(one.image))
    maps = {name: torch.from_numpy(np.array(values)) for name, values in one.maps.items()}
    found = codes(packed.numbers, packed.texts)
    return Sample(key=one.key, image=image, maps=maps, codes=found, record=one.record)


def codes(numbers: np.ndarray, texts: Sequence[tuple[str, ...]]) -> Codes:
    """Return codes from the columns that `pack` made."""
    if not len(numbers):
        numbers = np.zeros((0, _COLUMNS))
    values = torch.from_numpy(numbers.astype(np.float32))
    quads, boxes, amodal, rest = values[:, 1:9], values[:, 9:13], values[:, 13:17], values[:, 17:]
    truths = rest[:, len(_NUMBERS) :] > 0
    columns = dict(zip(_NUMBERS, rest.unbind(1), strict=False))
    columns |= dict(zip(_TRUTHS, truths.unbind(1), strict=True))
    words = dict(zip(_TEXTS, map(list, zip(*texts, strict=True)), strict=True)) if texts else {t: [] for t in _TEXTS}
    return Codes(
        boxes=_corners(boxes),
        boxes_amodal=_corners(amodal),
        quads=quads.reshape(-1, 4, 2),
        labels=values[:, 0].long(),
        **columns,
        **words,
    )


_COLUMNS = 17 + len(_NUMBERS) + len(_TRUTHS)


def _numbers(key: str, code: Mapping[str, Any]) -> list[float]:
    try:
        return [
            code["category_id"],
            *(value for corner in code["quad_px"] for value in corner),
            *code["bbox"],
            *code["bbox_amodal"],
            *(code[name] for name in _NUMBERS),
            *(code[name] for name in _TRUTHS),
        ]
    except KeyError as error:
        raise DatasetError(f"{key}: an annotation has no {error}; generate it again with this synthgen") from None


def _corners(boxes: Tensor) -> Tensor:
    """Return left, top, right, bottom from left, top, width, height."""
    return torch.cat([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], dim=1)


def _joined(parts: list[np.ndarray]) -> Tensor | list[Tensor]:
    """Return arrays stacked, or as they are where their shapes differ; in a worker, in shared memory."""
    if len({part.shape for part in parts}) != 1:
        return [_joined([part])[0] for part in parts]
    shape, kind = (len(parts), *parts[0].shape), torch.from_numpy(np.empty(0, parts[0].dtype)).dtype
    if get_worker_info() is None:
        stacked = torch.empty(shape, dtype=kind)
    else:  # as torch's own collate does, or it would be copied once more
        memory = torch.UntypedStorage._new_shared(prod(shape) * parts[0].itemsize)
        stacked = torch.empty(0, dtype=kind).set_(memory).reshape(shape)
    np.stack(parts, out=stacked.numpy())  # torch.stack would start threads
    return stacked


def _split(column: Tensor | list[str], counts: list[int]) -> Sequence[Any]:
    if isinstance(column, Tensor):
        return column.split(counts)
    ends = np.cumsum(counts).tolist()
    return [column[end - count : end] for end, count in zip(ends, counts, strict=True)]


def _moved(value: Codes | Batch, device: torch.device | str, non_blocking: bool) -> dict[str, Any]:
    own = {f.name: getattr(value, f.name) for f in fields(value)}
    return {
        name: _on(item, device, non_blocking)
        for name, item in own.items()
        if isinstance(item, Tensor) or (isinstance(item, list) and item and isinstance(item[0], Tensor))
    }


def _on(value: Tensor | list[Tensor], device: torch.device | str, non_blocking: bool) -> Tensor | list[Tensor]:
    if isinstance(value, Tensor):
        return value.to(device, non_blocking=non_blocking)
    return [part.to(device, non_blocking=non_blocking) for part in value]
