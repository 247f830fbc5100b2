"""What a data set follows from (its identity) and what it consists of (its manifest, written last).

The manifest holds nothing that depends on host, time, workers or order, so its hash tells two runs apart exactly when
their data differ; `run.json` has the rest (contract section 9).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from synthgen import __version__, outputs, shards, share
from synthgen.errors import DatasetError, InputError, PartialError

FILE = "manifest.json"
_VERSION = 1
_SHELVES = ("randomizers", "usd_schemas", "recipes")  # a recipe is known by its own hash


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Everything a data set follows from; two folders with one identity hold the same bytes."""

    recipe_sha256: str
    """Hash of the resolved recipe."""
    seed: int
    splits: Mapping[str, int]
    """Shots of each split."""
    samples_per_shard: int
    """Shots of a full shard."""
    code_version: str
    version: int = _VERSION

    @property
    def sha256(self) -> str:
        """Return the hash that ties receipts to this data set."""
        return hashlib.sha256(outputs.document(asdict(self))).hexdigest()

    @property
    def shards(self) -> tuple[shards.Shard, ...]:
        """Return all shards in order."""
        return shards.layout(self.splits, self.samples_per_shard)

    @staticmethod
    def of(out: Path) -> Identity:
        """Return the identity of the data set in a folder.

        Raises:
            DatasetError: there is none, or another version of synthgen wrote it.
        """
        data = outputs.read_identity(out)
        if data is None:
            raise DatasetError(f"{out}: no synthgen data set here; give the folder that `synthgen generate -o` wrote")
        if data.get("version") != _VERSION or set(data) != {f.name for f in fields(Identity)}:
            raise DatasetError(f"{out}: written by another synthgen ({data.get('code_version')}); use that one")
        return Identity(**{**data, "splits": dict(data["splits"])})


@cache
def code_version() -> str:
    """Return the version and a hash of the code and schemas that samples follow from."""
    total = hashlib.sha256()
    package = Path(__file__).parent
    for shelf in (package, *map(share.path, _SHELVES[:2])):
        for path in sorted(path for path in shelf.rglob("*") if path.is_file()):
            inside = path.relative_to(shelf)
            if "__pycache__" in inside.parts or (shelf == package and inside.parts[0] in _SHELVES):
                continue  # a wheel has the shelves inside the package; they come in their own turn
            total.update(f"{shelf.name}/{inside.as_posix()}".encode() + b"\0")
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return f"{__version__}+{total.hexdigest()[:12]}"


def build(identity: Identity, receipts: Sequence[shards.Receipt]) -> bytes:
    """Return the manifest of a complete data set as canonical bytes."""
    contents = hashlib.sha256("".join(receipt.content_sha256 for receipt in receipts).encode())
    return outputs.document(
        {
            **asdict(identity),
            "content_sha256": contents.hexdigest(),
            "counts": _counts(receipts),
            "eye_safety": _worst(receipts),
            "shards": [_entry(receipt) for receipt in receipts],
            "split_counts": {split: _counts(_of_split(receipts, split)) for split in identity.splits},
        }
    )


def finalize(out: Path, on_shard: Callable[[shards.Receipt], None] = lambda receipt: None) -> str:
    """Verify every shard of the data set in `out`, write its manifest and return the manifest's hash.

    Indexes of other loaders have their place here, before the manifest.

    Raises:
        DatasetError: there is no data set in `out`.
        PartialError: shards are missing or damaged; the message names them.
        OutputError: the manifest cannot be written.
    """
    identity = Identity.of(out)
    receipts, faulty = [], []
    for shard in identity.shards:
        receipt = shards.trusted(out, shard, identity.sha256)
        if receipt is None:
            faulty.append(shard.name)
        else:
            receipts.append(receipt)
            on_shard(receipt)
    if faulty:
        (out / FILE).unlink(missing_ok=True)
        raise PartialError(_missing(out, faulty, len(identity.shards)))
    return publish(out, identity, receipts)


