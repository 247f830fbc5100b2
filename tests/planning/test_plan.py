"""Deciding shots: docs/contract.md section 2 as laws."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synthgen import recipe
from synthgen.errors import Infeasible, RecipeError
from synthgen.planning import constraints, plan
from synthgen.random_streams import Stream
from synthgen.recipe import randomizers
from synthgen.world import poses, sites
from synthgen.world.shot import Code, Item, Label, Pose, Shot
from tests.recipe_samples import CARD, GLANCE, SHELF

FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
INDICES = st.integers(0, 10**7)
LAMP = "lamp: {mount: lamp_left, shape: rect, size_mm: [100, 40], peak_power_w: 5, peak_nm: 630}"


@pytest.fixture(autouse=True)
def shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(randomizers, "shipped", lambda: SHELF)


def load(text: str, *overrides: str, folder: Path = Path()) -> recipe.Recipe:
    return recipe.from_text(text, overrides, folder=folder)


def flat(shot: Shot) -> dict[str, object]:
    """Return every leaf of a shot's JSON by dotted path."""

    def walk(value: object, path: str):
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from walk(inner, f"{path}.{key}")
        else:
            yield path, value

    return dict(walk(json.loads(shot.to_json()), ""))


@FEW
@given(index=INDICES, split=st.sampled_from(["train", "val"]))
def test_a_shot_depends_on_its_name_alone_and_comes_back_from_json(index, split):
    r = load(CARD, "lights.lamp.peak_power_w={log_uniform: [1, 9]}")
    shot = plan.shot(r, split, index)
    assert plan.shot(load(CARD, "lights.lamp.peak_power_w={log_uniform: [1, 9]}"), split, index) == shot
    assert Shot.from_json(shot.to_json()).to_json() == shot.to_json()
    assert 1.0 <= shot.lights["lamp"].peak_power_w < 9.0


@FEW
@given(index=INDICES)
def test_a_field_that_turns_random_leaves_every_other_field_identical(index):
    fixed = flat(plan.shot(load(CARD), "train", index))
    for override, changed in (
        ("lights.lamp.peak_power_w={uniform: [6, 9]}", ".lights.lamp.peak_power_w"),
        ("cameras.top.lens.k1={uniform: [-0.2, -0.1]}", ".cameras.top.lens.k1"),
        ("items.card.tone={choice: [0.5, 0.6]}", ".items.card.tone"),
        ("lights.lamp.peak_nm={choice: [850, 940]}", ".lights.lamp.peak_nm"),
    ):
        drawn = flat(plan.shot(load(CARD, override), "train", index))
        assert {path for path in fixed if fixed[path] != drawn[path]} == {changed}
        assert fixed.keys() == drawn.keys()


@FEW
@given(index=INDICES, order=st.permutations(["bar_lights", "baffle_tilt", "note"]))
def test_the_order_of_the_list_and_a_note_change_nothing_else(index, order):
    alone = flat(plan.shot(load(CARD + "randomize: [bar_lights]\n"), "train", index))
    listed = flat(plan.shot(load(CARD + f"randomize: [{', '.join(order)}]\n"), "train", index))
    assert set(listed) - set(alone) == {".notes.note", ".notes.tilt_rad"}
    assert all(listed[path] == value for path, value in alone.items() if path != ".notes")


def test_a_label_names_the_draws_of_an_entry():
    one = plan.shot(load(CARD + "randomize: [{bar_lights: {}, as: mine}]\n"), "train", 4).lights["lamp"]
    rng = Stream(0, "train", 4, "randomize.mine")
    assert one.peak_power_w == 10.0 + 10.0 * rng.at("lamp", "peak_power_w").uniform()
    assert plan.shot(load(CARD + "randomize: [bar_lights]\n"), "train", 4).lights["lamp"] != one


def test_declared_numbers_are_drawn_at_their_dotted_path():
    r = load(
        CARD, "cameras.top.lens.k1={uniform: [-0.2, -0.1]}", "items.card.position_m.1={uniform: [-1, 1]}", "seed=9"
    )
    shot = plan.shot(r, "val", 3)
    rng = Stream(9, "val", 3)
    assert shot.cameras["top"].lens.k1 == -0.2 + rng.at("cameras.top.lens.k1").uniform() * (-0.1 - -0.2)
    y = shot.items["card"].pose.position_m[1]
    assert y == -1 + rng.at("items.card.position_m.1").uniform() * 2
    assert shot.cameras["top"].noise_seed == rng.at("cameras.top.noise").integer()


