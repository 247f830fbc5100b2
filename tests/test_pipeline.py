"""The whole road: the same recipe, split and index give the same bytes, whoever makes them and in whatever order."""

from __future__ import annotations

import json

import numpy as np
import pytest

from synthgen import pipeline, recipe
from synthgen.dataset import sample as samples
from synthgen.inspection import stage_view
from synthgen.planning import plan
from synthgen.usd.author import flatten, live_stage
from tests import scenes

RANDOMIZERS = '''\
"""Randomizers of a test."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Shove:
    """Move and turn the card, and write another payload on it."""

    def __call__(self, shot, rng):
        card = shot.items["card"]
        x, y = (0.02 * (rng.at(axis).uniform() - 0.5) for axis in "xy")
        pose = replace(card.pose, position_m=(x, y, card.pose.position_m[2]))
        label = card.labels[0]
        code = replace(label.codes[0], payload=f"PART-{rng.at('payload').integer() % 10**6:06d}")
        moved = replace(card, pose=pose, labels=(replace(label, codes=(code,)),), velocity_m_s=(0.2 * x, 0.0, 0.0))
        return replace(shot, items={**shot.items, "card": moved})


@dataclass(frozen=True)
class Remember:
    """Draw, and write a note alone."""

    def __call__(self, shot, rng):
        return replace(shot, notes={**shot.notes, "luck": str(rng.at("luck").uniform())})
'''
SECOND = """  side:
    position_m: [0.1, -0.15, 1.25]
    look_at_m: [0, 0, 0.9]
    sensor: imx264
    roi_px: [96, 72]
    lens: {focal_mm: 1.5, f_number: 5.6, k1: -0.05}
    exposure_us: 3000
lights:
"""
TEXT = scenes.BENCH.replace("lights:\n", SECOND) + "randomize:\n  - ./mine.py:Shove\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recipes")
    (folder / "mine.py").write_text(RANDOMIZERS)
    (folder / "bench.yaml").write_text(TEXT)
    (folder / "noted.yaml").write_text(TEXT + "  - ./mine.py:Remember\n")
    return folder


@pytest.fixture(scope="module")
def loaded(folder):
    return recipe.load(folder / "bench.yaml")


@pytest.fixture(scope="module")
def made(loaded):
    """Return the encoded samples of three shots, made in order by one SampleRenderer."""
    renderer = pipeline.SampleRenderer(loaded)
    return [[samples.encode(sample) for sample in renderer.samples("train", index)] for index in range(3)]


def test_a_shot_gives_one_complete_sample_a_camera(made):
    fields = ["depth.npy", "hazard.npy", "instances.npy", "irradiance.npy", "json", "png", "shot.json"]
    for shot in made:
        assert [sorted(sample) for sample in shot] == [fields, fields]
    records = [json.loads(sample["json"]) for shot in made for sample in shot]
    assert [r["camera"]["name"] for r in records] == ["cam", "side"] * 3
    assert len({r["image_id"] for r in records}) == 6
    codes = [r["annotations"][0] for r in records]
    assert all(code["symbology"] == "qr" and code["payload"].startswith("PART-") for code in codes)
    assert codes[0]["payload"] == codes[1]["payload"] != codes[2]["payload"]
    assert codes[0]["code_id"] == codes[1]["code_id"]
    assert all(code["decoded"] for code in codes[::2]), [code["reason"] for code in codes]


def test_shots_differ(made):
    assert len({shot[0]["png"] for shot in made}) == 3


def test_the_same_sample_twice_and_out_of_order_is_the_same_bytes(loaded, made):
    renderer = pipeline.SampleRenderer(loaded)
    for index in (2, 0, 2, 1):
        again = [samples.encode(sample) for sample in renderer.samples("train", index)]
        assert again == made[index], f"shot {index}"


def test_another_maker_another_thread_count_the_same_bytes(loaded, made):
    again = pipeline.SampleRenderer(loaded, threads=2).samples("train", 1)
    assert [samples.encode(sample) for sample in again] == made[1]


def test_a_randomizer_that_only_writes_a_note_changes_nothing_else(folder, made):
    noted = pipeline.SampleRenderer(recipe.load(folder / "noted.yaml")).samples("train", 0)
    for sample, before in zip(noted, made[0], strict=True):
        members = samples.encode(sample)
        shot, old = (json.loads(m["shot.json"]) for m in (members, before))
        assert shot.pop("notes").keys() == {"luck"} and old.pop("notes") == {}
        assert shot == old
        for name in members.keys() - {"shot.json"}:
            assert members[name] == before[name], name


def test_a_record_is_plain_json_with_whole_floats(made):
    def walk(value, place=""):
        assert value is not None, place
        if isinstance(value, float):
            assert np.isfinite(value), place
        for key, inner in (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        ):
            walk(inner, f"{place}.{key}")

    for sample in made[0]:
        walk(json.loads(sample["json"]))


@pytest.mark.parametrize("suffix", [".usda", ".usdz"])
def test_a_written_stage_renders_the_sample_bit_for_bit(loaded, made, tmp_path, suffix):
    """`shot`, then `render`, gives the sample's pixels and maps: the stage holds everything."""
    shot = plan.shot(loaded, "train", 1)
    stage = live_stage.open_world(shot.world, tmp_path / "world")
    live_stage.author(stage, shot)
    flatten.write(stage, tmp_path / f"shot{suffix}")
    scene = stage_view.open_scene(tmp_path / f"shot{suffix}")
    wanted = ("image", "depth", "irradiance", "hazard", "instances")
    views = stage_view.render_views(scene, wanted)
    expected = {m.key: m for m in pipeline.SampleRenderer(loaded).samples("train", 1)}
    assert list(views) == ["cam", "side"]
    for name, maps in views.items():
        sample = expected[samples.key("train", 1, name)]
        arrays = stage_view.arrays_of({name: maps}, wanted)
        np.testing.assert_array_equal(arrays["image"], sample.image)
        for field in wanted[1:]:
            np.testing.assert_array_equal(arrays[field], sample.arrays[field], err_msg=field)


def test_the_standing_scene_stays_on_the_device_from_shot_to_shot(loaded):
    renderer = pipeline.SampleRenderer(loaded)
    renderer.samples("train", 0)
    scene = renderer.scene(plan.shot(loaded, "train", 0))
    before = scene.uploads.copy()
    assert renderer.scene(plan.shot(loaded, "train", 1)) is scene
    uploaded = scene.uploads - before
    assert uploaded["mesh"] == 0, "unit meshes are shared"
    assert uploaded["texture"] <= 1, "another payload is another label, nothing else"


def test_the_clock_hears_every_stage(loaded):
    heard = set()
    pipeline.SampleRenderer(loaded).samples("train", 0, lambda stage, seconds: heard.add(stage))
    assert {"author", "sync", "trace", "light", "sensor", "label"} <= heard