def publish(out: Path, identity: Identity, receipts: Iterable[shards.Receipt]) -> str:
    """Write the manifest for shards that were just made or verified, in any order; return its hash.

    Raises:
        OutputError: the manifest cannot be written.
    """
    order = {shard.name: shard.number for shard in identity.shards}
    data = build(identity, sorted(receipts, key=lambda receipt: order[receipt.name]))
    outputs.write(out / FILE, data)
    outputs.sweep(out)
    return hashlib.sha256(data).hexdigest()


def check(out: Path) -> Iterator[str]:
    """Yield every fault of the data set in a folder, one line each.

    Raises:
        DatasetError: there is no data set in `out`.
    """
    identity = Identity.of(out)
    receipts = []
    for shard in identity.shards:
        receipt = shards.trusted(out, shard, identity.sha256)
        if receipt is None:
            state = "damaged" if (out / shard.name).is_file() else "missing"
            yield f"{out / shard.name}: {state}; run the same `synthgen generate` again to remake it"
            continue
        receipts.append(receipt)
        if shards.content_sha256(out / shard.name) != receipt.content_sha256:
            yield f"{out / shard.name}: its samples decode to other values than its receipt says; remake it"
    if len(receipts) == len(identity.shards):
        yield from _manifest_faults(out / FILE, build(identity, receipts))


def _manifest_faults(path: Path, expected: bytes) -> Iterator[str]:
    try:
        found = path.read_bytes()
    except OSError:
        yield f"{path}: missing; run `synthgen finalize {path.parent}`"
        return
    if found != expected:
        yield f"{path}: does not say what the shards hold; run `synthgen finalize {path.parent}`"


def _entry(receipt: shards.Receipt) -> dict[str, Any]:
    return {
        "name": receipt.name,
        "bytes": receipt.bytes,
        "sha256": receipt.sha256,
        "content_sha256": receipt.content_sha256,
        "shots": receipt.shots,
        "samples": receipt.samples,
        "first_key": receipt.keys[0] if receipt.keys else "",
        "last_key": receipt.keys[-1] if receipt.keys else "",
        "failed": {str(index): dict(causes) for index, causes in sorted(receipt.failed.items())},
        "eye_safety": _worst([receipt]),
    }


def _counts(receipts: Sequence[shards.Receipt]) -> dict[str, int]:
    return {
        "shards": len(receipts),
        "shots": sum(receipt.shots for receipt in receipts),
        "samples": sum(receipt.samples for receipt in receipts),
        "bytes": sum(receipt.bytes for receipt in receipts),
        "failed_shots": sum(len(receipt.failed) for receipt in receipts),
    }


def _worst(receipts: Sequence[shards.Receipt]) -> dict[str, Any]:
    """Return the largest ratio of any sample's hazard map, and the sample that has it."""
    found = max(receipts, key=lambda receipt: receipt.worst_ratio, default=None)
    return {"worst_ratio": found.worst_ratio if found else 0.0, "worst_key": found.worst_key if found else ""}


def _of_split(receipts: Sequence[shards.Receipt], split: str) -> list[shards.Receipt]:
    return [receipt for receipt in receipts if receipt.name.startswith(f"{split}/")]


def _missing(out: Path, faulty: Sequence[str], total: int) -> str:
    named = ", ".join(faulty[:5]) + (", ..." if len(faulty) > 5 else "")
    return f"{out}: {len(faulty)} of {total} shards are missing or damaged ({named}); run `synthgen generate` again"


def describe(identity: Identity) -> str:
    """Return the layout in a line: shots and shards of each split."""
    per_split = {split: sum(s.split == split for s in identity.shards) for split in identity.splits}
    return ", ".join(f"{split} {identity.splits[split]} shots in {n} shards" for split, n in per_split.items())


def identify(recipe_text: str, seed: int, split_shots: Mapping[str, int], samples_per_shard: int) -> Identity:
    """Return the identity of the data set that this code makes from a resolved recipe.

    Raises:
        InputError: there is nothing to make.
    """
    if sum(split_shots.values()) < 1:
        raise InputError(f"-n: found {sum(split_shots.values())} shots; ask for one or more")
    return Identity(
        recipe_sha256=hashlib.sha256(recipe_text.encode()).hexdigest(),
        seed=seed,
        splits=split_shots,
        samples_per_shard=samples_per_shard,
        code_version=code_version(),
    )