def test_a_unit_does_not_change_the_draw():
    metres = plan.shot(load(CARD, "cameras.top.exposure_us={uniform: [20, 60]}"), "train", 1)
    millis = plan.shot(load(CARD, "cameras.top.exposure_ms={uniform: [0.02, 0.06]}"), "train", 1)
    assert metres.cameras["top"].exposure_s == pytest.approx(millis.cameras["top"].exposure_s, rel=1e-12)


def test_splits_seeds_and_indices_differ():
    r = load(CARD, "lights.lamp.peak_power_w={uniform: [1, 9]}")
    powers = [plan.shot(r, split, n).lights["lamp"].peak_power_w for split in ("train", "val") for n in range(20)]
    other = load(CARD, "lights.lamp.peak_power_w={uniform: [1, 9]}", "seed=1")
    powers += [plan.shot(other, "train", n).lights["lamp"].peak_power_w for n in range(20)]
    assert len(set(powers)) == 60


def test_an_infeasible_draw_is_drawn_again_and_counted():
    r = load(CARD + "randomize: [unlucky]\n", "lights.lamp.peak_power_w={uniform: [1, 9]}")
    decisions = [plan.decide(r, "train", n) for n in range(60)]
    again = [decision for decision in decisions if decision.shot.attempt > 0]
    assert again and all(decision.causes == {"bad_luck": decision.shot.attempt} for decision in again)
    for decision in again[:5]:  # every draw is of the new attempt
        rng = Stream(0, "train", decision.shot.index, attempt=decision.shot.attempt)
        assert decision.shot.lights["lamp"].peak_power_w == 1.0 + 8.0 * rng.at("lights.lamp.peak_power_w").uniform()
    counted = plan.statistics(r, "train", 60)
    assert counted.shots == 60 and counted.attempts == 60 + counted.causes["bad_luck"]
    assert counted.acceptance == pytest.approx(0.5, abs=0.17)  # 60 successes: about three sigma


def test_after_twenty_tries_a_shot_has_failed():
    r = load(CARD + "randomize: [{unlucky: {share: 1}}]\n")
    with pytest.raises(plan.Failed) as caught:
        plan.shot(r, "train", 3)
    assert caught.value.causes == {"bad_luck": 20} and caught.value.exit_code == 3
    assert "train-00000003" in str(caught.value)
    assert list(plan.shots(r, "train", range(3))) == []
    assert plan.statistics(r, "train", 2).failed == 2


def test_two_randomizers_may_not_write_one_field():
    both = "randomize: [bar_lights, {bar_lights: {peak_nm: 850}, as: again}]\n"
    with pytest.raises(
        RecipeError, match=r"randomize.again: writes lights.lamp.peak_\w+, which randomize.bar_lights has"
    ):
        plan.shot(load(CARD + both), "train", 0)
    second = CARD.replace(LAMP, f"{LAMP}\n  {LAMP.replace('lamp:', 'other:')}")
    apart = "randomize: [{bar_lights: {on: lights.lamp}}, {bar_lights: {on: lights.other}, as: again}]\n"
    assert plan.shot(load(second + apart), "train", 0).lights.keys() == {"lamp", "other"}


def test_a_randomizer_that_decides_what_json_cannot_hold_is_named(tmp_path):
    (tmp_path / "mine.py").write_text(
        "import math\nfrom dataclasses import dataclass, replace\n@dataclass(frozen=True)\nclass Bad:\n"
        "    def __call__(self, shot, rng):\n        lamp = replace(shot.lights['lamp'], delay_s=math.nan)\n"
        "        return replace(shot, lights={'lamp': lamp})\n"
    )
    with pytest.raises(RecipeError, match="one of Bad decided what a Shot cannot hold"):
        plan.shot(load(CARD + "randomize: [./mine.py:Bad]\n", folder=tmp_path), "train", 0)


def test_statistics_show_what_differs():
    r = load(CARD, "lights.lamp.peak_power_w={uniform: [1, 9]}")
    values = plan.statistics(r, "train", 200).values
    assert values["lights.lamp.peak_power_w"].mean() == pytest.approx(5.0, abs=0.6)
    assert "lights.lamp.peak_nm" not in values and len(values["index"]) == 200


