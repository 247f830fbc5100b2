"""Train on samples while they are rendered: the ones that shards would hold, without a disk between.

from synthgen.loader import stream

with stream("scan_tunnel", "train", shots=10_000, batch_size=16, workers=8) as batches:
    for batch in batches:                      # one epoch; `shots=None` never ends and never repeats
        batch.image, batch.targets[0].quads
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count
from typing import Any

import numpy as np

from synthgen.dataset.identity import code_version
from synthgen.errors import InputError
from synthgen.generation.driver import sample_renderer
from synthgen.generation.engines import SampleRenderer
from synthgen.loader.decoding import checked
from synthgen.loader.order import Order
from synthgen.loader.renderers import Renderers
from synthgen.loader.resume_state import Position, Resumable, layout
from synthgen.loader.targets import Decoded, pack, sample, unpack
from synthgen.recipe import Recipe, load, resolved


def stream(
    recipe: Recipe | str,
    split: str = "train",
    *,
    shots: int | None,
    fields: Sequence[str] = ("image",),
    workers: int = 2,
    device: str = "auto",
    **order: Any,
) -> Live:
    """Return batches of the first shots of a split, rendered by worker processes.

    Workers are started afresh (spawn), so a script that calls this needs `if __name__ == "__main__":`.

    Args:
        recipe: as `recipe.load` gives it, or a file or shipped name.
        split: which; it decides what the shots are.
        shots: how many make an epoch; None takes shots 0, 1, 2, ... for ever.
        fields: what is wanted besides targets: `image`, `record` and maps that the recipe's outputs have.
        workers: processes that render; 0 does it here.
        device: auto, cpu, cuda or cuda:N: where they do.
        order: the other arguments of `Live`: batch_size, seed, shuffle and so on.

    Raises:
        InputError: an argument makes no sense.
        RecipeError: the recipe is wrong.
    """
    from joblib import cpu_count

    recipe = load(recipe) if isinstance(recipe, str) else recipe
    if split not in recipe.splits:
        raise InputError(f"split {split}: the recipe has {', '.join(recipe.splits)}")
    lacking = [name for name in checked(fields) if name != "record" and name not in recipe.outputs]
    if lacking:
        raise InputError(f"fields {', '.join(lacking)}: not in the recipe's outputs ({', '.join(recipe.outputs)})")
    text = resolved(recipe)
    threads = max(1, cpu_count() // max(1, workers))
    factory = partial(sample_renderer, text, recipe.origin.folder, device, threads)
    name = f"{hashlib.sha256(text.encode()).hexdigest()[:16]}, code {code_version()}"
    return Live(factory, name, split, shots=shots, fields=fields, workers=workers, **order)


class Live(Resumable):
    """Batches of samples that worker processes make, epoch by epoch, in an order that does not depend on them.

    A shot that cannot be built is left out and noted in `failed`, as in shards, so ranks may end an epoch some batches
    apart; a worker that dies is replaced and its shots are made again. Each rank has a state of its own;
    going on from it renders at most one shot again.

    Args:
        factory: returns a renderer; picklable, called once in each worker.
        name: of what the samples follow from; a state of another name is refused.
        split: which.
        shots: how many make an epoch; None takes shots 0, 1, 2, ... for ever.
        batch_size: samples of a batch on this rank.
        fields: what is wanted besides targets.
        seed: of the order of shots; what they show follows from the recipe's own.
        shuffle: mix the shots of an epoch.
        workers: processes that render; 0 does it here.
        rank: as in `Loader`.
        world_size: as in `Loader`.
        even: as in `Loader`, for shots.
        drop_last: leave out an incomplete last batch.
        collate: makes a batch of a list of `Sample`s, in this process; the default makes a `Batch`.

    Raises:
        InputError: an argument makes no sense.
    """

    def __init__(
        self,
        factory: Callable[[], SampleRenderer],
        name: str,
        split: str = "train",
        *,
        shots: int | None,
        batch_size: int = 16,
        fields: Sequence[str] = ("image",),
        seed: int = 0,
        shuffle: bool = True,
        workers: int = 2,
        rank: int | None = None,
        world_size: int | None = None,
        even: str = "repeat",
        drop_last: bool = False,
        collate: Callable[[list], Any] | None = None,
    ) -> None:
        if batch_size < 1 or workers < 0 or (shots is not None and shots < 1):
            raise InputError(f"batch_size {batch_size}, workers {workers}, shots {shots}: give at least 1, 0 and 1")
        self._split, self._fields, self._collate = split, checked(fields), collate
        self._batch_size, self._drop_last = batch_size, drop_last
        rank, world_size = layout(rank, world_size)
        counts = np.ones(shots or world_size, np.int64)
        order = {"seed": seed, "shuffle": shuffle and shots is not None, "world_size": world_size, "even": even}
        self._order = Order(counts=counts, split=split, rank=rank, window=1, **order)
        self._endless = shots is None
        self.failed: dict[int, dict[str, int]] = {}
        """Shots that no draw could build: {index: {cause: times}}."""
        own = {"split": split, "shots": shots, "batch_size": batch_size, "drop_last": drop_last}
        self._position = Position({"recipe": name, **own, **order}, {"shot": 0, "sample": 0})
        self._renderers = Renderers(factory, split, self._fields, workers)

    def __enter__(self) -> Live:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Any]:
        self._position.begin()
        first, skipped = self._position.at["shot"], self._position.at["sample"]
        held: list[Decoded] = []
        for place, (index, answer) in enumerate(self._renderers.rendered(self._shots(first)), first):
            if isinstance(answer, dict):
                self.failed[index] = answer
                continue
            for number, one in enumerate(answer[skipped:], skipped + 1):
                held.append(one)
                if len(held) == self._batch_size:
                    done = number == len(answer)
                    self._position.move(shot=place + done, sample=0 if done else number)
                    yield self._batch(held)
                    held = []
            skipped = 0
        if held and not self._drop_last:
            self._position.move(shot=self._order.length, sample=0)
            yield self._batch(held)
        self._position.end()

    def close(self) -> None:
        """End the worker processes."""
        self._renderers.close()

    def _shots(self, first: int) -> Iterator[int]:
        """Yield this rank's shot indices from its `first` on."""
        if self._endless:
            yield from count(self._order.rank + first * self._order.world_size, self._order.world_size)
        for places in self._order.places(self._position.epoch, first):
            yield from places[:, 0].tolist()

    def _batch(self, held: list[Decoded]) -> Any:
        if self._collate is not None:
            return self._collate([sample(one) for one in held])
        return unpack(pack(held, "record" in self._fields))
