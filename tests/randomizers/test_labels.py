"""Randomizers of labels: every label decodes flat, lies on its face, and depends on its own draws alone."""

from dataclasses import replace

import pytest

from randomizers.labels import CardLabel, CartonLabels, PalletLabels, ToteLabels
from randomizers.negatives import HardNegatives
from randomizers.rack_labels import RackLabels
from randomizers.wear import LabelFilm, PrintWear
from synthgen.errors import Infeasible, InputError
from synthgen.printing import placement, rasterize, texel_grid
from synthgen.random_streams import Stream
from synthgen.world import item_faces
from synthgen.world.distributions import Choice, Fixed, Int, Uniform, allows
from synthgen.world.poses import apart
from synthgen.world.shot import Camera, Item, Lens, Pose, Sensor, Shot, Wear, World

SENSOR = Sensor(
    model="x",
    resolution_px=(640, 480),
    pitch_m=3e-6,
    quantum_efficiency=(0.5, 0.5, 0.5, 0.3),
    saturation_e=1e4,
    dark_noise_e=2.0,
    dark_current_e_s=1.0,
    gain_dn_e=0.02,
)
ITEMS = {
    "box": Item(kind="carton", pose=Pose(position_m=(0.1, 0.0, 0.0)), size_m=(0.4, 0.3, 0.2)),
    "bag": Item(kind="mailer", pose=Pose(position_m=(3.0, 0.0, 0.0)), size_m=(0.33, 0.25, 0.03)),
    "crate": Item(kind="tote", pose=Pose(position_m=(2.0, 0.0, 0.0)), size_m=(0.6, 0.4, 0.3)),
    "load": Item(kind="pallet_load", pose=Pose(position_m=(5.0, 0.0, 0.0)), size_m=(1.2, 0.8, 1.5)),
    "beam_a": Item(kind="beam", pose=Pose(position_m=(0.0, 3.0, 1.5)), size_m=(2.7, 0.05, 0.12)),
    "beam_b": Item(kind="beam", pose=Pose(position_m=(2.8, 3.0, 1.5)), size_m=(2.7, 0.05, 0.12)),
    "beam_c": Item(kind="beam", pose=Pose(position_m=(2.8, 3.0, 3.0)), size_m=(2.7, 0.05, 0.12)),
    "card": Item(kind="card", pose=Pose(), size_m=(0.148, 0.105, 0.001)),
}
CAMERA = Camera(
    pose=Pose(position_m=(0.0, -2.0, 1.6)),
    lens=Lens(focal_m=0.025, f_number=5.6, focus_m=1.5),
    sensor=SENSOR,
    exposure_s=1e-4,
)
NEGATIVES = HardNegatives(share=1.0, kinds=("carton", "tote", "pallet_load"))
ALL = (CartonLabels(), ToteLabels(), RackLabels(), PalletLabels(), CardLabel(), replace(NEGATIVES, share=0.9))


def made(index, *randomizers, items=ITEMS):
    shot = Shot(
        seed=0, split="train", index=index, world=World(warehouse=""), items=dict(items), cameras={"eye": CAMERA}
    )
    for randomizer in randomizers:
        shot = randomizer(shot, Stream(0, "train", index, "randomize").at(type(randomizer).__name__))
    return shot


@pytest.mark.parametrize("index", range(12))
def test_every_label_decodes_flat_and_lies_on_its_face_clear_of_others(index):
    shot = made(index, *ALL)
    ids = [code.code_id for item in shot.items.values() for label in item.labels for code in label.codes]
    assert len(ids) == len(set(ids)) >= 12
    assert Shot.from_json(shot.to_json()) == shot
    for name, item in shot.items.items():
        assert item.labels, name
        for label in item.labels:
            rasterize.check(label)
            width, height = item_faces.size(label.face, item.size_m)
            for x, y in placement.corners(label):
                assert abs(x) <= width / 2 + 1e-9 and abs(y) <= height / 2 + 1e-9
            for code in label.codes:
                assert code.code_id.startswith(f"{name}/{label.label_id}/")
                assert texel_grid.module_size_m(label, code) == pytest.approx(code.module_m, rel=0.004)
            others = [other for other in item.labels if other.face == label.face and other is not label]
            assert all(apart(placement.corners(label), placement.corners(other)) for other in others)


def test_the_same_stream_makes_the_same_shot_and_another_index_another():
    wear = (PrintWear(), LabelFilm())
    assert made(5, *ALL, *wear) == made(5, *ALL, *wear)
    assert made(5, *ALL) != made(6, *ALL)


def test_fixing_one_field_leaves_the_other_draws_alone():
    free = made(1, CartonLabels(symbology="code128", template="shipping"))
    fixed = made(1, CartonLabels(symbology="code128", template="shipping", tilt_rad=Fixed(0.0), askew=0.0))
    one, other = (shot.items["box"].labels[0] for shot in (free, fixed))
    assert [code.payload for code in one.codes] == [code.payload for code in other.codes]
    assert (one.size_m, one.art_seed, one.face) == (other.size_m, other.art_seed, other.face)


