"""A shard: some shots of one split as one deterministic tar file, with a receipt that proves it whole.

A shard exists when its receipt does and its bytes have the receipt's hash; anything else is made again. A cut at a
member's boundary leaves a tar that readers take without a word, so no tar is trusted for being readable.

References:
    POSIX.1-1988 ustar, as Python's tarfile writes it. WebDataset: a key is a member's name up to its first dot, the
    members of a sample are adjacent.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from synthgen import outputs, samples, tally
from synthgen.errors import DatasetError

_BLOCK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Shard:
    """The unit of work: consecutive shots of one split."""

    number: int
    """Place among all shards of the data set, over all splits."""
    split: str
    place: int
    """Place among the shards of its split."""
    first: int
    """First shot index."""
    shots: int

    @property
    def name(self) -> str:
        """Return the file's path below the data set's folder."""
        return f"{self.split}/{self.split}-{self.place:06d}.tar"

    @property
    def indices(self) -> range:
        """Return the shot indices."""
        return range(self.first, self.first + self.shots)


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What a whole shard is known by."""

    name: str
    bytes: int
    sha256: str
    content_sha256: str
    """Hash of the decoded values; the same whatever PNG encoder was at hand."""
    shots: int
    samples: int
    keys: tuple[str, ...]
    failed: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    """Shots that no draw could build: {index: {cause: times}}."""
    identity: str = ""
    """Hash of the data set's identity."""
    codes: tally.Tally = field(default_factory=tally.Tally)
    """What became of the codes in it, so that a resumed run counts what it kept."""
    worst_ratio: float = 0.0
    """Largest level over eye-safety limit of its samples' hazard maps; 0 where they were not made."""
    worst_key: str = ""
    """The sample that has it."""


