"""Images per second of the loader against plain webdataset on the same shards, in alternation in one run.

Plain webdataset is used as its documentation shows: shards in order of a shuffle, a shuffle buffer, only the members
that are asked for, its own decoders and batches. It checks nothing.
"""

from __future__ import annotations

import resource
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import webdataset

from synthgen.dataset import reader
from synthgen.errors import InputError
from synthgen.loader.loader import Loader
from synthgen.loader.targets import Batch

ROUNDS = 5
_BUFFER = 100  # samples that webdataset shuffles


@dataclass(frozen=True, kw_only=True)
class Speed:
    """The result of a comparison."""

    fields: tuple[str, ...]
    workers: int
    samples: int
    """Of an epoch."""
    loader_per_s: float
    """Images per second, median over rounds [1/s]."""
    webdataset_per_s: float
    """The same through plain webdataset [1/s]."""
    ratio: float
    """Loader over webdataset, median of the rounds' ratios."""
    best_ratio: float
    """The largest of them: what a machine with other work allows to see."""
    cpu_ratio: float
    """Processor time of webdataset over that of the loader, workers included, median."""

    def as_text(self) -> str:
        """Return a line."""
        rates = f"loader {self.loader_per_s:5.0f}/s, webdataset {self.webdataset_per_s:5.0f}/s"
        ratios = f"ratio {self.ratio:.2f} (best {self.best_ratio:.2f}, by processor time {self.cpu_ratio:.2f})"
        return f"{'+'.join(self.fields):<12} {self.workers} workers: {rates}, {ratios}"


def compare(
    url: str,
    split: str = "train",
    *,
    fields: Sequence[str] = ("image",),
    workers: int = 0,
    batch_size: int = 16,
    rounds: int = ROUNDS,
    epochs: int = 1,
) -> Speed:
    """Return how fast both read some epochs of a grey data set in a folder; a first round counts for nothing.

    Raises:
        DatasetError: there is no finished data set.
        InputError: it is not in a folder.
    """
    if "://" in url:
        raise InputError(f"{url}: the comparison reads a folder; copy the data set first")
    loader = Loader(url, split, batch_size=batch_size, fields=fields, workers=workers, rank=0, world_size=1)
    plain = _plain(url, split, fields, batch_size, workers)
    rates: list[tuple[tuple[float, float], tuple[float, float]]] = []
    for number in range(rounds + 1):
        sides = (loader, plain) if number % 2 else (plain, loader)
        measured = {id(side): _rate(side, epochs) for side in sides}
        rates.append((measured[id(loader)], measured[id(plain)]))
    ours, theirs = zip(*rates[1:], strict=True)
    ratios = [mine[0] / other[0] for mine, other in rates[1:]]
    return Speed(
        fields=tuple(fields),
        workers=workers,
        samples=loader.samples,
        loader_per_s=median(wall for wall, _ in ours),
        webdataset_per_s=median(wall for wall, _ in theirs),
        ratio=median(ratios),
        best_ratio=max(ratios),
        cpu_ratio=median(mine[1] / other[1] for mine, other in rates[1:]),
    )


def _rate(batches: Iterable, epochs: int) -> tuple[float, float]:
    """Return images per second and per second of processor time."""
    started, busy, count = perf_counter(), _cpu_s(), 0
    for _ in range(epochs):
        for batch in batches:
            count += len(batch) if isinstance(batch, Batch) else len(batch[0])
    return count / (perf_counter() - started), count / (_cpu_s() - busy)


def _cpu_s() -> float:
    """Return the processor time of this process and its workers that have ended [s]."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _plain(url: str, split: str, fields: Sequence[str], batch_size: int, workers: int) -> Iterable:
    found = reader.open_dataset(url)
    shards = [found.store.place(entry.name) for entry in found.entries(split)]
    names = ["png" if name == "image" else f"{name}.npy" for name in fields] + ["json"]

    def wanted(member: str) -> bool:
        return member.partition(".")[2] in names

    source = webdataset.WebDataset(shards, shardshuffle=len(shards), detshuffle=True, seed=0, select_files=wanted)
    source = source.shuffle(_BUFFER).decode("torchl8").to_tuple(*names).batched(batch_size)
    return webdataset.WebLoader(source, batch_size=None, num_workers=workers)
