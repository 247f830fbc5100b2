"""Where a job is in its epochs, as a small JSON-able state that refuses to go on with anything else."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from synthgen.errors import InputError

VERSION = 1


class Position:
    """An epoch and what was consumed of it.

    `facts` are what the order follows from; a state made under other facts is refused.
    """

    def __init__(self, facts: Mapping[str, Any], start: Mapping[str, int]) -> None:
        self._facts, self._start = dict(facts), dict(start)
        self.epoch = 0
        self.at = dict(start)
        self._resumed = False

    def begin(self) -> None:
        """Start an epoch: where a loaded state stopped, else at its beginning."""
        if not self._resumed:
            self.at = dict(self._start)
        self._resumed = False

    def move(self, **at: int) -> None:
        """Note what is consumed now."""
        self.at = at

    def end(self) -> None:
        """Go on to the next epoch."""
        self.set_epoch(self.epoch + 1)

    def set_epoch(self, epoch: int) -> None:
        """Go to the beginning of an epoch; the one that is under way goes on where it is.

        Raises:
            InputError: there is no such epoch.
        """
        if epoch < 0:
            raise InputError(f"epoch {epoch}: epochs count from 0")
        if epoch != self.epoch:
            self.epoch, self.at, self._resumed = epoch, dict(self._start), False

    def state(self) -> dict[str, Any]:
        """Return where the job is, as plain values."""
        return {"version": VERSION, **self._facts, "epoch": self.epoch, **self.at}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go to where a state was made.

        Raises:
            InputError: it was made by another version, of another data set, or in another order.
        """
        wanted = {"version": VERSION, **self._facts}
        differing = [name for name, value in wanted.items() if state.get(name) != value]
        if differing:
            found = ", ".join(f"{name} {state.get(name)!r}, here {wanted[name]!r}" for name in differing)
            raise InputError(f"state of another job ({found}); give the loader what it had then, or start anew")
        numbers = {name: state.get(name) for name in ("epoch", *self._start)}
        if any(not isinstance(value, int) or value < 0 for value in numbers.values()):
            raise InputError(f"state is damaged ({json.dumps(numbers, default=str)}); load another checkpoint")
        self.epoch = int(numbers.pop("epoch") or 0)
        self.at = {name: int(value or 0) for name, value in numbers.items()}
        self._resumed = True


class Resumable:
    """What has a position and can go on from one."""

    _position: Position

    @property
    def epoch(self) -> int:
        """Return the epoch that is under way or comes next."""
        return self._position.epoch

    def set_epoch(self, epoch: int) -> None:
        """Go to the beginning of an epoch; without it each follows the last. One that is under way goes on.

        Raises:
            InputError: there is no such epoch.
        """
        self._position.set_epoch(epoch)

    def state_dict(self) -> dict[str, Any]:
        """Return where the job is: after the batch that it was given last."""
        return self._position.state()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where a state was made: the next `for` starts with the next batch.

        Raises:
            InputError: it belongs to other data, another order, batch size or number of ranks.
        """
        self._position.load(state)


def layout(rank: int | None, world_size: int | None) -> tuple[int, int]:
    """Return (rank, world size): as given, else torch.distributed's, else those that its launchers set, else (0, 1).

    Raises:
        InputError: the environment holds no numbers.
    """
    if rank is None or world_size is None:
        known = _distributed() or _environment()
        rank, world_size = known[0] if rank is None else rank, known[1] if world_size is None else world_size
    return rank, world_size


def _distributed() -> tuple[int, int] | None:
    torch = sys.modules.get("torch")
    if torch is None or not torch.distributed.is_available() or not torch.distributed.is_initialized():
        return None
    return torch.distributed.get_rank(), torch.distributed.get_world_size()


def _environment() -> tuple[int, int]:
    found = os.environ.get("RANK", "0"), os.environ.get("WORLD_SIZE", "1")
    try:
        return int(found[0]), int(found[1])
    except ValueError:
        raise InputError(f"RANK={found[0]}, WORLD_SIZE={found[1]}: set both to numbers, or neither") from None
