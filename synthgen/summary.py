"""What a run did and what its folder holds, for people and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from synthgen import tally
from synthgen.engine import Fault
from synthgen.shards import Receipt, Shard


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a run did and what the folder holds of this job's shards now."""

    out: str
    shards: int
    made: int
    kept: int
    """Shards that were there and whole."""
    shots: int
    samples: int
    failed_shots: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Shots that no draw could build: {`<split>-<index>`: {cause: times}}."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Shards that were given up: {name: why}."""
    manifest_sha256: str = ""
    """Empty while shards are missing or another job has them."""
    seconds: float = 0.0
    samples_per_s: float = 0.0
    codes: tally.Tally = field(default_factory=tally.Tally)
    """What became of the codes in all samples that the folder holds of this job's."""
    worst_ratio: float = 0.0
    """Largest level over eye-safety limit of their hazard maps; 0 where they were not made."""
    worst_key: str = ""
    """The sample that has it."""

    @property
    def complaint(self) -> str:
        """Return what is missing, in words; empty when nothing is."""
        parts = []
        if self.missing:
            named = "; ".join(f"{name}: {why}" for name, why in list(self.missing.items())[:3])
            parts.append(f"{len(self.missing)} of {self.shards} shards are missing ({named}); run again to retry them")
        if self.failed_shots:
            causes = ", ".join(sorted({cause for shot in self.failed_shots.values() for cause in shot}))
            parts.append(f"{len(self.failed_shots)} of {self.shots} shots could not be built ({causes}); see `plan`")
        return "; ".join(parts)


def of(
    out: Path,
    mine: Sequence[Shard],
    done: Mapping[str, Receipt],
    kept: int,
    missing: Mapping[str, Fault],
    published: str,
    seconds: float,
) -> Summary:
    """Return the summary of a run that found `kept` shards whole, has the receipts `done` now and gave up `missing`."""
    worst = max(done.values(), key=lambda receipt: receipt.worst_ratio, default=None)
    fresh = sum(receipt.samples for receipt in list(done.values())[kept:])
    return Summary(
        out=str(out),
        shards=len(mine),
        made=len(done) - kept,
        kept=kept,
        shots=sum(receipt.shots for receipt in done.values()),
        samples=sum(receipt.samples for receipt in done.values()),
        failed_shots=_failed_shots(mine, done),
        missing={shard.name: _reason(shard, missing) for shard in mine if shard.name not in done},
        manifest_sha256=published,
        seconds=round(seconds, 3),
        samples_per_s=round(fresh / seconds, 3),
        codes=tally.total(receipt.codes for receipt in done.values()),
        worst_ratio=worst.worst_ratio if worst else 0.0,
        worst_key=worst.worst_key if worst else "",
    )


def _failed_shots(mine: Sequence[Shard], done: Mapping[str, Receipt]) -> dict[str, dict[str, int]]:
    return {
        f"{shard.split}-{index:08d}": dict(causes)
        for shard in mine
        if shard.name in done
        for index, causes in done[shard.name].failed.items()
    }


def _reason(shard: Shard, missing: Mapping[str, Fault]) -> str:
    return missing[shard.name].message if shard.name in missing else "not tried, since nothing succeeded"