def test_a_mount_gives_the_pose_and_the_focus():
    top = plan.shot(load(CARD), "train", 0).cameras["top"]
    mount = sites.build("bench", {}).mount("stand_top")
    assert top.pose == mount.pose and top.lens.focus_m == mount.distance_m
    tweaked = plan.shot(load(CARD, "cameras.top.offset_mm=[10, 0, 100]", "cameras.top.pitch_deg=5"), "train", 0)
    pose = tweaked.cameras["top"].pose
    assert pose == poses.turned(poses.moved(mount.pose, (0.01, 0.0, 0.1)), (1.0, 0.0, 0.0), math.radians(5))
    back = poses.rotate(mount.pose.rotation_wxyz, (0.0, 0.0, 1.0))
    right = poses.rotate(mount.pose.rotation_wxyz, (1.0, 0.0, 0.0))
    moved = np.subtract(pose.position_m, mount.pose.position_m)
    assert moved == pytest.approx(0.1 * np.array(back) + 0.01 * np.array(right))


def test_a_position_looks_at_its_target():
    text = CARD.replace("mount: stand_top", "position_m: [0.3, -0.4, 1.3], look_at_m: [0, 0, 0.764]")
    top = plan.shot(load(text), "train", 0).cameras["top"]
    ahead = poses.rotate(top.pose.rotation_wxyz, (0.0, 0.0, -1.0))
    to = np.subtract((0.0, 0.0, 0.764), (0.3, -0.4, 1.3))
    assert ahead == pytest.approx(to / np.linalg.norm(to))
    assert top.lens.focus_m == pytest.approx(np.linalg.norm(to))


def test_lumens_and_lux_become_watts_by_the_spectrum():
    from synthgen.world import spectra

    lumens = CARD.replace("peak_power_w: 5, peak_nm: 630", "flux_lm: 1000, spectrum: white_led, cct_k: 4000")
    lamp = plan.shot(load(lumens), "train", 0).lights["lamp"]
    assert lamp.peak_power_w * spectra.efficacy_lm_w(spectra.white_led(4000.0)) == pytest.approx(1000.0)
    sky = CARD.replace(LAMP, "sky: {shape: dome, illuminance_lux: 500, spectrum: d65}")
    assert plan.shot(load(sky), "train", 0).lights["sky"].irradiance_w_m2 == pytest.approx(
        500 / spectra.efficacy_lm_w(spectra.d65())
    )
    infrared = CARD.replace("peak_power_w: 5, peak_nm: 630", "flux_lm: 1000, peak_nm: 940")
    with pytest.raises(plan.Failed, match="invisible_light"):
        plan.shot(load(infrared), "train", 0)


def test_a_region_of_pixels_binning_bits_and_gain():
    text = CARD.replace("roi_px: [1280, 960]", "roi_px: [8, 16, 640, 480], binning: 2, bits: 12, gain_db: 6")
    sensor = plan.shot(load(text), "train", 0).cameras["top"].sensor
    assert sensor.roi_px == (8, 16, 640, 480) and sensor.resolution_px == (320, 240)
    assert sensor.pitch_m == pytest.approx(2 * 3.45e-6) and sensor.chip_px == (2064, 1544)
    assert sensor.gain_dn_e == pytest.approx(4095 / 10600 * 10**0.3)
    assert plan.shot(load(CARD), "train", 0).cameras["top"].sensor.roi_px == (392, 292, 1280, 960)


def test_baffles_hang_on_mounts_or_face_what_they_are_told():
    hood = "baffles: {hood: {position_m: [0, 0.5, 1.5], normal: [0, 0, 2], size_mm: [300, 100], tilt_deg: 90}}\n"
    shot = plan.shot(load(CARD + hood), "train", 0)
    facing = poses.rotate(shot.baffles["hood"].pose.rotation_wxyz, (0.0, 0.0, 1.0))
    assert facing == pytest.approx((0.0, -1.0, 0.0))
    mounted = "baffles: {hood: {mount: lamp_left, size_mm: [300, 100]}}\n"
    shot = plan.shot(load(CARD + mounted), "train", 0)
    assert shot.baffles["hood"].pose == sites.build("bench", {}).mount("lamp_left", "baffle").pose


def test_payloads_that_are_left_out_are_drawn_and_decode(tmp_path):
    from synthgen.barcodes import encode

    text = CARD.replace(', payload: "HELLO"', "").replace(
        "symbology: qr", "symbology: {choice: [ean13, gs1_datamatrix]}"
    )
    text = text.replace("module_mm: 1.0", "module_mm: 0.5")
    codes = [plan.shot(load(text), "train", n).items["card"].labels[0].codes[0] for n in range(12)]
    assert {code.symbology for code in codes} == {"ean13", "gs1_datamatrix"}
    assert len({code.payload for code in codes}) == 12
    assert all(encode.encode(code.symbology, code.payload).written for code in codes)
    assert all((code.height_m > 0) == (code.symbology == "ean13") for code in codes)


