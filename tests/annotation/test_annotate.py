"""Annotations against geometry done by hand, and labelled corners against the rendered ones."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pyarrow
import pytest

from synthgen.annotation import annotate
from synthgen.annotation.unread_reason import REASONS
from synthgen.barcodes.symbologies import SYMBOLOGIES
from synthgen.dataset import sample
from synthgen.loader import filters
from synthgen.rendering import pixel_integration, ray_tracers
from synthgen.rendering.direct_lighting import light
from synthgen.rendering.launch import View
from synthgen.rendering.render import render
from synthgen.world import lens as optics
from synthgen.world import scene_description
from tests import scenes

LAMP = scenes.lamp(scenes.facing((0.4, 0.3, 0.9), (0, 0, 0)), strength=60.0)
CAMERA = scenes.camera(scenes.looking_down(0.5), focal_px=1200.0, size_px=(160, 120), exposure_s=2e-3)
KEYS = [
    "id",
    "image_id",
    "category_id",
    "bbox",
    "area",
    "iscrowd",
    "segmentation",
    "keypoints",
    "num_keypoints",
    "code_id",
    "symbology",
    "payload",
    "quad_px",
    "quad_visible_px",
    "bbox_amodal",
    "visible_fraction",
    "truncated",
    "module_px_min",
    "module_px_mean",
    "incidence_deg",
    "distance_m",
    "irradiance_w_m2",
    "snr",
    "contrast",
    "psf_px",
    "motion_px",
    "decoded",
    "decoded_rectified",
    "decoded_text",
    "decodability",
    "reason",
]
"""docs/contract.md section 6."""
FLOATS = [
    "area",
    "visible_fraction",
    "module_px_min",
    "module_px_mean",
    "incidence_deg",
    "distance_m",
    "irradiance_w_m2",
    "snr",
    "contrast",
    "psf_px",
    "motion_px",
    "decodability",
]


def annotations(instances, codes, camera=CAMERA, lights=(LAMP,), tracer="warp"):
    """Return the annotations of a view."""
    world = scenes.description(instances=instances, lights=lights, codes=codes)
    device = scenes.tables_of(world)
    tracing = ray_tracers.of(device, tracer)
    (maps,) = render(device, tracing, [View(0, camera)], ["image", "irradiance"])
    return annotate.annotate(device, tracing, maps, codes, image_id=7)


def test_a_code_seen_straight_on(tmp_path):
    on, code = scenes.label(tmp_path, module_m=1e-3)
    (found,) = annotations([on], [code])
    assert list(found) == KEYS
    scale = 1200.0 / 0.5  # px/m
    side = 21 * 1e-3 * scale
    left, top = 80 - side / 2, 60 - side / 2
    corners = [[left, top], [left + side, top], [left + side, top + side], [left, top + side]]
    # 1e-3 px: docs/contract.md section 5's projection, here without a lens.
    np.testing.assert_allclose(found["quad_px"], corners, atol=1e-3)
    np.testing.assert_allclose(found["bbox"], [left, top, side, side], atol=1e-3)
    np.testing.assert_allclose(found["bbox_amodal"], found["bbox"], atol=1e-6)
    np.testing.assert_allclose(found["quad_visible_px"], corners, atol=1e-3)
    np.testing.assert_allclose(np.reshape(found["keypoints"], (4, 3)), [[*c, 2.0] for c in corners], atol=1e-3)
    assert found["num_keypoints"] == 4 and not found["truncated"] and found["visible_fraction"] == 1.0
    assert found["module_px_min"] == pytest.approx(1200.0 * 1e-3 / 0.5, rel=1e-4), "f module / (z pitch)"
    assert found["module_px_mean"] == pytest.approx(found["module_px_min"], rel=1e-4)
    assert found["area"] == pytest.approx(side**2, rel=1e-4)
    assert found["incidence_deg"] == pytest.approx(0, abs=0.01) and found["distance_m"] == pytest.approx(0.5)
    irradiance = 60.0 * scenes.contour(scenes.corners_of(LAMP), np.zeros(3), np.array([0, 0, 1.0]))
    assert found["irradiance_w_m2"] == pytest.approx(irradiance, rel=0.01)
    assert found["category_id"] == SYMBOLOGIES.index("qr") + 1 and found["image_id"] == 7
    assert found["decoded"] and found["decoded_rectified"] and found["decoded_text"] == "SYNTHGEN-1"
    assert found["reason"] == "readable" and found["decodability"] > 0.9
    assert found["motion_px"] == 0.0
    assert found["psf_px"] == pytest.approx(0.42 * 0.6e-6 * 4 / 5e-6)


def test_types_are_the_contract_s_and_json_takes_them(tmp_path):
    on, code = scenes.label(tmp_path)
    for lights in ((LAMP,), ()):
        (found,) = annotations([on], [code], lights=lights)
        assert all(type(found[name]) is float for name in FLOATS), {n: type(found[n]) for n in FLOATS}
        for name in ("bbox", "bbox_amodal", "keypoints"):
            assert all(type(value) is float for value in found[name]), name
        for name in ("quad_px", "quad_visible_px", "segmentation"):
            assert all(type(value) is float for row in found[name] for value in row), name
        for name in ("truncated", "decoded", "decoded_rectified"):
            assert type(found[name]) is bool, name
        for name in ("id", "image_id", "category_id", "iscrowd", "num_keypoints"):
            assert type(found[name]) is int, name
        assert json.loads(sample.canonical(found)) == found
        assert found["reason"] in REASONS
        assert 0 <= found["contrast"] <= 1 and 0 <= found["decodability"] <= 1


@pytest.mark.parametrize("angle_deg", [20.0, 50.0])
def test_a_tilted_code_s_incidence_and_module_size(tmp_path, angle_deg):
    turned = scenes.pose((0, 0, 0), scenes.turn("x", math.radians(angle_deg)))
    on, code = scenes.label(tmp_path, where=turned)
    (found,) = annotations([on], [code])
    assert found["incidence_deg"] == pytest.approx(angle_deg, abs=0.01)
    # The smaller axis is the foreshortened one, at its far end.
    far = 0.5 + 0.0105 * math.sin(math.radians(angle_deg))
    expected = 1.2 / far * math.cos(math.radians(angle_deg))
    assert found["module_px_min"] == pytest.approx(expected, rel=0.03)
    assert found["module_px_mean"] > found["module_px_min"]


def test_a_linear_code_s_module_is_measured_along_its_bars_scan(tmp_path):
    turned = scenes.pose((0, 0, 0), scenes.turn("x", math.radians(60)))
    on, code = scenes.label(tmp_path, "code128", "A1", 0.5e-3, where=turned)
    (found,) = annotations([on], [code])
    # Tilting the bars' length changes nothing across them; the far end is 0.013 m further off.
    assert found["module_px_mean"] == pytest.approx(1200 * 0.5e-3 / 0.5, rel=0.01)


@pytest.mark.parametrize("tracer", scenes.TRACERS)
@pytest.mark.parametrize("share", [0.25, 0.5, 0.8])
def test_visible_fraction_is_what_a_cover_leaves(tmp_path, share, tracer):
    """A sheet close above hides the right part, up to a line: a raster of GRID x GRID rays counts to 1 / GRID."""
    on, code = scenes.label(tmp_path)
    edge = -0.0105 + 0.021 * share
    cover = scenes.instance("/cover", scenes.sheet(0.2, 0.2), scenes.pose((0.1 + edge, 0, 0.002)))
    (found,) = annotations([on, cover], [code], tracer=tracer)
    assert found["visible_fraction"] == pytest.approx(share, abs=1 / annotate.GRID)
    assert found["bbox"][2] == pytest.approx(
        share * found["bbox_amodal"][2], abs=found["bbox_amodal"][2] / annotate.GRID
    )
    assert found["area"] == pytest.approx(share * 50.4**2, rel=0.15)
    visibility = np.reshape(found["keypoints"], (4, 3))[:, 2]
    assert visibility.tolist() == [2.0, 1.0, 1.0, 2.0], "right corners are in the image but hidden"
    if share <= 0.5:
        assert not found["decoded"] and found["reason"] == "occluded"


def test_a_code_that_nothing_is_seen_of_is_not_annotated(tmp_path):
    on, code = scenes.label(tmp_path)
    cover = scenes.instance("/cover", scenes.sheet(0.2, 0.2), scenes.pose((0, 0, 0.02)))
    assert annotations([on, cover], [code]) == []
    away = scenes.pose((0, 0, 0), scenes.turn("x", math.pi))
    on, code = scenes.label(tmp_path, where=away)
    assert annotations([on], [code]) == [], "its back"
    aside, code = scenes.label(tmp_path, where=scenes.pose((5, 0, 0)))
    assert annotations([aside], [code]) == [], "out of view"
    above, code = scenes.label(tmp_path, where=scenes.pose((0, 0, 2)))
    assert annotations([above], [code]) == [], "behind the camera"


def test_a_truncated_code(tmp_path):
    on, code = scenes.label(tmp_path, where=scenes.pose((0.5 / 1200 * 80, 0, 0)))  # centre on the right edge
    (found,) = annotations([on], [code])
    assert found["truncated"] and found["reason"] == "out_of_view"
    assert found["visible_fraction"] == pytest.approx(0.5, abs=1 / annotate.GRID)
    x, _, width, _ = found["bbox"]
    assert x + width == pytest.approx(160) and found["bbox_amodal"][2] == pytest.approx(50.4, rel=1e-3)
    assert np.reshape(found["keypoints"], (4, 3))[1:3].tolist() == [[0.0, 0.0, 0.0]] * 2
    assert found["num_keypoints"] == 2
    assert max(p[0] for p in found["quad_visible_px"]) <= 160


def test_two_codes_keep_their_order_and_ids(tmp_path):
    pair = [
        scenes.label(tmp_path, payload=f"P{k}", module_m=0.6e-3, where=scenes.pose((x, 0, 0)), path=f"/{k}")
        for k, x in enumerate((-0.016, 0.016))
    ]
    found = annotations([on for on, _ in pair], [code for _, code in pair])
    assert [f["code_id"] for f in found] == ["/0.code", "/1.code"]
    assert len({f["id"] for f in found}) == 2 and [f["decoded_text"] for f in found] == ["P0", "P1"]


@pytest.mark.parametrize(
    ("symbology", "payload"),
    [
        *((name, "Ünï 日本") for name in ("aztec", "datamatrix", "pdf417", "qr")),
        ("gs1_128", "(01)09521234543213(10)AB"),
        ("gs1_datamatrix", "(01)09521234543213(10)ABC123(21)XYZ"),
        ("gs1_qr", "(01)09521234543213(3103)001250"),
        ("upca", "012345678905"),
        ("ean13", "9521234543213"),
        ("itf14", "19521234543210"),
        ("code39", "AA-01-02-03"),
        ("code128", "a\x1dB"),
    ],
)
def test_what_was_read_equals_the_payload_when_all_is_well(tmp_path, symbology, payload):
    on, code = scenes.label(tmp_path, symbology, payload, module_m=1.5e-3)
    wide = scenes.camera(scenes.looking_down(0.5), focal_px=1200.0, size_px=(720, 240), exposure_s=2e-3)
    (found,) = annotations([on], [code], wide)
    assert found["decoded"] and found["decoded_text"] == found["payload"] == payload
    rows = pyarrow.Table.from_pylist([found, {**found, "decoded_text": ""}, {**found, "decoded_text": "other"}])
    kept = rows.filter(filters.parse("decoded_text == payload", rows.schema))
    assert kept.column("decoded_text").to_pylist() == [payload]
    assert json.loads(json.dumps(found, ensure_ascii=False).encode())["decoded_text"] == payload


# -- reasons -----------------------------------------------------------------------------------------------------------


def only_reason(found):
    (one,) = found
    assert not one["decoded"], one["decoded_text"]
    return one["reason"]


def test_too_dark_is_underexposed(tmp_path):
    on, code = scenes.label(tmp_path)
    assert only_reason(annotations([on], [code], replace(CAMERA, exposure_s=2e-5))) == "underexposed"


def test_no_light_at_all_is_underexposed(tmp_path):
    on, code = scenes.label(tmp_path)
    assert only_reason(annotations([on], [code], lights=())) == "underexposed"


def test_too_bright_is_saturated(tmp_path):
    on, code = scenes.label(tmp_path)
    assert only_reason(annotations([on], [code], replace(CAMERA, exposure_s=0.5))) == "saturated"


def test_too_far_is_undersampled(tmp_path):
    on, code = scenes.label(tmp_path, module_m=0.2e-3)
    assert only_reason(annotations([on], [code], replace(CAMERA, fx_px=2000.0, fy_px=2000.0))) == "undersampled"


def test_a_low_linear_code_askew_is_orientation(tmp_path):
    turned = scenes.pose((0, 0, 0), scenes.turn("z", math.radians(45)))
    on, code = scenes.label(tmp_path, "code128", "SYNTHGEN-12345", 0.25e-3, where=turned, bars=12)
    camera = replace(CAMERA, fx_px=4000.0, fy_px=4000.0, sensor=replace(CAMERA.sensor, resolution_px=(320, 320)))
    assert only_reason(annotations([on], [code], replace(camera, cx_px=160.0, cy_px=160.0))) == "orientation"


def test_a_pulse_too_long_for_the_belt_is_motion_blur(tmp_path):
    on, code = scenes.label(tmp_path, velocity_m_s=(2.0, 0.0, 0.0))
    strobe = replace(LAMP, pulse_s=1.5e-3, strength=80.0)
    found = annotations([on], [code], lights=(strobe,))
    assert only_reason(found) == "motion_blur"
    # v t f / (z pitch)
    assert found[0]["motion_px"] == pytest.approx(2.0 * 1.5e-3 * 1200 / 0.5, rel=1e-3)
    short = replace(strobe, pulse_s=0.15e-3, strength=800.0)
    assert annotations([on], [code], lights=(short,))[0]["decoded"], "a tenth of the pulse reads"


def test_out_of_focus_is_defocus(tmp_path):
    on, code = scenes.label(tmp_path)
    lens = replace(CAMERA.lens, focal_m=0.006, f_number=1.4, focus_m=0.2)
    assert only_reason(annotations([on], [code], replace(CAMERA, lens=lens, exposure_s=3e-4))) == "defocus"


def test_a_lamp_mirrored_in_film_is_glare(tmp_path):
    on, code = scenes.label(tmp_path, ior=1.5, roughness=0.25, paper=0.6)
    above = scenes.lamp(scenes.facing((0, 0.02, 0.8), (0, 0, 0)), width_m=0.25, height_m=0.25, strength=60.0)
    cover = replace(CAMERA, exposure_s=8e-3)
    assert only_reason(annotations([on], [code], cover, lights=(above,))) == "glare"


def test_ink_as_light_as_paper_is_low_contrast(tmp_path):
    on, code = scenes.label(tmp_path, ink=0.78)
    assert only_reason(annotations([on], [code])) == "low_contrast"


# -- corners -----------------------------------------------------------------------------------------------------------


def reflectance_map(world, camera):
    """Return how much of the light at each pixel's point comes back, noise-free: the picture less its lighting."""
    frame = scenes.frame_of(world, camera)
    found = pixel_integration.photons(frame, light(frame), 0)
    sent = (found.strobed.astype(float) + found.rate.astype(float) * found.exposure_s).sum(axis=-1)
    return sent * math.pi / np.maximum(found.diffuse.astype(float).sum(axis=-1), 1e-30)


