"""Which samples of a split a filter keeps: those with a code that passes, found without opening a tar."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from synthgen.dataset import sample
from synthgen.dataset.reader import Dataset
from synthgen.dataset.stores import Store
from synthgen.errors import DatasetError
from synthgen.loader.filters import parse

if TYPE_CHECKING:
    import pyarrow as pa

CODES = "codes.parquet"
_PLACE = ("shot_index", "camera")


@dataclass(frozen=True, eq=False, kw_only=True)
class Choice:
    """The samples that are kept, in order: 12 bytes each, however many there are."""

    split: str
    cameras: tuple[str, ...]
    shot: np.ndarray
    """Shot index of each kept sample, int64, ascending."""
    camera: np.ndarray
    """Its camera's place in `cameras`, int32."""
    starts: np.ndarray
    """First kept sample of each shard and, last, their number, int64."""

    @property
    def counts(self) -> np.ndarray:
        """Return how many samples of each shard are kept, int64."""
        return np.diff(self.starts)

    def keys(self, shard: int) -> set[str]:
        """Return the keys of the samples that are kept of a shard."""
        own = slice(self.starts[shard], self.starts[shard + 1])
        pairs = zip(self.shot[own].tolist(), self.camera[own].tolist(), strict=True)
        return {sample.key(self.split, shot, self.cameras[camera]) for shot, camera in pairs}


def chosen(found: Dataset, split: str, text: str) -> Choice:
    """Return what a filter keeps of a split.

    With `codes.parquet` this reads the named columns of it; without, the rows of every shard.

    Raises:
        InputError: the filter is wrong.
        DatasetError: the table or the rows are damaged.
    """
    passing = _from_rows if found.store.size(CODES) is None else _from_table
    return _placed(found, split, passing(found, split, text))


def _from_table(found: Dataset, split: str, text: str) -> Iterator[pa.RecordBatch]:
    """Yield shot_index and camera of the codes that pass."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.dataset as arrow

    size = found.store.size(CODES) or 0
    options = arrow.ParquetFragmentScanOptions(page_checksum_verification=True)
    form = arrow.ParquetFileFormat(default_fragment_scan_options=options)
    try:
        with io.BufferedReader(_Ranges(found.store, CODES, size), 1 << 16) as file:
            fragment = form.make_fragment(pa.PythonFile(file, mode="r"))
            schema = fragment.physical_schema
            wanted = (pc.field("split") == split) & parse(text, schema)
            yield from fragment.scanner(columns=list(_PLACE), filter=wanted, schema=schema).to_batches()
    except (pa.ArrowException, OSError) as damage:
        reason = str(damage).splitlines()[0]
        remedy = f"run `synthgen finalize {found.store.url}`"
        raise DatasetError(f"{found.store.place(CODES)}: damaged ({reason}); {remedy}") from damage


def _from_rows(found: Dataset, split: str, text: str) -> Iterator[pa.RecordBatch]:
    """Yield shot_index and camera of the codes that pass."""
    import pyarrow as pa

    codes: list[dict] = []
    for row in found.rows(split):
        place = {"key": row.key, "shot_index": row.shot_index, "camera": row.key.split("-", 2)[2]}
        codes += [{**code, **place} for code in row.record.get("annotations", ())]
    if codes:
        table = pa.Table.from_pylist(codes)
        yield from table.filter(parse(text, table.schema)).select(_PLACE).to_batches()


def _placed(found: Dataset, split: str, passing: Iterator[pa.RecordBatch]) -> Choice:
    """Return the samples of codes that pass, each once, in the order of the shards."""
    cameras: dict[str, int] = {}
    pairs = [np.zeros((2, 0), np.int64)]
    for batch in passing:
        names = batch.column("camera").dictionary_encode()
        numbers = [cameras.setdefault(name, len(cameras)) for name in names.dictionary.to_pylist()]
        camera = np.array(numbers, np.int64)[names.indices.to_numpy()]
        pairs.append(np.unique(np.stack([batch.column("shot_index").to_numpy(), camera]), axis=1))
    shot, camera = np.unique(np.concatenate(pairs, axis=1), axis=1)
    shards = found.identity.shards.count(split)
    starts = np.searchsorted(shot, np.arange(shards + 1) * found.identity.samples_per_shard)
    return Choice(split=split, cameras=tuple(cameras), shot=shot, camera=camera.astype(np.int32), starts=starts)


class _Ranges(io.RawIOBase):
    """An object of a store as a file to seek in; each read is a request for just those bytes."""

    def __init__(self, store: Store, name: str, size: int) -> None:
        self._store, self._name, self._size, self._at = store, name, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer) -> int:
        wanted = min(len(buffer), self._size - self._at)
        data = self._store.read_range(self._name, self._at, wanted) if wanted > 0 else b""
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
