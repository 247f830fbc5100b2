"""Labels are laid out inside themselves and inside the room there is."""

import numpy as np
import pytest

from synthgen.barcodes.symbologies import SYMBOLOGIES
from synthgen.printing import design as label_design
from synthgen.printing import layout, placement, texel_grid
from synthgen.random_streams import Stream
from synthgen.world.distributions import Choice, Uniform, allows
from synthgen.world.shot import Code, Item, Label, Pose

STREAM = Stream(0, "train", 3, "design")
ROOM = (0.25, 0.25)


def design(**changed):
    given = {
        "label_id": "l",
        "item_id": "i",
        "template": "shipping",
        "symbology": "code128",
        "module_m": 0.0004,
        "room_m": ROOM,
        "stream": STREAM,
    }
    return label_design.design(**{**given, **changed})


@pytest.mark.parametrize("template", label_design.KINDS)
@pytest.mark.parametrize("symbology", SYMBOLOGIES)
def test_every_template_takes_every_symbology(template, symbology):
    label = design(template=template, symbology=symbology, module_m=0.0003)
    assert label is not None and label.template == template
    assert [code.symbology for code in label.codes] == [symbology]
    assert texel_grid.grid(label).placed


@pytest.mark.parametrize("number", range(12))
def test_companions_share_one_grid_exactly(number):
    label = design(stream=STREAM.at(number), companions=("qr", "datamatrix", "pdf417"), module_m=0.0003)
    assert len(label.codes) >= 2
    assert len({code.code_id for code in label.codes}) == len(label.codes)
    for code in label.codes:
        assert texel_grid.module_size_m(label, code) == pytest.approx(code.module_m, rel=0.004)


def test_a_small_room_gets_a_smaller_module_then_no_label():
    room = (0.06, 0.035)
    label = design(template="product", room_m=(0.08, 0.05), module_m=0.0007, asked_m=Uniform(0.0002, 0.0008))
    assert label.codes[0].module_m < 0.0007 and label.size_m == (0.07, 0.04)
    assert design(template="product", room_m=(0.08, 0.05), module_m=0.0007) is None
    assert design(template="product", room_m=room) is None
    assert design(template="small", symbology="gs1_128", room_m=(0.03, 0.02), module_m=0.0003) is None


@pytest.mark.parametrize("asked", [0.0004, Uniform(0.0004, 0.00045), Choice((0.0003, 0.0004))])
def test_companions_have_modules_that_are_asked_for(asked):
    label = design(companions=("qr", "datamatrix"), asked_m=asked)
    assert len(label.codes) == 3 and all(allows(asked, code.module_m) for code in label.codes)


def test_companions_are_left_out_only_where_that_is_asked_for():
    small = {"size_m": (0.1, 0.05), "companions": ("qr", "pdf417", "datamatrix"), "module_m": 0.00055}
    assert design(**small) is None
    assert len(design(**small, kept=(0, 1, 2, 3)).codes) == 3


def test_bars_are_cut_down_to_the_label_but_not_to_nothing():
    code = Code(code_id="c", symbology="code128", payload="T123456", module_m=0.0004, position_m=(0, 0), height_m=0.05)
    rng = STREAM.generator()
    (placed,) = layout.arrange([code], (0.08, 0.03), "tote", rng)
    assert 0.0055 < placed.height_m < 0.03
    assert layout.arrange([code], (0.08, 0.009), "tote", rng) is None
    assert layout.arrange([code], (0.03, 0.03), "tote", rng) is None


def box(*labels, size=(0.4, 0.3, 0.2)):
    return Item(kind="carton", pose=Pose(), size_m=size, labels=labels)


def blank(width, height, angle=0.0, face="top"):
    return Label(label_id="b", face=face, center_m=(0, 0), size_m=(width, height), angle_rad=angle, template="blank")


def test_a_label_is_moved_inside_the_edges_of_its_face():
    item = placement.put(box(), blank(0.1, 0.06), (9.0, -9.0), STREAM.generator())
    assert item.labels[0].center_m == pytest.approx((0.2 - 0.05 - 0.018, -(0.15 - 0.03 - 0.018)), abs=0.01)
    corners = np.abs(placement.corners(item.labels[0]))
    assert (corners <= (0.2 - 0.018, 0.15 - 0.018)).all()


def test_a_label_larger_than_its_face_is_not_put():
    assert placement.put(box(), blank(0.35, 0.21, face="front"), (0, 0), STREAM.generator()) is None


def test_labels_keep_clear_of_each_other():
    item = box()
    for _ in range(40):
        item = placement.put(item, blank(0.08, 0.05, 0.4), (0.0, 0.0), STREAM.generator()) or item
    assert 2 <= len(item.labels) < 12
    centres = np.array([label.center_m for label in item.labels])
    apart = np.linalg.norm(centres[:, None] - centres[None], axis=-1) + np.eye(len(centres))
    assert apart.min() > 0.05


@pytest.mark.parametrize(
    ("kind", "face", "center", "size"),
    [
        ("carton", "front", (0.0, 0.0), (0.3, 0.2)),
        ("tote", "front", (0.0, -0.02), (0.138, 0.124)),
        ("tote", "top", (0.0, 0.0), (0.384, 0.284)),
        ("drum", "left", (0.0, 0.0), (0.0, 0.0)),
        ("pallet", "top", (0.0, 0.0), (0.4, 0.3 * 0.145 / 0.8)),
        ("pallet", "front", (0.0, 0.2 * (0.061 / 0.144 - 0.5)), (0.3 * 0.145 / 0.8, 0.2 * 0.078 / 0.144)),
        ("mailer", "top", (0.0, 0.0), (0.256, 0.192)),
        ("mailer", "left", (0.0, 0.0), (0.0, 0.0)),
        ("pallet_load", "left", (0.0, 0.075), (0.4, 0.05)),
        ("beam", "right", (0.0, 0.0), (0.4, 0.186)),
    ],
)
def test_labels_lie_on_what_is_flat(kind, face, center, size):
    area = placement.flat(Item(kind=kind, pose=Pose(), size_m=(0.4, 0.3, 0.2)), face)
    assert area.center_m == pytest.approx(center) and area.size_m == pytest.approx(size)


def test_a_label_put_on_a_tote_stays_on_its_panel():
    item = Item(kind="tote", pose=Pose(), size_m=(0.6, 0.4, 0.3))
    done = placement.put(item, blank(0.1, 0.05, face="left"), (9.0, 9.0), STREAM.generator())
    area = placement.flat(item, "left")
    corners = np.abs(np.array(placement.corners(done.labels[0])) - area.center_m)
    assert (corners <= np.array(area.size_m) / 2).all()
    drum = Item(kind="drum", pose=Pose(), size_m=(0.6, 0.6, 0.9))
    assert placement.put(drum, blank(0.1, 0.05, face="left"), (0.0, 0.0), STREAM.generator()) is None