def bilinear(image, px):
    """Return image values at pixel positions (n, 2), centres at +0.5."""
    x, y = px[:, 0] - 0.5, px[:, 1] - 0.5
    i, j = np.floor(x).astype(int), np.floor(y).astype(int)
    fx, fy = x - i, y - j
    upper = (1 - fx) * image[j, i] + fx * image[j, i + 1]
    return (1 - fy) * upper + fy * ((1 - fx) * image[j + 1, i] + fx * image[j + 1, i + 1])


def rendered_edge(image, a, b, inward):
    """Return the edge near the chord a b as a polynomial: (along the chord, offset inwards) [px].

    At points along the chord a profile across it is integrated: how much white there is, is where the edge is. Lens
    distortion bends the edge, so a parabola is put through the points.
    """
    along = (b - a) / np.linalg.norm(b - a)
    reach = np.arange(-4, 4, 0.02) + 0.01
    places, offsets = np.linspace(4, np.linalg.norm(b - a) - 4, 80), []
    for s in places:
        profile = bilinear(image, a + s * along + reach[:, None] * inward)
        white, black = profile[:25].mean(), profile[-25:].mean()
        assert white > 5 * black
        offsets.append(((profile - black) / (white - black)).sum() * 0.02 - 4)
    return a, along, inward, np.polynomial.Polynomial.fit(places, offsets, 2)


