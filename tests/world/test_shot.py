"""A shot and its JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.world.shot import (
    Camera,
    Code,
    EyeZone,
    Item,
    Label,
    Lens,
    Light,
    Pose,
    Safety,
    Sensor,
    Shot,
    Wear,
    World,
    as_plain,
)

FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def full(**changes) -> Shot:
    sensor = Sensor(
        model="m",
        resolution_px=(64, 48),
        pitch_m=3.45e-6,
        quantum_efficiency=(0.5, 0.6, 0.5, 0.2),
        saturation_e=1e4,
        dark_noise_e=2.3,
        dark_current_e_s=3.0,
        gain_dn_e=0.02,
    )
    code = Code(code_id="c", symbology="qr", payload='ÄÖ \u2713 "quoted"', module_m=1e-3, position_m=(0.0, 1e-17))
    label = Label(label_id="l", face="top", center_m=(0.0, 0.0), size_m=(0.1, 0.1), codes=(code,), wear=Wear(fade=0.1))
    shot = Shot(
        seed=2**62,
        split="train",
        index=7,
        world=World(warehouse="bench", parameters={"table_top_m": 0.76}),
        cameras={
            "top": Camera(
                pose=Pose(), lens=Lens(focal_m=0.025, f_number=4.0, focus_m=0.5), sensor=sensor, exposure_s=1e-3
            )
        },
        lights={"key": Light(shape="rect", size_m=(0.1, 0.2), peak_power_w=5.0)},
        items={"box": Item(kind="carton", pose=Pose(), size_m=(0.1, 0.2, 0.3), labels=(label,))},
        safety=Safety(zones={"walk": EyeZone(box_m=((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)))}),
        notes={"why": "because"},
    )
    return replace(shot, **changes)


def test_json_comes_back_as_the_same_shot_and_the_same_bytes():
    shot = full()
    again = Shot.from_json(shot.to_json())
    assert again == shot
    assert again.to_json() == shot.to_json()


@given(x=FLOATS, y=FLOATS)
@settings(max_examples=60)
def test_every_float_survives_to_the_last_bit(x, y):
    light = Light(shape="point", peak_power_w=x, delay_s=y)
    shot = Shot(seed=0, split="v", index=0, world=World(warehouse=""), lights={"key": light})
    back = Shot.from_json(shot.to_json()).lights["key"]
    assert (repr(back.peak_power_w), repr(back.delay_s)) == (repr(x), repr(y))


def test_json_does_not_depend_on_the_order_of_names():
    a, b = Light(shape="point"), Light(shape="disk")
    assert full(lights={"a": a, "b": b}).to_json() == full(lights={"b": b, "a": a}).to_json()


def test_whole_numbers_of_foreign_json_become_floats():
    plain = as_plain(full())
    plain["lights"]["key"]["peak_power_w"] = 5
    back = Shot.from_json(json.dumps(plain))
    assert back == full() and isinstance(back.lights["key"].peak_power_w, float)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda d: d.pop("seed"), "seed"),
        (lambda d: d.update(sed=1), "sed"),
        (lambda d: d["cameras"]["top"].pop("exposure_s"), "cameras.top"),
        (lambda d: d["cameras"]["top"].update(exposure_s="1"), "cameras.top.exposure_s"),
        (lambda d: d["lights"]["key"].update(housing=1), "lights.key.housing"),
        (lambda d: d["items"]["box"].update(size_m=[1.0, 2.0]), "items.box.size_m"),
        (lambda d: d.update(cameras=[]), "cameras"),
        (lambda d: d.update(index=True), "index"),
    ],
)
def test_a_wrong_shot_is_refused_by_the_name_of_its_fault(change, named):
    plain = as_plain(full())
    change(plain)
    with pytest.raises(ValueError, match=named):
        Shot.from_json(json.dumps(plain))


def test_a_number_that_json_does_not_have_is_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        full(lights={"key": Light(shape="point", peak_power_w=float("nan"))}).to_json()
