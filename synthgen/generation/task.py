"""What a driver hands to a worker for a shard, and what it hears of one that was not made."""

from __future__ import annotations

from dataclasses import dataclass

from synthgen.dataset.shard_layout import Shard


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a worker must know besides the shard."""

    out: str
    """URL of the store."""
    identity: str
    """Hash of the data set's identity."""
    factory: bytes
    """Pickled callable that returns a SampleRenderer."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A shard that was not made."""

    shard: Shard
    kind: str
    """output, input, error (an exception) or killed."""
    message: str
    trace: str = ""

    @property
    def final(self) -> bool:
        """Return whether another try would end alike."""
        return self.kind in ("output", "input")