def test_an_item_among_others_is_labelled_as_if_alone():
    alone = made(2, CartonLabels(), items={"box": ITEMS["box"]})
    assert alone.items["box"] == made(2, CartonLabels()).items["box"]


def test_on_names_the_items():
    shot = made(0, CartonLabels(on="items.bo*"))
    assert shot.items["box"].labels and not shot.items["bag"].labels


def test_a_carton_too_small_for_any_label_is_infeasible():
    tiny = {"box": replace(ITEMS["box"], size_m=(0.012, 0.01, 0.01))}
    with pytest.raises(Infeasible) as refused:
        made(0, CartonLabels(), items=tiny)
    assert refused.value.cause == "label_too_large"
    with pytest.raises(Infeasible, match="label_too_large"):
        made(0, RackLabels(), items={"b": replace(ITEMS["beam_a"], size_m=(2.7, 0.05, 0.02))})
    with pytest.raises(Infeasible, match="label_too_large"):
        made(0, PalletLabels(), items={"p": replace(ITEMS["load"], size_m=(0.08, 0.08, 0.5))})


def test_a_small_carton_gets_a_small_label():
    small = {"box": replace(ITEMS["box"], size_m=(0.11, 0.1, 0.04))}
    for index in range(20):
        (label, *_) = made(index, CartonLabels(), items=small).items["box"].labels
        assert max(label.size_m) <= 0.11


def test_count_and_face_are_obeyed_where_there_is_room():
    large = {"box": replace(ITEMS["box"], size_m=(0.9, 0.8, 0.7))}
    left = CartonLabels(count=3, face="left", module_m=0.0003, companions="")
    labels = made(3, left, items=large).items["box"].labels
    assert len(labels) == 3 and {label.face for label in labels} == {"left"}
    assert 1 <= len(made(3, CartonLabels(count=Int(1, 8))).items["box"].labels) <= 8


def test_totes_carry_one_number_on_all_their_sides():
    labels = made(4, ToteLabels(sides="front back left right")).items["crate"].labels
    assert [label.face for label in labels] == ["front", "back", "left", "right"]
    assert len({code.payload for label in labels for code in label.codes}) == 1


def test_racks_are_numbered_in_sequence_towards_the_camera():
    shot = made(6, RackLabels(missing=0.0, loose=0.0))
    read = {
        name: [label.codes[0].payload.split("-") for label in item.labels]
        for name, item in shot.items.items()
        if item.kind == "beam"
    }
    aisle, bay, level, _ = (int(part) for part in read["beam_a"][0])
    assert level == 1
    assert read["beam_a"] == [[f"{aisle:02d}", f"{bay:02d}", "01", f"{n:02d}"] for n in (1, 2, 3)]
    assert read["beam_b"][0] == [f"{aisle:02d}", f"{bay + 1:02d}", "01", "01"]
    assert read["beam_c"][0] == [f"{aisle:02d}", f"{bay + 1:02d}", "02", "01"]
    labels = shot.items["beam_a"].labels
    assert {label.face for label in labels} == {"right"}  # -y: the camera's side
    assert [round(label.center_m[0], 1) for label in labels] == [-0.9, 0.0, 0.9]
    assert len({label.size_m for label in labels}) == 1


def test_a_pallet_shows_one_sscc_on_adjacent_sides_at_its_height():
    item = made(7, PalletLabels(sides=2)).items["load"]
    assert {label.face for label in item.labels} in (
        {"front", "left"},
        {"left", "back"},
        {"back", "right"},
        {"right", "front"},
    )
    assert len({label.codes[0].payload for label in item.labels}) == 1
    for label in item.labels:
        assert label.codes[0].payload.startswith("(00)")
        assert 0.4 <= label.center_m[1] + item.size_m[2] / 2 <= 0.8


def test_a_card_is_covered_and_can_be_told_its_payload():
    item = made(8, CardLabel(symbology="code128", payload="CARD-1", companions="")).items["card"]
    (label,) = item.labels
    assert (label.face, label.size_m) == ("top", (0.148, 0.105))
    assert [code.payload for code in label.codes] == ["CARD-1"]


def test_wear_takes_its_share_and_nothing_else():
    plain = made(9, CartonLabels())
    none, every = made(9, CartonLabels(), PrintWear(share=0.0)), made(9, CartonLabels(), PrintWear(share=1.0, fade=0.2))
    assert none == plain
    for name, item in every.items.items():
        for label, before in zip(item.labels, plain.items[name].labels, strict=True):
            assert label.wear.fade == 0.2 and replace(label, wear=Wear()) == before


