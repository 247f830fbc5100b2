"""A shard: some shots of one split as one deterministic tar file.

References:
    POSIX.1-1988 ustar, as Python's tarfile writes it. WebDataset: a key is a member's name up to its first dot, the
    members of a sample are adjacent.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from synthgen import atomic_files
from synthgen.dataset import code_counts, remedies, row_index
from synthgen.dataset import sample as samples
from synthgen.dataset.receipts import Receipt
from synthgen.dataset.row_index import Row
from synthgen.dataset.stores import Absent, Store
from synthgen.errors import DatasetError


def write(file: BinaryIO, content: Iterable[samples.Sample], name: str) -> tuple[Receipt, list[Row]]:
    """Write the samples as a tar into `file`, opened for writing at its start; return its receipt and rows.

    The receipt does not know the shots and the data set yet.

    Raises:
        OutputError: the file cannot take it.
        ValueError: a sample cannot be encoded, or two have one key.
    """
    hashed, rows, digests, codes = _Hashed(file), [], hashlib.sha256(), []
    keys: set[str] = set()
    worst = (0.0, "")
    tar = tarfile.open(fileobj=hashed, mode="w", format=tarfile.USTAR_FORMAT)  # type: ignore[call-overload] # noqa: SIM115
    for sample in content:
        if sample.key in keys:
            raise ValueError(f"two samples have the key {sample.key!r}")
        keys.add(sample.key)
        digests.update(samples.digest(sample))
        codes.append(code_counts.of(sample.record.get("annotations", ())))
        ratio = float(sample.record.get("safety", {}).get("max_ratio", 0.0))
        worst = max(worst, (ratio, sample.key), key=lambda each: each[0])
        with atomic_files.explained(Path(name)):
            rows.append(_add(tar, hashed, sample))
    with atomic_files.explained(Path(name)):
        tar.close()
    receipt = Receipt(
        name=name,
        bytes=hashed.count,
        sha256=hashed.sha256.hexdigest(),
        content_sha256=digests.hexdigest(),
        index_sha256=hashlib.sha256(row_index.text(rows)).hexdigest(),
        samples=len(rows),
        first_key=rows[0].key if rows else "",
        last_key=rows[-1].key if rows else "",
        codes=code_counts.total(codes),
        worst_ratio=worst[0],
        worst_key=worst[1],
    )
    return receipt, rows


def opened(store: Store, name: str) -> BinaryIO:
    """Return a shard as a stream that is read from its start.

    Raises:
        Absent: there is no such shard; the message says how to make it again.
    """
    try:
        return store.open(name)
    except Absent as error:
        raise _missing(store, name) from error


def part(store: Store, name: str, start: int, size: int) -> bytes:
    """Return `size` bytes of a shard from `start` on; fewer where it is cut off.

    Raises:
        Absent: there is no such shard; the message says how to make it again.
    """
    try:
        return store.read_range(name, start, size)
    except Absent as error:
        raise _missing(store, name) from error


def members(store: Store, name: str, row: Row) -> dict[str, bytes]:
    """Return a sample of a shard as {field: bytes}, checked against the hash in its row.

    Raises:
        DatasetError: the shard is missing, cut off or damaged there.
    """
    return row.cut(part(store, name, row.offset, row.bytes), store.place(name))


def read(file: BinaryIO, place: str) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Yield (key, {field: bytes}) of each sample of a tar, read from its start.

    Raises:
        DatasetError: it is cut off or no tar.
    """
    key, members = "", {}
    try:
        with tarfile.open(fileobj=file, mode="r|") as tar:
            for info in tar:
                here, _, field_name = info.name.partition(".")
                if here != key and members:
                    yield key, members
                    members = {}
                key, source = here, tar.extractfile(info)
                members[field_name] = source.read() if source else b""
    except (OSError, tarfile.TarError) as damage:
        raise DatasetError(remedies.remake(place, str(damage))) from damage
    if members:
        yield key, members


def content_sha256(file: BinaryIO, place: str) -> str:
    """Return the content hash of a shard from its decoded members; equals the receipt's.

    Raises:
        DatasetError: the file is cut off or no tar.
    """
    digests = hashlib.sha256()
    for key, members in read(file, place):
        digests.update(samples.digest_of_members(key, members))
    return digests.hexdigest()


def _missing(store: Store, name: str) -> Absent:
    return Absent(remedies.remake(store.place(name), "missing"))


def _add(tar: tarfile.TarFile, hashed: _Hashed, sample: samples.Sample) -> Row:
    """Append a sample to the tar and return its row."""
    start, places = hashed.begin(), []
    for field_name, data in samples.encode(sample).items():
        places.append((field_name, hashed.count + tarfile.BLOCKSIZE, len(data)))
        tar.addfile(_member(f"{sample.key}.{field_name}", len(data)), io.BytesIO(data))
    return Row(
        key=sample.key,
        offset=start,
        bytes=hashed.count - start,
        sha256=hashed.part.hexdigest(),
        members=tuple(places),
        record=samples.plain(sample.record),
    )


class _Hashed:
    """A file that counts and hashes what is written to it, as a whole and since the last `begin`."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sha256, self.part = hashlib.sha256(), hashlib.sha256()
        self.count = 0

    def begin(self) -> int:
        """Start a new part; return where it begins."""
        self.part = hashlib.sha256()
        return self.count

    def write(self, data: bytes) -> int:
        self._file.write(data)
        self.sha256.update(data)
        self.part.update(data)
        self.count += len(data)
        return len(data)

    def tell(self) -> int:
        return self.count


def _member(name: str, size: int) -> tarfile.TarInfo:
    """Return a header that says nothing about where, when and by whom the file was made."""
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o444, 0
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info
