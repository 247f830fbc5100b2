"""Options that commands share, their limits, and their output: data to stdout, messages to stderr."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from synthgen.commands.outputs import Output
from synthgen.errors import UsageError

if TYPE_CHECKING:
    from synthgen.recipe import Recipe

RecipeName = Annotated[str, Parameter(help="A recipe file, or the name of a shipped one such as scan_tunnel.")]
Stage = Annotated[Path, Parameter(help="A USD file: .usd, .usda, .usdc or .usdz.")]
MOST_SHOTS = 100_000_000
"""A shot's index has 8 digits in the keys of samples (docs/contract.md section 1)."""
MOST_DRAWN, MOST_SEEN = 1_000_000, 1_000
"""Shots whose draws alone are looked at, and shots that fit on a sheet."""
MOST_JOBS, MOST_PROCESSES = 1_000_000, 1_024
MOST_RATIO = 1e9
"""Level over limit that can be allowed."""
LONGEST_S = 1e9
"""Thirty years: longer than any exposure that a standard limits, or any wait."""


def shots(most: int) -> Parameter:
    """Return the `-n` of a command that looks at no more than `most` shots."""
    return Parameter(name=["-n", "--shots"], validator=Number(gte=1, lte=most), help=f"Number of shots, up to {most}.")


def number(least: float, most: float, help: str) -> Parameter:
    """Return a numeric option with its limits, which a value outside is told of."""
    return Parameter(validator=Number(gte=least, lte=most), help=help)


Shots = Annotated[int, shots(MOST_SHOTS)]
DrawnShots = Annotated[int, shots(MOST_DRAWN)]
SeenShots = Annotated[int, shots(MOST_SEEN)]
Seed = Annotated[
    int | None,
    Parameter(
        name="--seed", validator=Number(gte=0, lte=2**63 - 1), help="Seed of all draws, instead of the recipe's."
    ),
]
Set = Annotated[
    list[str], Parameter(name="--set", negative=(), help="path=value: replaces a value of the recipe; repeatable.")
]
Device = Annotated[str, Parameter(name="--device", help="What computes: auto, cpu, cuda or cuda:N.")]
Split = Annotated[str, Parameter(name="--split", help="Split that shots are taken from; default the first.")]
Json = Annotated[bool, Parameter(name="--json", negative=(), help="Write one JSON object to stdout.")]
ProgressMode = Annotated[
    Literal["auto", "bar", "plain", "none"], Parameter(name="--progress", help="How progress is shown.")
]

_DEVICE = re.compile(r"auto|cpu|cuda(:\d+)?")


def output(help: str, **checks: Any) -> Parameter:
    """Return the `-o` of a command: checked before any work, by the fields of `outputs.Output`."""
    return Parameter(name=["-o", "--out"], validator=Output(**checks), help=help)


def load(path: str, seed: int | None, overrides: list[str]) -> Recipe:
    """Return the recipe with its overrides in it.

    Raises:
        RecipeError: it has faults.
        UsageError: an override names nothing.
    """
    from synthgen import recipe

    return recipe.load(path, [*overrides, *([f"seed={seed}"] if seed is not None else [])])


def possible(path: str, seed: int | None, overrides: list[str]) -> Recipe:
    """Return the recipe as `load` does, if anything that it describes can be built at all.

    Raises:
        RecipeError: it has faults, or no draw of it can be built.
        UsageError: an override names nothing.
    """
    from synthgen.planning.check import require_possible

    loaded = load(path, seed, overrides)
    require_possible(loaded)
    return loaded


def split_of(recipe: Recipe, split: str) -> str:
    """Return the split that is meant.

    Raises:
        UsageError: the recipe has none of that name.
    """
    names = list(recipe.splits)
    if split and split not in names:
        raise UsageError(f"--split {split}: this recipe has {', '.join(names)}")
    return split or names[0]


def device_name(device: str) -> str:
    """Return `device` as it is.

    Raises:
        UsageError: it is written wrong.
    """
    if not _DEVICE.fullmatch(device):
        raise UsageError(f"--device {device}: write auto, cpu, cuda or cuda:0")
    return device


def device_here(device: str) -> str:
    """Return the name of the device that is meant.

    Raises:
        UsageError: it is written wrong.
        InputError: this machine has no such device.
    """
    from synthgen import devices

    return devices.resolve(device_name(device))


def warn_all(texts: Iterable[str]) -> None:
    """Write warnings to stderr, each once."""
    for text in dict.fromkeys(texts):
        message(f"warning: {text}")


def data(text: str) -> None:
    """Write lines of data to stdout."""
    sys.stdout.write(text if text.endswith("\n") or not text else text + "\n")


def data_object(value: Any) -> None:
    """Write one JSON object to stdout."""
    data(json.dumps(value, indent=2))


def message(text: str) -> None:
    """Write a message to stderr."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
