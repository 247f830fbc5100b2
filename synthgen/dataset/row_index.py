"""The rows of a shard: where each sample lies in the tar, the hash of its bytes, and its JSON.

A worker writes them beside the shard, one gzipped file of JSON lines, so that exports, tables, reports and loaders
open a tar for pixels alone. They follow from the tar alone and can be made again from it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

from synthgen.dataset import remedies
from synthgen.dataset.stores import Absent, Store
from synthgen.errors import DatasetError

FOLDER = ".index"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One sample of a shard."""

    key: str
    offset: int
    """Of the sample's first tar header [B]."""
    bytes: int
    """From there to the next sample or the end of the last member's padding."""
    sha256: str
    """Hash of these bytes, headers included."""
    members: tuple[tuple[str, int, int], ...]
    """(field, offset of its data in the tar, size) [B], in the tar's order."""
    record: Mapping[str, Any] = field(default_factory=dict)
    """The sample's JSON (docs/contract.md section 6)."""

    @property
    def shot_index(self) -> int:
        """Return the index of the shot that the sample shows."""
        return int(self.record["shot_index"])

    def cut(self, data: bytes, place: str) -> dict[str, bytes]:
        """Return {field: bytes} from the sample's bytes.

        Raises:
            DatasetError: they are not what was written.
        """
        if len(data) < self.bytes:
            raise DatasetError(remedies.remake(place, f"cut off before the end of sample {self.key}"))
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise DatasetError(remedies.remake(place, f"sample {self.key} is damaged"))
        start = self.offset
        return {name: data[at - start : at - start + size] for name, at, size in self.members}


class Indexed(Protocol):
    """What is known of a shard whose rows are asked for."""

    @property
    def name(self) -> str:
        """Return the shard's name."""
        ...

    @property
    def index_sha256(self) -> str:
        """Return the hash of its rows as text."""
        ...


def name_of(shard_name: str) -> str:
    """Return the name of the file of rows of a shard.

    >>> name_of("train/train-000007.tar")
    '.index/train-000007.jsonl.gz'
    """
    return f"{FOLDER}/{shard_name.rpartition('/')[2].removesuffix('.tar')}.jsonl.gz"


def text(rows: Iterable[Row]) -> bytes:
    """Return rows as JSON lines; their hash is the receipt's `index_sha256`."""
    return b"".join(_line(row) for row in rows)


def packed(lines: bytes) -> bytes:
    """Return the lines as they are stored."""
    return gzip.compress(lines, 1, mtime=0)


def rows(store: Store, shard: Indexed) -> Iterator[Row]:
    """Yield the rows of a shard, known by its receipt or its entry in the manifest; errors as in `lines`."""
    yield from map(row, lines(store, shard))


def lines(store: Store, shard: Indexed) -> list[bytes]:
    """Return the rows of a shard as text in the tar's order, for callers that need only some of them (`row`).

    Raises:
        DatasetError: they are missing or damaged.
    """
    return unpacked(store, shard, stored(store, shard))


def stored(store: Store, shard: Indexed) -> bytes:
    """Return the bytes of the file of rows of a shard.

    Raises:
        Absent: there is none.
    """
    name = name_of(shard.name)
    try:
        return store.read(name)
    except Absent as error:
        raise Absent(remedies.derive(store.place(name), "missing", store.url)) from error


def unpacked(store: Store, shard: Indexed, data: bytes) -> list[bytes]:
    """Return the lines in the bytes of a shard's file of rows.

    Raises:
        DatasetError: they are damaged.
    """
    try:
        found = gzip.decompress(data)
        if hashlib.sha256(found).hexdigest() != shard.index_sha256:
            raise ValueError("its hash is not the one that was written down")
    except (OSError, EOFError, ValueError, zlib.error) as damage:  # BadGzipFile is an OSError
        place = store.place(name_of(shard.name))
        raise DatasetError(remedies.derive(place, f"damaged ({damage})", store.url)) from damage
    return found.splitlines()


def row(line: bytes) -> Row:
    """Return the row that a line writes."""
    data = json.loads(line)
    return Row(**{**data, "members": tuple(tuple(member) for member in data["members"])})


def of_tar(file: BinaryIO, place: str) -> Iterator[Row]:
    """Yield the rows of a tar, read from its start.

    Raises:
        DatasetError: it is cut off or no tar, or a sample has no JSON.
    """
    try:
        with tarfile.open(fileobj=file, mode="r:") as tar:
            infos = tar.getmembers()
        groups: dict[str, list[tarfile.TarInfo]] = {}
        for info in infos:
            groups.setdefault(info.name.partition(".")[0], []).append(info)
        for key, members in groups.items():
            yield _measured(file, key, members)
    except (OSError, tarfile.TarError, ValueError) as damage:
        raise DatasetError(remedies.remake(place, str(damage))) from damage


def _measured(file: BinaryIO, key: str, members: list[tarfile.TarInfo]) -> Row:
    start, last = members[0].offset, members[-1]
    size = last.offset_data + -(-last.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE - start
    file.seek(start)
    data = file.read(size)
    places = tuple((info.name.partition(".")[2], info.offset_data, info.size) for info in members)
    at = {name: (offset - start, length) for name, offset, length in places}
    begin, length = at.get("json", (0, 0))
    record = json.loads(data[begin : begin + length])
    digest = hashlib.sha256(data).hexdigest()
    return Row(key=key, offset=start, bytes=size, sha256=digest, members=places, record=record)


def _line(row: Row) -> bytes:
    return json.dumps(vars(row), separators=(",", ":"), sort_keys=True, allow_nan=False).encode() + b"\n"