def meeting(one, other):
    """Return where two such edges meet, by a few steps of alternating closest approach (both are nearly straight)."""
    (a, u, n, f), (b, v, m, g) = one, other
    s, t = 0.0, 0.0
    for _ in range(50):
        p, q = a + s * u + f(s) * n, b + t * v + g(t) * m
        step = np.linalg.solve(np.stack([u + f.deriv()(s) * n, -(v + g.deriv()(t) * m)], axis=1), q - p)
        s, t = s + step[0], t + step[1]
    return a + s * u + f(s) * n


def test_labelled_corners_are_where_the_rendered_corners_are(tmp_path):
    """Within 0.1 px of the corners found in a noise-free render of large black squares, with k1 = -0.2."""
    art = np.zeros((21, 28), bool)
    places = [(2, 2), (2, 21), (14, 2), (14, 21), (8, 12)]
    for row, column in places:
        art[row : row + 5, column : column + 5] = True
    cell = 0.02
    board = scenes.instance("/board", scenes.sheet(28 * cell, 21 * cell), material=scenes.printed(tmp_path, art))
    world = scenes.description(instances=[board], lights=[scenes.lamp(scenes.pose(), shape="dome", strength=5.0)])
    where = scenes.pose((0.03, -0.16, 0.5), scenes.DOWN @ scenes.turn("x", 0.25) @ scenes.turn("z", 0.1))
    lens = replace(scenes.LENS, k1=-0.2)
    camera = scenes.camera(where, focal_px=340.0, size_px=(480, 400), lens=lens)
    image = reflectance_map(world, camera)
    device = scenes.tables_of(world)
    worst, bent = 0.0, 0.0
    for row, column in places:
        x, y = (column - 14) * cell, (10.5 - row) * cell
        side = 5 * cell
        quad = np.array([[x, y, 0], [x + side, y, 0], [x + side, y - side, 0], [x, y - side, 0]])
        code = square(quad)
        place = annotate.outline(device, ray_tracers.of(device, "warp"), camera, code)
        assert place is not None and place.in_image.all()
        corners = place.quad_px
        middle = corners.mean(axis=0)
        edges = []
        for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            across = np.array([-(b - a)[1], (b - a)[0]]) / np.linalg.norm(b - a)
            edges.append(rendered_edge(image, a, b, across * np.sign(across @ (middle - a))))
        for k in range(4):
            worst = max(worst, float(np.linalg.norm(meeting(edges[k - 1], edges[k]) - corners[k])))
        straight = optics.project(replace(camera, dist=(0, 0, 0, 0, 0)), quad)[0]
        bent = max(bent, float(np.linalg.norm(straight - corners, axis=1).max()))
    assert bent > 3, "the lens must matter"
    assert worst < 0.1, f"{worst:.3f} px"


def square(quad):
    """Return a code whose corners are a square's."""
    return scene_description.Code(
        path="/board",
        face="square",
        code_id="square",
        symbology="qr",
        payload="SQUARE",
        module_m=1e-3,
        quad_m=quad,
        world_from_prim=np.eye(4),
        velocity_m_s=(0, 0, 0),
        modules_across=21,
        damaged=False,
    )
