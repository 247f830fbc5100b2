"""The identity file of a store: written first, and read again to decide whether a run may resume there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

from synthgen import atomic_files
from synthgen.dataset import remedies
from synthgen.dataset.stores import Absent, Store
from synthgen.errors import DatasetError, InputError, OutputError, SynthgenError

FILE = ".synthgen.json"
"""Name of the file that holds the identity of the store's data set."""
RECIPE = "recipe.resolved.yaml"
RESUME = ("if-possible", "always", "never")


def claim(store: Store, identity: Mapping[str, Any], resume: str = "if-possible") -> bool:
    """Claim `store` for the data set with this identity; return whether the store held it before.

    Raises:
        InputError: the store holds something else, or `resume` (a name of RESUME) forbids what was found.
        OutputError: the store cannot be made or written.
    """
    if resume not in RESUME:
        raise InputError(f"--resume {resume}: choose one of {', '.join(RESUME)}")
    try:
        store.prepare()
        before = read(store)
    except DatasetError as error:
        raise OutputError(f"{error}, or choose another place with -o") from error
    if before is not None:
        _refuse_other(store, before, identity, resume)
    else:
        _refuse_foreign(store, resume)
    try:
        store.write(FILE, atomic_files.document(identity))
    except OutputError:
        if before is None:
            withdraw(store)
        raise
    return before is not None


def read(store: Store) -> dict[str, Any] | None:
    """Return the identity of the data set in a store, or None where there is none.

    Raises:
        InputError: the identity file is damaged.
        DatasetError: the store does not answer.
    """
    try:
        return dict(json.loads(store.read(FILE)))
    except Absent:
        return None
    except (ValueError, TypeError) as damage:
        place = store.place(FILE)
        raise InputError(f"{place}: damaged ({damage}); choose another place with -o, or remove this one") from damage


def recipe(store: Store) -> str:
    """Return the resolved recipe of the data set in a store.

    Raises:
        Absent: it is missing; the message says how to write it again.
    """
    try:
        return store.read(RECIPE).decode(errors="replace")
    except Absent as error:
        raise Absent(remedies.remake(store.place(RECIPE), "missing")) from error


def withdraw(store: Store) -> None:
    """Undo `claim` in a store that got no shard: remove what was written."""
    with suppress(SynthgenError):
        for name in (FILE, "run.json", RECIPE):
            store.delete(name)
        store.withdraw()


def _refuse_foreign(store: Store, resume: str) -> None:
    place = store.place()
    if resume == "always":
        raise InputError(f"{place}: there is nothing to resume; leave out `--resume always` to start anew")
    present = list(islice((name for name in store.names() if not name.startswith(".")), 3))
    if present:
        raise InputError(f"{place}: holds other files ({', '.join(present)}, ...); choose a new place with -o")


def _refuse_other(store: Store, before: Mapping[str, Any], identity: Mapping[str, Any], resume: str) -> None:
    place = store.place()
    if resume == "never":
        raise InputError(f"{place}: a data set is here already; choose a new place with -o, or drop --resume never")
    plain = json.loads(atomic_files.document(identity))
    differing = [name for name in sorted(before.keys() | plain.keys()) if before.get(name) != plain.get(name)]
    if differing:
        changes = ", ".join(f"{name} {_short(before.get(name))} -> {_short(plain.get(name))}" for name in differing)
        raise InputError(f"{place}: holds another data set ({changes}); choose a new place with -o")


def _short(value: Any) -> str:
    return value[:12] if isinstance(value, str) else json.dumps(value)
