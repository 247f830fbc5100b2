"""What a driver sends to a worker for a shard, and the fault that comes back where the shard was not made."""

from __future__ import annotations

from dataclasses import dataclass

from synthgen.dataset.shard_layout import Shard


@dataclass(frozen=True, kw_only=True)
class Task:
    """The order to a worker, apart from the shard itself."""

    out: str
    """URL of the store."""
    identity: str
    """Hash of the data set's identity."""
    factory: bytes
    """Pickled callable that returns a SampleRenderer."""
    shard_timeout_s: float = 0.0
    """How long a worker may take for one shard; 0 sets no limit."""
    beats: str = ""
    """Where the driver listens for progress (`beats.listening`); empty where it does not."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A shard that was not made."""

    shard: Shard
    kind: str
    """output, input, error (an exception), killed or timeout."""
    message: str
    trace: str = ""

    @property
    def final(self) -> bool:
        """Return whether the fault would meet every other shard too."""
        return self.kind in ("output", "input")

    @property
    def retried(self) -> bool:
        """Return whether the shard is worth another try in this run; one that hung would cost its time limit again."""
        return self.kind in ("error", "killed")
