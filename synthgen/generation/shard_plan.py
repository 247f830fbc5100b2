"""Which shards of a data set a run has to make: found by reading the store, before anything in it is changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from synthgen.dataset import manifest, receipts
from synthgen.dataset.identity import Identity
from synthgen.dataset.receipts import Receipt
from synthgen.dataset.shard_layout import Layout, Shard
from synthgen.dataset.stores import Store, concurrent
from synthgen.generation.summary import Totals


@dataclass(frozen=True)
class Plan:
    """What a run finds of its shards: which are to be made, which of these are damaged, and the sums of the others."""

    layout: Layout
    wanted: bytearray
    """1 for each shard that is to be made, by its number; one byte a shard keeps memory small."""
    damaged: tuple[Shard, ...]
    kept: Totals

    def __len__(self) -> int:
        return sum(self.wanted)

    def __iter__(self) -> Iterator[Shard]:
        number = self.wanted.find(1)
        while number >= 0:
            yield self.layout[number]
            number = self.wanted.find(1, number + 1)


def plan_shards(store: Store, identity: Identity, mine: range, *, fresh: bool = False) -> Plan:
    """Return what is to be made of the shards `mine`; reads the store, where it is not `fresh`, and changes nothing.

    Raises:
        DatasetError: the store does not answer.
    """
    layout, kept, damaged = identity.shards, Totals(), list[Shard]()
    wanted = bytearray(len(layout))
    wanted[mine.start : mine.stop : mine.step] = b"\1" * len(mine)
    if fresh:
        return Plan(layout, wanted, (), kept)
    for shard, (receipt, there) in concurrent.answers(
        store, (layout[i] for i in mine), partial(_looked, store, identity)
    ):
        if receipt:
            kept.add(receipt, kept=True)
            wanted[shard.number] = 0
        elif there:
            damaged.append(shard)
    return Plan(layout, wanted, tuple(damaged), kept)


def _looked(store: Store, identity: Identity, shard: Shard) -> tuple[Receipt | None, bool]:
    """Return the receipt of a shard that is whole, and whether something of its name is there."""
    receipt = receipts.trusted(store, shard, identity.sha256)
    return receipt, receipt is not None or store.size(shard.name) is not None


def discard_damaged(store: Store, plan: Plan) -> None:
    """Remove the damaged shards of a plan, and the manifest where shards are to be made.

    Raises:
        OutputError: no permission.
    """
    for shard in plan.damaged:
        receipts.discard(store, shard)
    if len(plan):
        store.delete(manifest.FILE)


def notes(plan: Plan, workers: int) -> Iterator[str]:
    """Yield what the user should know of a plan."""
    if plan.damaged:
        named = ", ".join(shard.name for shard in plan.damaged[:3])
        yield f"{len(plan.damaged)} shards that are damaged or without a receipt are made again: {named}, ..."
    if 0 < len(plan) < 2 * workers and workers > 1:
        few = "fewer than 2 shards a worker leaves some idle"
        yield f"warning: {len(plan)} shards for {workers} workers; {few}"


def shots_of(identity: Identity, mine: range) -> int:
    """Return the number of shots of the shards `mine`; looks at no shard but each split's last, which may be short."""
    layout, start, total = identity.shards, 0, len(mine) * identity.samples_per_shard
    for split in sorted(identity.splits):
        start += layout.count(split)
        if layout.count(split) and start - 1 in mine:
            total -= identity.samples_per_shard - layout[start - 1].shots
    return total
