"""What a randomizer is, and how a recipe's name becomes a class."""

from __future__ import annotations

from typing import Protocol

from synthgen.shot import Shot
from synthgen.streams import Stream


class Randomizer(Protocol):
    """A frozen dataclass of numbers and distributions that decides part of a Shot.

    Its fields are its YAML schema: a field `module_m` may be written `module_mm: {uniform: [0.4, 1.0]}` in a recipe.
    """

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return `shot` with this part decided; every draw comes from a named place below `rng`.

        Raises:
            Infeasible: these draws cannot be built; the shot is drawn again with the next attempt.
        """
        ...
