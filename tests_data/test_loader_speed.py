"""The loader against plain webdataset on the same shards, in alternation: it checks every byte and is not slower.

The machine of a test has other work too, and a ratio of two short runs then swings by half. The best of some
alternations is what both can do undisturbed, and decides; medians are printed.
"""

from __future__ import annotations

import sys
from functools import partial

import pytest
from loader_data import full_size, made_by

from synthgen.errors import InputError
from synthgen.loader.benchmark import compare

SHOTS = 192


@pytest.fixture(scope="module", params=[False, True], ids=["image", "image+depth"])
def data(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, tuple[str, ...]]:
    """Return a data set and the fields to read."""
    out = tmp_path_factory.mktemp("speed") / "data"
    fields = ("image", "depth") if request.param else ("image",)
    return made_by(partial(full_size, request.param), out, SHOTS, per_shard=16), fields


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("workers", [0, 2])
def test_as_fast_as_plain_webdataset(data: tuple[str, tuple[str, ...]], workers: int, capsys) -> None:
    url, fields = data
    speed = compare(url, fields=fields, workers=workers, rounds=3)
    with capsys.disabled():
        sys.stderr.write(f"\n{speed.as_text()}\n")
    assert speed.samples == SHOTS
    assert speed.best_ratio >= 0.9


def test_only_a_folder_can_be_compared() -> None:
    with pytest.raises(InputError, match="folder"):
        compare("s3://bucket/data")
