"""1 000 damaged recipes: each loads or is refused with a message; nothing else is ever raised."""

from __future__ import annotations

import copy
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from synthgen import recipe, shelves
from synthgen.errors import Infeasible, RecipeError
from synthgen.planning import plan
from synthgen.recipe import randomizers
from tests.recipe_samples import CARD, GLANCE, SHELF

MUTANTS = 1000
JUNK: list[Any] = [
    None, True, -1, 0, 1e308, 10**30, float("nan"), float("inf"), "", "no", "1:20", "${a.b}", "\u2028\x85",
    "a.b", "x" * 300, [], {}, [[]], {"": {}}, [1, 2, 3], {"uniform": [0, 1]}, {"uniform": [1, 0]}, {"normal": {}},
    {"choice": []}, {"choice": [[1], {}]}, {"int": [0, 10**18]}, {"fixed": {"fixed": 1}},
    {"uniform": [0, 1], "int": [0, 1]},
    {"choice": [1], "weights": [0]}, {"log_uniform": [0, 1]}, {"choice": ["a", 1, True]}, "./x.py:Y",
    "../../etc/passwd",
]  # fmt: skip
LINES = [
    "\t- x",
    "? [a]: b",
    "!!python/object/apply:os.system [id]",
    "&a *a",
    "%YAML 1.1",
    "---",
    "...",
    "{[",
    "'",
    '"',
]
LINES += ["<<: *nope", "a: b: c", "- ]", "\ufeff", "key: |", "  >", "@x", "`", "a: !t 1", "1: 2", "? ", ": :"]


def paths(value: Any, path: tuple = ()) -> list[tuple]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, item in items for found in [(*path, key), *paths(item, (*path, key))]]


def structural(data: Any, rng: np.random.Generator) -> bytes:
    """Delete, replace, rename, duplicate or nest some values, then write YAML again."""
    data = copy.deepcopy(data)
    for _ in range(int(rng.integers(1, 4))):
        found = paths(data)
        if not found:
            break
        path = found[int(rng.integers(len(found)))]
        owner = data
        for key in path[:-1]:
            owner = owner[key]
        action, key = int(rng.integers(6)), path[-1]
        junk = JUNK[int(rng.integers(len(JUNK)))]
        if action == 0:
            del owner[key]
        elif action == 1 and isinstance(owner, dict):
            owner[str(key)[: int(rng.integers(0, 9))] + "_us"] = owner.pop(key)
        elif action == 2:
            owner[key] = [owner[key]]
        elif action == 3:
            owner[key] = {"a": owner[key], "choice": owner[key]}
        elif action == 4:
            other = data
            for step in found[int(rng.integers(len(found)))]:
                other = other[step]
            owner[key] = copy.deepcopy(other)
        else:
            owner[key] = copy.deepcopy(junk)
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=bool(rng.integers(2))).encode()


def textual(text: str, rng: np.random.Generator) -> bytes:
    """Cut, flip, insert or repeat bytes and lines."""
    action = int(rng.integers(5))
    data = bytearray(text.encode())
    at = int(rng.integers(len(data)))
    if action == 0:
        return bytes(data[:at])
    if action == 1:
        for _ in range(int(rng.integers(1, 8))):
            data[int(rng.integers(len(data)))] = int(rng.integers(256))
        return bytes(data)
    if action == 2:
        del data[at : at + int(rng.integers(1, 40))]
        return bytes(data)
    lines = text.splitlines()
    row = int(rng.integers(len(lines)))
    if action == 3:
        lines.insert(row, " " * int(rng.integers(5)) + LINES[int(rng.integers(len(LINES)))])
    else:
        lines[row] = lines[int(rng.integers(len(lines)))]
    return "\n".join(lines).encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "props").mkdir()
    (tmp_path / "props" / "a.usd").write_text("#usda 1.0\n")
    return tmp_path


def test_a_thousand_mutants_give_messages_and_no_traceback(folder, monkeypatch):
    table = randomizers.shipped()
    monkeypatch.setattr(randomizers, "shipped", lambda: {**table, **SHELF})
    texts = [CARD, GLANCE, *(path.read_text() for path in sorted(shelves.path("recipes").glob("*.yaml")))]
    parsed = [yaml.safe_load(text) for text in texts]
    refused = drawn = 0
    began = time.perf_counter()
    for n in range(MUTANTS):
        rng = np.random.Generator(np.random.Philox(key=n))
        which = n % len(texts)
        data = structural(parsed[which], rng) if rng.random() < 0.7 else textual(texts[which], rng)
        path = folder / "mutant.yaml"
        path.write_bytes(data)
        try:
            loaded = recipe.load(path)
        except RecipeError as error:
            refused += 1
            assert error.faults and all(fault.startswith(str(path)) for fault in error.faults), (n, error.faults)
            continue
        try:
            assert plan.try_once(loaded, "train", 0).to_json()
            drawn += 1
        except (RecipeError, Infeasible) as error:
            assert str(error), n
    assert refused > 400 and drawn > 20, (refused, drawn)
    assert time.perf_counter() - began < 60
