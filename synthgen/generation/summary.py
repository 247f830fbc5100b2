"""The summary of a run: what it made and what its store holds, as text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from synthgen.dataset import code_counts
from synthgen.dataset.receipts import Receipt
from synthgen.errors import CheckFailed, PartialError
from synthgen.generation.task import Fault
from synthgen.recipe.model import SafetyPart
from synthgen.recipe.yaml_lines import parse
from synthgen.reporting import eye_hazard


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
    codes: code_counts.Tally = field(default_factory=code_counts.Tally)
    """How many codes are in view, and how many are decoded, in all samples of this job that the folder holds."""
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


@dataclass
class Totals:
    """Sums over the shards of a run; they need the same memory for any number of shards."""

    shards: int = 0
    kept: int = 0
    shots: int = 0
    samples: int = 0
    fresh_samples: int = 0
    bytes: int = 0
    codes: code_counts.Tally = field(default_factory=code_counts.Tally)
    worst: tuple[float, str] = (0.0, "")
    failed_shots: dict[str, dict[str, int]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    hung: int = 0
    """Shards of `missing` that exceeded their time limit."""
    traces: dict[str, str] = field(default_factory=dict)

    def add(self, receipt: Receipt, *, kept: bool = False) -> None:
        """Count a whole shard, one that was there (`kept`) or one that was made."""
        self.shards += 1
        self.kept += kept
        self.shots += receipt.shots
        self.samples += receipt.samples
        self.fresh_samples += 0 if kept else receipt.samples
        self.bytes += receipt.bytes
        self.codes = code_counts.total((self.codes, receipt.codes))
        self.worst = max(self.worst, (receipt.worst_ratio, receipt.worst_key), key=lambda each: each[0])
        for index, causes in receipt.failed.items():
            self.failed_shots[f"{receipt.split}-{index:08d}"] = dict(causes)

    def give_up(self, fault: Fault) -> None:
        """Count a shard that was not made."""
        self.missing[fault.shard.name] = fault.message
        self.hung += fault.kind == "timeout"
        if fault.trace:
            self.traces[fault.shard.name] = fault.trace


def of(out: str, shards: int, totals: Totals, published: str, seconds: float) -> Summary:
    """Return the summary of a run over this number of shards."""
    untried = shards - totals.shards - len(totals.missing)
    rest = {f"{untried} more": "not tried, since nothing succeeded"} if untried else {}
    return Summary(
        out=out,
        shards=shards,
        made=totals.shards - totals.kept,
        kept=totals.kept,
        shots=totals.shots,
        samples=totals.samples,
        failed_shots=totals.failed_shots,
        missing={**totals.missing, **rest},
        manifest_sha256=published,
        seconds=round(seconds, 3),
        samples_per_s=round(totals.fresh_samples / seconds, 3),
        codes=totals.codes,
        worst_ratio=totals.worst[0],
        worst_key=totals.worst[1],
    )


def asked_safety(recipe_text: str) -> SafetyPart:
    """Return the safety section of a resolved recipe; files that the recipe names need not be at hand."""
    return SafetyPart.model_validate(parse(recipe_text).data.get("safety") or {})


def require_good(result: Summary, asked: SafetyPart) -> None:
    """Check that nothing is missing and that eye-safety limits hold where the recipe says `on_exceed: fail`.

    Raises:
        PartialError: shards are missing, or shots could not be built.
        CheckFailed: a hazard map exceeds `max_ratio`.
    """
    if result.complaint:
        raise PartialError(f"{result.out}: {result.complaint}")
    if asked.on_exceed == "fail" and result.worst_ratio > asked.max_ratio:
        raise CheckFailed(
            f"{result.out}: eye safety: {result.worst_key} reaches {result.worst_ratio:.3g} times the limit "
            f"({eye_hazard.ASSUMPTION}), above safety.max_ratio {asked.max_ratio:g}"
        )
