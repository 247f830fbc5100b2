"""The identity of a data set: all that its bytes depend on; two stores with one identity hold the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache

from synthgen import __version__, atomic_files, shelves
from synthgen.dataset import identity_file
from synthgen.dataset.shard_layout import Layout
from synthgen.dataset.stores import Store
from synthgen.errors import DatasetError, InputError

_VERSION = 2
_SHELVES = ("randomizers", "usd_schemas", "recipes")  # a recipe is known by its own hash


@dataclass(frozen=True, kw_only=True)
class Identity:
    """All that the bytes of a data set depend on."""

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
        return hashlib.sha256(atomic_files.document(asdict(self))).hexdigest()

    @property
    def shards(self) -> Layout:
        """Return all shards in order."""
        return Layout(self.splits, self.samples_per_shard)

    @staticmethod
    def of(store: Store) -> Identity:
        """Return the identity of the data set in a store.

        Raises:
            DatasetError: there is none, or another version of synthgen wrote it.
        """
        data = identity_file.read(store)
        if data is None:
            place = store.place()
            raise DatasetError(f"{place}: no synthgen data set here; give the folder that `synthgen generate -o` wrote")
        if data.get("version") != _VERSION or set(data) != {f.name for f in fields(Identity)}:
            raise DatasetError(
                f"{store.place()}: written by another synthgen ({data.get('code_version')}); use that one"
            )
        if data["samples_per_shard"] < 1 or min(data["splits"].values(), default=0) < 0:
            raise DatasetError(
                f"{store.place(identity_file.FILE)}: damaged, it has shards of no shot; make the data set again"
            )
        return Identity(**{**data, "splits": dict(data["splits"])})


@cache
def code_version() -> str:
    """Return the version and a hash of the code and schemas that samples follow from."""
    total = hashlib.sha256()
    package = shelves.PACKAGE
    for shelf in (package, *map(shelves.path, _SHELVES[:2])):
        for path in sorted(path for path in shelf.rglob("*") if path.is_file()):
            inside = path.relative_to(shelf)
            if "__pycache__" in inside.parts or (shelf == package and inside.parts[0] in _SHELVES):
                continue  # a wheel has the shelves inside the package; they come in their own turn
            total.update(f"{shelf.name}/{inside.as_posix()}".encode() + b"\0")
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return f"{__version__}+{total.hexdigest()[:12]}"


def describe(identity: Identity) -> str:
    """Return the layout in a line: shots and shards of each split."""
    layout = identity.shards
    return ", ".join(
        f"{split} {shots} shots in {layout.count(split)} shards" for split, shots in identity.splits.items()
    )


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