def counts(shots: int, splits: Mapping[str, float], per_shard: int, exact: bool = False) -> dict[str, int]:
    """Return the number of shots of each split, in the order of `splits`.

    The total is rounded up to whole shards, which the largest remainders share out; every split gets a shard as soon
    as there is one for each. With `exact` the total is `shots` and a split's last shard may be short.

    >>> counts(32, {"train": 0.75, "val": 0.25}, 8)
    {'train': 24, 'val': 8}
    >>> counts(100, {"train": 0.75, "val": 0.25}, 8)
    {'train': 80, 'val': 24}
    >>> counts(10, {"train": 0.75, "val": 0.25}, 8, exact=True)
    {'train': 8, 'val': 2}
    """
    unit = 1 if exact else per_shard
    return {split: units * unit for split, units in _apportioned(-(-shots // unit), splits).items()}


def layout(split_shots: Mapping[str, int], per_shard: int) -> tuple[Shard, ...]:
    """Return every shard of a data set with this many shots in each split, splits by name; only a last one is short.

    >>> [(s.number, s.name, s.first, s.shots) for s in layout({"train": 10, "val": 4}, 8)]
    [(0, 'train/train-000000.tar', 0, 8), (1, 'train/train-000001.tar', 8, 2), (2, 'val/val-000000.tar', 0, 4)]
    """
    pieces = [
        (split, place, first, min(per_shard, shots - first))
        for split, shots in sorted(split_shots.items())
        for place, first in enumerate(range(0, shots, per_shard))
    ]
    return tuple(
        Shard(number=number, split=split, place=place, first=first, shots=shots)
        for number, (split, place, first, shots) in enumerate(pieces)
    )


def write(file: io.BufferedIOBase, content: Iterable[samples.Sample], name: str) -> Receipt:
    """Write the samples as a tar into `file`, opened for writing at its start, and return its receipt (no shots yet).

    Raises:
        OutputError: the file cannot take it.
        ValueError: a sample cannot be encoded, or two have one key.
    """
    hashed, keys, digests, codes = _Hashed(file), [], hashlib.sha256(), []
    worst = (0.0, "")
    tar = tarfile.open(fileobj=hashed, mode="w", format=tarfile.USTAR_FORMAT)  # type: ignore[call-overload] # noqa: SIM115
    for sample in content:
        if sample.key in keys:
            raise ValueError(f"two samples have the key {sample.key!r}")
        keys.append(sample.key)
        digests.update(samples.digest(sample))
        codes.append(tally.of(sample.record.get("annotations", ())))
        ratio = float(sample.record.get("safety", {}).get("max_ratio", 0.0))
        worst = max(worst, (ratio, sample.key), key=lambda each: each[0])
        members = samples.encode(sample)
        with outputs.explained(Path(name)):
            for field_name, data in members.items():
                tar.addfile(_member(f"{sample.key}.{field_name}", len(data)), io.BytesIO(data))
    with outputs.explained(Path(name)):
        tar.close()
    return Receipt(
        name=name,
        bytes=hashed.count,
        sha256=hashed.sha256.hexdigest(),
        content_sha256=digests.hexdigest(),
        shots=0,
        samples=len(keys),
        keys=tuple(keys),
        codes=tally.total(codes),
        worst_ratio=worst[0],
        worst_key=worst[1],
    )


def read(path: Path) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Yield (key, {field: bytes}) of each sample of a shard.

    Raises:
        DatasetError: the file is missing, cut off or no tar.
    """
    key, members = "", {}
    try:
        with tarfile.open(path, "r:") as tar:
            for info in tar:
                here, _, field_name = info.name.partition(".")
                if here != key and members:
                    yield key, members
                    members = {}
                key, source = here, tar.extractfile(info)
                members[field_name] = source.read() if source else b""
    except (OSError, tarfile.TarError) as damage:
        raise DatasetError(f"{path}: {damage}; run the same `synthgen generate` again to remake it") from damage
    if members:
        yield key, members


def content_sha256(path: Path) -> str:
    """Return the content hash of a shard from its decoded members; equals the receipt's.

    Raises:
        DatasetError: the file is missing, cut off or no tar.
    """
    digests = hashlib.sha256()
    for key, members in read(path):
        digests.update(samples.digest_of_members(key, members))
    return digests.hexdigest()


def store_receipt(out: Path, receipt: Receipt) -> None:
    """Write the receipt of a shard that is in place already.

    Raises:
        OutputError: no space, no permission.
    """
    outputs.write(_receipt_path(out, receipt.name), outputs.document(asdict(receipt)))


def trusted(out: Path, shard: Shard, identity: str) -> Receipt | None:
    """Return the receipt of a shard that is here and whole; None when it must be made again.

    Raises:
        OutputError: the shard is there but may not be read.
    """
    receipt = _read_receipt(out, shard)
    path = out / shard.name
    if receipt is None or receipt.identity != identity or not path.is_file():
        return None
    with outputs.explained(path):
        if os.path.getsize(path) != receipt.bytes or file_sha256(path) != receipt.sha256:
            return None
    return receipt


def discard(out: Path, shard: Shard) -> None:
    """Remove a shard that is not trusted, its receipt first, so that nothing half-true is left while it is remade.

    Raises:
        OutputError: no permission.
    """
    for path in (_receipt_path(out, shard.name), out / shard.name):
        with outputs.explained(path):
            path.unlink(missing_ok=True)


def file_sha256(path: Path) -> str:
    """Return the hash of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Hashed:
    """A file that counts and hashes what is written to it."""

    def __init__(self, file: io.BufferedIOBase) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()
        self.count = 0

    def write(self, data: bytes) -> int:
        self._file.write(data)
        self.sha256.update(data)
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


def _apportioned(units: int, splits: Mapping[str, float]) -> dict[str, int]:
    """Return `units` shared out in proportion, by largest remainder; ties go to the split named first."""
    total = sum(splits.values())
    quotas = {split: units * share / total for split, share in splits.items()}
    floor = 1 if units >= len(splits) else 0
    given = {split: max(floor, int(quota + 1e-9)) for split, quota in quotas.items()}
    while sum(given.values()) < units:
        given[max(quotas, key=lambda split: quotas[split] - given[split])] += 1
    while sum(given.values()) > units:  # the floor of one gave too many
        given[min((s for s in quotas if given[s] > floor), key=lambda split: quotas[split] - given[split])] -= 1
    return given


def _receipt_path(out: Path, name: str) -> Path:
    return out / outputs.RECEIPTS / f"{Path(name).stem}.json"


def _read_receipt(out: Path, shard: Shard) -> Receipt | None:
    try:
        data = json.loads(_receipt_path(out, shard.name).read_bytes())
        failed = {int(index): dict(causes) for index, causes in data.pop("failed").items()}
        codes = tally.Tally(**data.pop("codes"))
        receipt = Receipt(**{**data, "keys": tuple(data["keys"])}, failed=failed, codes=codes)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):  # none, or damaged: the shard is made again
        return None
    return receipt if receipt.name == shard.name and receipt.shots == shard.shots else None
