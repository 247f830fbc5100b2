"""Samples rendered while the job trains: the same as in shards, in one order, whatever happens to the workers."""

from __future__ import annotations

import json
import random
from functools import partial
from pathlib import Path

import fake_renderer
import pytest
from loader_data import keys, made, rows, same

from synthgen.errors import InputError, PartialError, RecipeError, SynthgenError
from synthgen.generation import driver
from synthgen.loader import Live, Loader, stream
from synthgen.recipe import load

OPTIONS = {"batch_size": 5, "fields": ("image", "depth", "record")}
SHOTS = 12


def live(workers: int = 0, *, shots: int | None = SHOTS, renderer: dict | None = None, **given: object) -> Live:
    factory = partial(fake_renderer.FakeRenderer, **(renderer or {}))
    return Live(factory, "fake", shots=shots, workers=workers, **{**OPTIONS, **given})


def test_the_samples_are_those_of_the_shards(tmp_path: Path) -> None:
    url = made(tmp_path / "data", shots=16)  # 12 of them in train
    stored = list(Loader(url, shuffle=False, workers=0, **OPTIONS))
    with live(2, shuffle=False) as batches:
        rendered = list(batches)
    assert len(rendered) == len(stored)
    assert all(same(a, b) for a, b in zip(rendered, stored, strict=True))
    with live(0) as batches:
        assert sorted(key for batch in keys(batches) for key in batch) == sorted(rows(url))


def test_order_and_resume_do_not_depend_on_workers() -> None:
    whole = list(live())
    with live(2) as batches:
        assert all(same(a, b) for a, b in zip(list(batches), whole, strict=True))
        second_epoch = keys(batches)
        assert second_epoch != [batch.keys for batch in whole]
    for stop in random.Random(4).sample(range(1, len(whole)), 3):
        first = live()
        for number, _ in enumerate(first, 1):
            if number == stop:
                break
        again = live()
        again.load_state_dict(json.loads(json.dumps(first.state_dict())))
        again.set_epoch(0)
        assert all(same(a, b) for a, b in zip(list(again), whole[stop:], strict=True))
        assert keys(again) == second_epoch
    with pytest.raises(InputError, match="shots"):
        live(shots=13).load_state_dict(first.state_dict())


def test_ranks_share_the_shots() -> None:
    seen = [keys(live(rank=rank, world_size=2)) for rank in range(2)]
    assert len(seen[0]) == len(seen[1])
    assert sorted(key for own in seen for batch in own for key in batch) == sorted(
        key for batch in keys(live()) for key in batch
    )


def test_without_an_end_no_shot_comes_twice() -> None:
    batches = iter(live(shots=None, rank=1, world_size=2, batch_size=2))
    assert [next(batches).keys[0] for _ in range(20)] == [f"train-{2 * i + 1:08d}-left" for i in range(20)]


def test_a_worker_that_dies_is_replaced(tmp_path: Path) -> None:
    expected = keys(live())
    with live(2, renderer={"deadly_once": str(tmp_path / "once")}) as batches:
        assert keys(batches) == expected
    assert (tmp_path / "once").exists()


def test_a_deadly_shot_is_named() -> None:
    with live(2, shuffle=False, renderer={"deadly": (5,)}, batch_size=2) as batches:
        seen = []
        with pytest.raises(PartialError, match="shot 5: "):
            seen.extend(batch.keys for batch in batches)
        assert batches.state_dict()["shot"] == 5  # what came before it was given


@pytest.mark.parametrize("workers", [0, 1])
def test_a_shot_that_cannot_be_built_is_left_out_and_noted(workers: int) -> None:
    with live(workers, shuffle=False, renderer={"infeasible": (2, 11)}) as batches:
        seen = {int(key.split("-")[1]) for batch in keys(batches) for key in batch}
        assert seen == set(range(12)) - {2, 11}
        assert batches.failed == {2: {"label_too_large": 20}, 11: {"label_too_large": 20}}


@pytest.mark.parametrize("workers", [0, 1])
def test_a_mistake_is_named_with_its_shot(workers: int) -> None:
    with (
        live(workers, renderer={"faulty": (3,)}) as batches,
        pytest.raises(SynthgenError, match=r"train-00000003.*mistake"),
    ):
        list(batches)
    with live(workers, renderer={"bad_input": (3,)}) as batches, pytest.raises(InputError, match="code128"):
        list(batches)


def test_real_shots_are_those_of_the_shards(tmp_path: Path) -> None:
    small = ["cameras.top.roi_px=[160, 120]", "dataset.splits={train: 1.0}", "dataset.samples_per_shard=2"]
    recipe = load("bench_card", small)
    order, _ = driver.order(recipe, 2, workers=1)
    driver.run(order, tmp_path / "data")
    given = {"shuffle": False, "batch_size": 2, "fields": ("image", "record", *set(recipe.outputs) - {"image"})}
    stored = list(Loader(str(tmp_path / "data"), workers=0, **given))
    with stream(recipe, "train", shots=2, workers=1, device="cpu", **given) as batches:
        rendered = list(batches)
    assert len(stored) == len(rendered) == 1 and same(stored[0], rendered[0])
    assert len(stored[0].codes) and len(stored[0].maps) >= 2


def test_senseless_orders_are_refused() -> None:
    with pytest.raises(RecipeError):
        stream("no_such_recipe", shots=1)
    with pytest.raises(InputError, match="train, val"):
        stream("scan_tunnel", "test", shots=1)
    with pytest.raises(InputError, match="normals"):
        stream("scan_tunnel", shots=1, fields=("image", "normals"))
    with pytest.raises(InputError, match="shots 0"):
        live(shots=0)
