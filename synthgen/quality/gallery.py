"""The samples that a report shows: the worst of several kinds, and some spread evenly over the data set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from synthgen.dataset import sample as samples
from synthgen.dataset.reader import Dataset
from synthgen.quality import pictures
from synthgen.quality.findings import Findings, member_bytes, place_of
from synthgen.quality.page import Pictures
from synthgen.quality.pictures import Shown
from synthgen.reporting import eye_hazard
from synthgen.reporting.numbers import number
from synthgen.reporting.svg import Svg

_SOME = 4
_MISSED = 4
_OTHERS = 2
_PAIRS = 2


def pictured(dataset: Dataset, found: Findings) -> Pictures:
    """Return the pictures of a report.

    Raises:
        DatasetError: a sample is damaged.
    """
    c = found.counted
    missed = [_shown(dataset, place) for place, _ in c.missed[:8]]
    return Pictures(
        some=tuple(_some(dataset, found)),
        worst=tuple(_worst(dataset, found, missed)),
        crops=((_CROPS, pictures.crops(missed)),) if missed else (),
        alike=tuple(_alike(dataset, found)),
    )


_CROPS = (
    "Codes of 2.5 px per module or more, not occluded and not cut off, that were not read: as the reader sees them."
)


def _some(dataset: Dataset, found: Findings) -> Iterator[tuple[str, Svg]]:
    keys = found.read
    for n in np.unique(np.linspace(0, len(keys) - 1, min(_SOME, len(keys))).astype(int)) if keys else ():
        yield keys[n], pictures.labelled(_by_key(dataset, keys[n]))


def _worst(dataset: Dataset, found: Findings, missed: Iterable[Shown]) -> Iterator[tuple[str, Svg]]:
    for sample in list(missed)[:_MISSED]:
        yield f"{sample.key}: clear codes that were not read", pictures.labelled(sample)
    for place, key in found.counted.misread[:_OTHERS]:
        yield f"{key}: read as something else", pictures.labelled(_shown(dataset, place))
    faulty = [each for each in found.frames if each.faults][:_OTHERS]
    for each in faulty:
        yield f"{each.key}: {' and '.join(each.faults)}", pictures.labelled(_by_key(dataset, each.key))
    for place, key in found.counted.brightest[:1]:
        ratio = number(found.counted.worst_ratio)
        words = f"{key}: largest level in a hazard map, {ratio} times the limit ({eye_hazard.ASSUMPTION})"
        yield words, pictures.labelled(_shown(dataset, place))


def _alike(dataset: Dataset, found: Findings) -> Iterator[tuple[str, Svg]]:
    for pair in found.alike.shown[:_PAIRS]:
        both = [_by_key(dataset, key) for key in pair.keys]
        yield f"{pair.keys[0]} and {pair.keys[1]}: nearly alike", pictures.side_by_side(both)


def _shown(dataset: Dataset, place: int) -> Shown:
    entry, row = place_of(dataset, place)
    members = member_bytes(dataset, entry, row)
    return Shown(key=row.key, image=np.asarray(samples.decoded("png", members["png"])), record=row.record)


def _by_key(dataset: Dataset, key: str) -> Shown:
    row, members = dataset.sample(key)
    return Shown(key=key, image=np.asarray(samples.decoded("png", members["png"])), record=row.record)