def test_film_takes_its_share():
    films = [label.film for label in made(10, ToteLabels(), LabelFilm(share=1.0, film="pouch")).items["crate"].labels]
    assert set(films) == {"pouch"}
    assert {label.film for label in made(10, ToteLabels(), LabelFilm(share=0.0)).items["crate"].labels} == {""}


def test_look_alikes_have_no_codes():
    shot = made(11, replace(NEGATIVES, count=2))
    labels = [label for item in shot.items.values() for label in item.labels]
    assert labels and all(label.template in rasterize.NEGATIVES and not label.codes for label in labels)


def test_what_has_no_room_for_as_many_look_alikes_as_are_asked_for_is_infeasible():
    tiny = {"box": replace(ITEMS["box"], size_m=(0.05, 0.05, 0.05))}
    many = HardNegatives(share=1.0, count=9, width_m=0.04)
    with pytest.raises(Infeasible, match="label_too_large"):
        made(0, many, items=tiny)
    assert not made(0, replace(many, share=0.5, width_m=0.06), items=tiny).items["box"].labels


@pytest.mark.parametrize("asked", [Uniform(0.00033, 0.0005), Fixed(0.0005), 0.0004, Choice((0.00033, 0.0005))])
@pytest.mark.parametrize("kind", [CartonLabels, ToteLabels, RackLabels, CardLabel])
def test_every_code_has_a_module_that_is_asked_for(kind, asked):
    built = 0
    for index in range(16):
        try:
            shot = made(index, kind(module_m=asked))
        except Infeasible as refused:
            assert refused.cause == "label_too_large"
            continue
        built += 1
        codes = [code for item in shot.items.values() for label in item.labels for code in label.codes]
        assert codes and all(allows(asked, code.module_m) for code in codes)
    assert built


@pytest.mark.parametrize("face", ["top", "bottom", "left", "right", "front", "back"])
def test_a_tote_is_labelled_on_the_face_that_is_asked_for(face):
    for randomizer in (CartonLabels(kinds=("tote",), face=face, module_m=0.0003), ToteLabels(sides=face)):
        labels = made(0, randomizer).items["crate"].labels
        assert labels and {label.face for label in labels} == {face}


def test_an_eye_above_a_tote_finds_its_label():
    above = replace(CAMERA, pose=Pose(position_m=(2.0, 0.0, 3.0)))
    shot = Shot(seed=0, split="train", index=0, world=World(warehouse=""), items=ITEMS, cameras={"eye": above})
    done = ToteLabels(sides="camera")(shot, Stream(0, "train", 0, "t")).items["crate"]
    assert [label.face for label in done.labels] == ["top"]


def test_a_face_that_cannot_be_labelled_is_infeasible_and_one_that_is_none_is_refused():
    with pytest.raises(Infeasible) as refused:
        made(0, CartonLabels(kinds=("mailer",), face="left"))
    assert refused.value.cause == "label_off_face" and "a mailer has no flat left face" in str(refused.value)
    assert made(0, CartonLabels(kinds=("mailer",), face=Choice(("left", "top")))).items["bag"].labels[0].face == "top"
    with pytest.raises(InputError, match="write camera or one of front, back"):
        made(0, CartonLabels(face="upside"))


def test_loads_and_pallets_are_labelled_on_top_too():
    (label,) = made(0, PalletLabels(face="top", sides=1)).items["load"].labels
    assert label.face == "top"
    pallet = {"p": Item(kind="pallet", pose=Pose(), size_m=(1.2, 0.8, 0.144))}
    for face in ("top", "front", "left", "bottom"):
        randomizer = CartonLabels(kinds=("pallet",), face=face, symbology="qr", module_m=0.0004, companions="", count=1)
        (label,) = made(0, randomizer, items=pallet).items["p"].labels
        assert label.face == face


def test_offsets_keep_what_is_asked_for():
    small = {"box": replace(ITEMS["box"], size_m=(0.16, 0.13, 0.1))}
    far = CartonLabels(offset_m=0.3, companions="", count=1)
    with pytest.raises(Infeasible, match="label_too_large"):
        made(0, far, items=small)
    assert made(0, replace(far, offset_m=0.0, module_m=0.0003), items=small).items["box"].labels
    with pytest.raises(Infeasible, match="label_too_large"):
        made(0, ToteLabels(offset_m=0.2))
    with pytest.raises(Infeasible, match="label_too_large"):
        made(0, PalletLabels(height_m=3.0))
    with pytest.raises(Infeasible, match="label_too_large"):
        made(0, RackLabels(across_m=2.0))


def test_a_loose_label_that_does_not_fit_is_stuck_on_at_the_tilt_that_is_asked_for():
    low = {"beam_a": replace(ITEMS["beam_a"], size_m=(2.7, 0.05, 0.06))}
    labels = (
        made(0, RackLabels(loose=0.999, missing=0.0, tilt_rad=0.01, module_m=0.0005), items=low).items["beam_a"].labels
    )
    assert labels and {label.angle_rad for label in labels} == {0.01}