def test_clutter_lies_in_its_region_and_keeps_its_names_relative(tmp_path):
    (tmp_path / "props").mkdir()
    for name in ("b.usd", "a.usd"):
        (tmp_path / "props" / name).write_text("#usda 1.0\n")
    r = load(GLANCE, folder=tmp_path)
    shots = list(plan.shots(r, "train", range(30)))
    assert {len(shot.items) for shot in shots} == set(range(7))
    found = [item for shot in shots for item in shot.items.values()]
    assert {item.usd for item in found} == {"props/a.usd", "props/b.usd"}
    zone = sites.SITES["scan_tunnel"].zones["clutter"]
    assert all(zone.holds(item.pose.position_m) for item in found)
    full = next(shot for shot in shots if shot.items)
    absolute = plan.anchored(full, tmp_path).items["clutter_0"].usd
    assert Path(absolute).is_absolute() and Path(absolute).is_file()
    # one more thing leaves those before it as they were
    more = {name: item for shot in shots[:1] for name, item in shot.items.items()}
    again = plan.shot(load(GLANCE, "scene.clutter.count=6", folder=tmp_path), "train", 0).items
    assert all(again[name] == item for name, item in more.items())


def test_the_standing_scene_is_the_same_for_every_shot():
    worlds = {plan.shot(load(CARD), split, n).world.seed for split in ("train", "val") for n in range(4)}
    assert len(worlds) == 1
    assert plan.shot(load(CARD, "seed=1"), "train", 0).world.seed not in worlds


BOARD = Pose(position_m=(0.0, 0.0, 0.764))


def carton(*labels: Label, size=(0.4, 0.3, 0.2), pose=BOARD) -> Item:
    return Item(kind="carton", pose=pose, size_m=size, labels=labels)


def label(size=(0.1, 0.05), center=(0.0, 0.0), angle=0.0, face="front", codes=()) -> Label:
    return Label(label_id="l", face=face, center_m=center, angle_rad=angle, size_m=size, codes=codes)


@pytest.mark.parametrize(
    ("item", "cause"),
    [
        (carton(label()), ""),
        (carton(label(size=(0.3, 0.2))), ""),
        (carton(label(size=(0.31, 0.2))), "label_too_large"),
        (carton(label(size=(0.35, 0.1), face="left")), ""),
        (carton(label(size=(0.35, 0.1), face="front")), "label_too_large"),
        (carton(label(size=(0.25, 0.1), angle=math.pi / 2)), "label_too_large"),
        (carton(label(center=(0.1, 0.0))), ""),
        (carton(label(center=(0.11, 0.0))), "label_off_face"),
        (carton(label(face="lid")), "label_off_face"),
        (
            carton(
                label(codes=(Code(code_id="c", symbology="qr", payload="HELLO", module_m=1.7e-3, position_m=(0, 0)),))
            ),
            "",
        ),
        (
            carton(
                label(codes=(Code(code_id="c", symbology="qr", payload="HELLO", module_m=3e-3, position_m=(0, 0)),))
            ),
            "code_too_large",
        ),
    ],
)
def test_labels_must_fit_their_faces_and_codes_their_labels(item, cause):
    shot = replace(plan.shot(load(CARD), "train", 0), items={"box": item})
    standing = sites.build("bench", {})
    if not cause:
        constraints.check(shot, standing)
        return
    with pytest.raises(Infeasible) as caught:
        constraints.check(shot, standing)
    assert caught.value.cause == cause and str(caught.value).startswith(f"{cause}: items.box: ")


def test_cameras_and_lamps_stand_in_nothing():
    shot = plan.shot(load(CARD), "train", 0)
    standing = sites.build("bench", {})
    camera_at = shot.cameras["top"].pose.position_m
    turned = poses.standing((camera_at[0] - 0.1, camera_at[1], camera_at[2] - 0.1), math.pi / 4)
    around = replace(shot, items={"box": carton(pose=turned)})
    with pytest.raises(Infeasible, match=r"camera_inside: cameras\.top: .* inside items\.box"):
        constraints.check(around, standing)
    constraints.check(replace(shot, items={"box": carton(pose=turned, size=(0.1, 0.1, 0.2))}), standing)
    x, y, z = shot.lights["lamp"].pose.position_m
    with pytest.raises(Infeasible, match="light_inside"):
        constraints.check(replace(shot, items={"box": carton(pose=Pose(position_m=(x, y, z - 0.1)))}), standing)
