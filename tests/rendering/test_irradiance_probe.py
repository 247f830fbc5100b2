"""Irradiance on plain UsdLux stages against closed forms: text in, watts and lux out."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest

from synthgen import cli
from synthgen.rendering import irradiance_probe
from synthgen.world import spectra
from tests import scenes

TOLERANCE = 0.005
"""Within 0.5 % of the closed form. What is left of it is float32 in the rays, 1e-4 or less."""
UP = (0.0, 0.0, 1.0)


def lux(folder, body, points, normals=None, tracer="warp"):
    """Return what `measure` reads [lux] at points that face up unless told otherwise."""
    scene = scenes.usda_scene(folder, body, tracer)
    at = np.atleast_2d(np.array(points, float))
    facing = np.broadcast_to(UP, at.shape) if normals is None else np.atleast_2d(np.array(normals, float))
    return irradiance_probe.measure(scene.tables, scene.tracer, at, facing).illuminance_lux


def light(kind, *lines, at=(0, 0, 2), turn=(0, 0, 0), api=""):
    schemas = f'(prepend apiSchemas = ["{api}"])' if api else ""
    text = "\n".join(f"        {line}" for line in lines)
    return f"""def {kind} "lamp" {schemas} {{
{text}
        double3 xformOp:translate = {tuple(map(float, at))}
        float3 xformOp:rotateXYZ = {tuple(map(float, turn))}
        uniform token[] xformOpOrder = ["xformOp:translate", "xformOp:rotateXYZ"]
    }}
    """


def point(intensity=1000.0, radius=0.1, **more):
    lines = (f"float inputs:intensity = {intensity}", f"float inputs:radius = {radius}", "bool treatAsPoint = true")
    return light("SphereLight", *lines, *more.pop("lines", ()), **more)


def test_a_point_light_follows_the_inverse_square_and_the_cosine(tmp_path):
    found = lux(tmp_path, point(), [(0, 0, 0), (1.5, 0, 0), (0, -2, 1)])
    # docs/contract.md section 4: I = L pi r^2 [cd]; E = I cos / d^2
    intensity_cd = 1000 * math.pi * 0.1**2
    expected = [intensity_cd * dz / (x * x + dz * dz) ** 1.5 for x, dz in ((0, 2), (1.5, 2), (2, 1))]
    np.testing.assert_allclose(found, expected, rtol=TOLERANCE)


def test_a_point_light_on_a_tilted_receiver(tmp_path):
    normal = (math.sin(1.0), 0.0, math.cos(1.0))
    found = lux(tmp_path, point(), [(0, 0, 0), (0, 0, 0)], [normal, (0, 0, -1)])
    assert found[0] == pytest.approx(1000 * math.pi * 0.01 / 4 * math.cos(1.0), rel=TOLERANCE)
    assert found[1] == 0


def rect_corners(width, height, at, turn_y_deg):
    rotation = scenes.turn("y", math.radians(turn_y_deg))
    local = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]) * (width / 2, height / 2, 0)
    return local @ rotation.T + at


def rect(width, height, at=(0, 0, 2), turn_y_deg=0.0, intensity=1000.0):
    lines = (
        f"float inputs:width = {width}",
        f"float inputs:height = {height}",
        f"float inputs:intensity = {intensity}",
    )
    return light("RectLight", *lines, at=at, turn=(0, turn_y_deg, 0))


def test_the_oracle_of_polygons_agrees_with_brute_force():
    corners = rect_corners(0.6, 0.3, (0.4, 0.1, 1.0), 30.0)
    steps = (np.arange(400) + 0.5) / 400
    u, v = np.meshgrid(steps, steps)
    at = corners[0] + u[..., None] * (corners[1] - corners[0]) + v[..., None] * (corners[3] - corners[0])
    away = np.linalg.norm(at, axis=-1)
    facing = np.cross(corners[1] - corners[0], corners[3] - corners[0])
    area, facing = np.linalg.norm(facing), facing / np.linalg.norm(facing)
    summed = np.mean(at[..., 2] / away * np.abs(at @ facing) / away / away**2) * area
    assert scenes.contour(corners, np.zeros(3), np.array(UP)) == pytest.approx(summed, rel=1e-5)


@pytest.mark.parametrize("tracer", scenes.TRACERS)
def test_a_tilted_rectangle_is_lamberts_contour_sum_also_at_the_horizon(tmp_path, tracer):
    at, turn = (0.5, 0.0, 1.0), 40.0
    points = np.array([(0, 0, 0), (0.3, 0.4, 0), (-0.5, 0, 0.98), (0.0, 0.0, 0.9)], float)
    normals = np.array([UP, (0.6, 0, 0.8), (0, 0, 1), (0, 0, 1)], float)
    found = lux(tmp_path, rect(0.6, 0.3, at, turn), points, normals, tracer)
    corners = rect_corners(0.6, 0.3, at, turn)
    expected = [1000 * scenes.contour(corners, p, n) for p, n in zip(points, normals, strict=True)]
    below = (corners - points[3]) @ normals[3] < 0
    assert below.any() and not below.all(), "one receiver must have its horizon across the light"
    np.testing.assert_allclose(found, expected, rtol=TOLERANCE)


def test_a_rectangle_sends_nothing_backwards(tmp_path):
    assert lux(tmp_path, rect(0.6, 0.3), [(0, 0, 3)], [(0, 0, -1)])[0] == 0


def test_normalize_divides_by_the_area_and_exposure_doubles(tmp_path):
    plain = lux(tmp_path, rect(0.6, 0.3), [(0.2, 0.1, 0)])
    body = rect(0.6, 0.3).replace("float inputs:width", "bool inputs:normalize = true\nfloat inputs:width")
    assert lux(tmp_path, body, [(0.2, 0.1, 0)])[0] == pytest.approx(plain[0] / (0.6 * 0.3), rel=1e-5)
    body = rect(0.6, 0.3).replace("float inputs:width", "float inputs:exposure = 3\nfloat inputs:width")
    assert lux(tmp_path, body, [(0.2, 0.1, 0)])[0] == pytest.approx(plain[0] * 8, rel=1e-5)


def test_a_disk_on_and_off_its_axis(tmp_path):
    radius, h = 0.5, 1.2
    body = light("DiskLight", f"float inputs:radius = {radius}", "float inputs:intensity = 1000", at=(0, 0, h))
    away = np.array([0.0, 0.4, 1.5])
    found = lux(tmp_path, body, [(a, 0, 0) for a in away])
    # A disk parallel to the receiver (Foote 1915).
    s = h * h + away**2 + radius**2
    expected = 1000 * math.pi / 2 * (1 - (s - 2 * radius**2) / np.sqrt(s**2 - 4 * (away * radius) ** 2))
    assert expected[0] == pytest.approx(1000 * math.pi * radius**2 / (radius**2 + h * h))
    np.testing.assert_allclose(found, expected, rtol=TOLERANCE)


def test_a_sphere_shines_like_its_centre(tmp_path):
    body = light("SphereLight", "float inputs:radius = 0.3", "float inputs:intensity = 1000", at=(0.4, 0, 1))
    found = lux(tmp_path, body, [(0, 0, 0), (0.4, 0, 0)])
    d2 = 0.4**2 + 1
    expected = [1000 * math.pi * 0.09 / d2 / math.sqrt(d2), 1000 * math.pi * 0.09]
    np.testing.assert_allclose(found, expected, rtol=TOLERANCE)


def test_a_sphere_cut_by_the_horizon(tmp_path):
    body = light("SphereLight", "float inputs:radius = 0.5", "float inputs:intensity = 1000", at=(1, 0, 0))
    found = lux(tmp_path, body, [(0, 0, 0)])
    # Centre on the horizon: half the cap of half angle asin(r/d); the integral of its cosine in closed form:
    # E / L = theta - sin(theta) cos(theta) (by slicing the half cap along the polar angle from the centre).
    theta = math.asin(0.5)
    assert found[0] == pytest.approx(1000 * (theta - math.sin(theta) * math.cos(theta)), rel=TOLERANCE)


def test_a_cylinder_against_quadrature(tmp_path):
    radius, length, at = 0.1, 1.2, np.array([0.2, 0.1, 0.8])
    lines = (f"float inputs:radius = {radius}", f"float inputs:length = {length}", "float inputs:intensity = 1000")
    found = lux(tmp_path, light("CylinderLight", *lines, at=at), [(0, 0, 0)])
    x, phi = np.meshgrid((np.arange(800) + 0.5) / 800 - 0.5, (np.arange(800) + 0.5) / 800 * 2 * math.pi)
    outward = np.stack([np.zeros_like(phi), np.cos(phi), np.sin(phi)], axis=-1)
    place = at + radius * outward + np.stack([x * length, np.zeros_like(x), np.zeros_like(x)], axis=-1)
    d2 = (place**2).sum(axis=-1)
    cos_light = np.maximum(-(outward * place).sum(axis=-1) / np.sqrt(d2), 0)
    expected = 1000 * np.mean(place[..., 2] / np.sqrt(d2) * cos_light / d2) * 2 * math.pi * radius * length
    assert found[0] == pytest.approx(expected, rel=TOLERANCE)


@pytest.mark.parametrize("angle_deg", [0.53, 2.0, 60.0])
def test_a_distant_light_is_its_radiance_over_its_cone(tmp_path, angle_deg):
    lines = ("float inputs:intensity = 50000", f"float inputs:angle = {angle_deg}")
    found = lux(tmp_path, light("DistantLight", *lines), [(0, 0, 0), (0, 0, 0)], [UP, (0, 0.6, 0.8)])
    perpendicular = 50000 * math.pi * math.sin(math.radians(angle_deg / 2)) ** 2
    if angle_deg == 0.53:
        assert perpendicular == pytest.approx(3.36, abs=0.005)  # docs/contract.md section 4
    np.testing.assert_allclose(found, [perpendicular, 0.8 * perpendicular], rtol=TOLERANCE)


def test_a_parallel_beam_is_not_lost_in_float32(tmp_path):
    """`normalize` makes intensity the illuminance itself, whatever the angle, down to none."""
    lines = ("float inputs:intensity = 700", "float inputs:angle = 0", "bool inputs:normalize = true")
    assert lux(tmp_path, light("DistantLight", *lines), [(0, 0, 0)])[0] == pytest.approx(700, rel=TOLERANCE)


def test_a_dome_under_open_sky_is_pi_times_its_radiance(tmp_path):
    found = lux(
        tmp_path, light("DomeLight", "float inputs:intensity = 100"), [(0, 0, 0), (1, 2, 3)], [UP, (0.6, 0, -0.8)]
    )
    np.testing.assert_allclose(found, 100 * math.pi, rtol=TOLERANCE)


def cone(angle_deg, softness=0.0, focus=0.0):
    return (
        f"float inputs:shaping:cone:angle = {angle_deg}",
        f"float inputs:shaping:cone:softness = {softness}",
        f"float inputs:shaping:focus = {focus}",
    )


def test_a_cone_cuts_off_and_fades_by_angle(tmp_path):
    angle, softness = 40.0, 0.5
    off_deg = np.array([0.0, 15.0, 25.0, 35.0, 39.0, 41.0])
    points = [(2 * math.tan(math.radians(a)), 0, 0) for a in off_deg]
    cos = np.cos(np.radians(off_deg))
    unshaped = 1000 * math.pi * 0.01 * cos**3 / 4
    hard = lux(tmp_path, point(lines=cone(angle), api="ShapingAPI"), points)
    np.testing.assert_allclose(hard, unshaped * (off_deg < angle), rtol=TOLERANCE)
    soft = lux(tmp_path, point(lines=cone(angle, softness), api="ShapingAPI"), points)
    # UsdLux: a smoothstep of the angle, from (1 - softness) angle to angle.
    t = np.clip((off_deg - (1 - softness) * angle) / (softness * angle), 0, 1)
    np.testing.assert_allclose(soft, unshaped * (1 - t * t * (3 - 2 * t)), rtol=TOLERANCE, atol=1e-6)


def test_focus_is_a_power_of_the_cosine(tmp_path):
    found = lux(tmp_path, point(lines=cone(180, 0, 3), api="ShapingAPI"), [(0, 0, 0), (2, 0, 0)])
    intensity = 1000 * math.pi * 0.01 / 4
    np.testing.assert_allclose(found, [intensity, intensity * math.sqrt(0.5) ** (3 + 3)], rtol=TOLERANCE)


@pytest.mark.parametrize("tracer", scenes.TRACERS)
def test_a_baffle_makes_the_penumbra_of_a_knife_edge(tmp_path, tracer):
    """A sheet at z = 1 that fills x > 0; from a point the light is cut by the plane through it and the edge."""
    edge = [(0, -5, 1), (5, -5, 1), (5, 5, 1), (0, 5, 1)]
    body = rect(0.4, 0.4) + scenes.usda_sheet("baffle", edge)
    points = np.array([(x, 0.05, 0) for x in (-0.3, -0.15, -0.07, 0.0, 0.08, 0.15, 0.3)])
    found = lux(tmp_path, body, points, tracer=tracer)
    corners = rect_corners(0.4, 0.4, (0, 0, 2), 0)
    expected = []
    for p in points:
        # The plane through p and the edge has the direction (-p.x, 0, 1) in it: lit is what lies on its -x side.
        seen = scenes.clip(corners - p, np.array([-1.0, 0.0, -p[0]])) + p
        expected.append(1000 * scenes.contour(seen, p, np.array(UP)) if len(seen) else 0.0)
    full = 1000 * scenes.contour(corners, points[3], np.array(UP))
    assert expected[3] == pytest.approx(full / 2, rel=1e-9), "at x = 0 the sheet covers exactly half"
    # 0.5 % of the whole light: in deep penumbra the rest of it is a few samples' worth.
    np.testing.assert_allclose(found, expected, rtol=TOLERANCE, atol=1e-4 * full)


def test_lights_are_kept_apart_and_bands_add_up_to_what_a_d65_has_below_1000_nm(tmp_path):
    body = rect(0.4, 0.4) + point(at=(0.5, 0, 1)).replace('"lamp"', '"second"')
    scene = scenes.usda_scene(tmp_path, body)
    both = irradiance_probe.measure(scene.tables, scene.tracer, np.zeros((1, 3)), np.array([UP]))
    alone = lux(tmp_path, rect(0.4, 0.4), [(0, 0, 0)])
    efficacy = spectra.efficacy_lm_w(spectra.d65())
    names = [lamp.path for lamp in scene.description.lights]
    assert both.irradiance_w_m2[names.index("/World/lamp"), 0] * efficacy == pytest.approx(alone[0], rel=1e-9)
    assert both.irradiance_w_m2.sum() * efficacy == pytest.approx(both.illuminance_lux[0], rel=1e-9)
    share = spectra.band_fractions(spectra.d65())
    np.testing.assert_allclose(both.bands_w_m2[0], both.irradiance_w_m2.sum() * share, rtol=1e-6)


def test_a_stage_without_lights_measures_nothing(tmp_path):
    scene = scenes.usda_scene(tmp_path, scenes.usda_sheet("floor", [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]))
    found = irradiance_probe.measure(scene.tables, scene.tracer, np.zeros((2, 3)), np.array([UP, UP]))
    assert found.irradiance_w_m2.shape == (0, 2)
    assert found.illuminance_lux.tolist() == [0, 0] and found.bands_w_m2.shape == (2, 4)


def command(folder, body, rows, *flags, monkeypatch):
    """Run `synthgen measure`; return its exit code and the file it wrote as rows of text, none if it did not."""
    monkeypatch.setattr("warnings.showwarning", print)  # restored afterwards: `cli.run` sets its own
    stage, at, out = folder / "stage.usda", folder / "points.csv", folder / "out.csv"
    stage.write_text(scenes.USDA.format(body=body))
    at.write_text(rows)
    code = cli.run(["measure", str(stage), "--at", str(at), "-o", str(out), "--device", "cpu", *flags])
    return code, list(csv.reader(out.read_text().splitlines())) if out.exists() else None


def test_the_command_writes_the_columns_of_the_design(tmp_path, monkeypatch):
    body = rect(0.4, 0.4) + point(at=(0.5, 0, 1)).replace('"lamp"', '"second"')
    rows = "x,y,z,nx,ny,nz\n0,0,0,0,0,1\n0.1,0.2,0,0,0,2\n"
    code, (head, *lines) = command(tmp_path, body, rows, "--bands", monkeypatch=monkeypatch)
    assert code == 0
    named = ["/World/lamp:irradiance_w_m2", "/World/second:irradiance_w_m2"]
    assert head[:10] == ["x", "y", "z", "nx", "ny", "nz", "irradiance_w_m2", "illuminance_lux", *named]
    assert len(head) == 14, "four bands"
    values = np.array(lines, float)
    assert values[1, :6].tolist() == [0.1, 0.2, 0, 0, 0, 1], "normals are made unit"
    np.testing.assert_allclose(values[:, 6], values[:, 8] + values[:, 9], rtol=1e-12)
    np.testing.assert_allclose(values[:, 7], values[:, 6] * spectra.efficacy_lm_w(spectra.d65()), rtol=1e-9)
    corners = rect_corners(0.4, 0.4, (0, 0, 2), 0)
    expected = 1000 * scenes.contour(corners, np.zeros(3), np.array(UP)) / spectra.efficacy_lm_w(spectra.d65())
    assert values[0, 8] == pytest.approx(expected, rel=TOLERANCE)


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ("0,0,0,0,0,1\n0,0,0,0,0\n", "points.csv:2"),
        ("0,0,0,0,0,1\n\n0,0,zero,0,0,1\n", "points.csv:3"),
        ("0,0,0,0,0,0\n", "points.csv:1"),
        ("0,0,nan,0,0,1\n", "points.csv:1"),
        ("", "points.csv"),
    ],
)
def test_the_command_names_the_row_that_is_wrong(tmp_path, monkeypatch, capsys, rows, place):
    code, written = command(tmp_path, rect(0.4, 0.4), rows, monkeypatch=monkeypatch)
    assert code == 4 and written is None
    assert place in capsys.readouterr().err


class Counting:
    """A tracer that counts the shadow rays it is asked for."""

    def __init__(self, tracer):
        self.tracer, self.rays = tracer, 0

    def any_hit(self, world, origin, toward, reach, clear):
        self.rays += int(np.count_nonzero(reach.numpy() > 0))
        self.tracer.any_hit(world, origin, toward, reach, clear)


def knife_edge(folder, tracer="embree"):
    edge = [(0, -5, 1), (5, -5, 1), (5, 5, 1), (0, 5, 1)]
    return scenes.usda_scene(folder, rect(0.4, 0.4) + scenes.usda_sheet("baffle", edge), tracer)


def everywhere(monkeypatch):
    """Ask for the whole net in every cell, as if every light were cut by an edge."""
    monkeypatch.setattr(irradiance_probe, "FIRST", irradiance_probe.SAMPLES)


def test_behind_an_edge_the_second_pass_gives_what_the_whole_net_does_for_a_tenth_of_the_rays(tmp_path, monkeypatch):
    scene = knife_edge(tmp_path)
    x = np.linspace(-0.5, 0.5, 41)
    at, up = np.stack([x, 0.1 * x, 0 * x], axis=1), np.tile(UP, (41, 1))
    quick, slow = Counting(scene.tracer), Counting(scene.tracer)
    found = irradiance_probe.measure(scene.tables, quick, at, up).irradiance_w_m2[0]
    everywhere(monkeypatch)
    whole = irradiance_probe.measure(scene.tables, slow, at, up).irradiance_w_m2[0]
    assert np.abs(found - whole).max() < 1e-4 * whole.max()
    assert slow.rays == 41 * 65_536
    assert quick.rays < slow.rays / 7, "17 of the 41 points see the edge across the lamp"


def test_wires_thinner_than_a_cell_of_the_first_pass_are_followed(tmp_path, monkeypatch):
    wires = "".join(
        scenes.usda_sheet(f"wire_{k}", [(x, -5, 1.5), (x + w, -5.1, 1.5), (x + w, 5, 1.5), (x, 5.1, 1.5)])
        for k, (x, w) in enumerate([(-0.1, 0.001), (-0.05, 0.0004), (0.06, 0.003)])
    )
    scene = scenes.usda_scene(tmp_path, rect(0.4, 0.4) + wires, "embree")
    rng = np.random.Generator(np.random.Philox(key=5))
    at, up = np.c_[rng.uniform(-0.8, 0.8, (60, 2)), np.zeros(60)], np.tile(UP, (60, 1))
    found = irradiance_probe.measure(scene.tables, scene.tracer, at, up).irradiance_w_m2[0]
    everywhere(monkeypatch)
    whole = irradiance_probe.measure(scene.tables, scene.tracer, at, up).irradiance_w_m2[0]
    assert np.abs(found - whole).max() < 1e-3 * whole.max()


def test_threads_do_not_change_what_is_read_and_every_point_is_counted_once_a_light(tmp_path, monkeypatch):
    scene = knife_edge(tmp_path)
    x = np.linspace(-0.5, 0.5, 30)
    at, up = np.stack([x, 0.1 * x, 0 * x], axis=1), np.tile(UP, (30, 1))
    up[::3] *= -1
    monkeypatch.setattr(irradiance_probe, "_RAYS_AT_ONCE", 16_384)
    counts = []
    alone = irradiance_probe.measure(scene.tables, scene.tracer, at, up, on_points=counts.append)
    many = irradiance_probe.measure(scene.tables, scene.tracer, at, up, threads=3)
    assert (many.irradiance_w_m2 == alone.irradiance_w_m2).all()
    assert sum(counts) == 30 and len(counts) > 3


def test_a_light_that_cannot_reach_a_receiver_costs_no_ray(tmp_path):
    scene = scenes.usda_scene(tmp_path, rect(0.6, 0.3) + rect(0.6, 0.3, turn_y_deg=180).replace('"lamp"', '"up"'))
    tracer = Counting(scene.tracer)
    at, normals = np.zeros((2, 3)), np.array([UP, (0, 0, -1.0)])
    found = irradiance_probe.measure(scene.tables, tracer, at, normals).irradiance_w_m2
    names = [lamp.path for lamp in scene.description.lights]
    assert found[names.index("/World/lamp"), 0] > 0 and np.count_nonzero(found) == 1
    assert tracer.rays == irradiance_probe.FIRST


def test_a_point_light_needs_one_ray(tmp_path):
    scene = scenes.usda_scene(tmp_path, point())
    tracer = Counting(scene.tracer)
    irradiance_probe.measure(scene.tables, tracer, np.zeros((5, 3)), np.tile(UP, (5, 1)))
    assert tracer.rays == 5


@pytest.mark.parametrize(
    "kind", ["RectLight", "DiskLight", "SphereLight", "CylinderLight", "DistantLight", "DomeLight"]
)
def test_what_is_left_out_as_out_of_reach_gives_nothing(tmp_path, kind, monkeypatch):
    scene = scenes.usda_scene(
        tmp_path, light(kind, "float inputs:intensity = 1000", at=(0.2, 0.1, 0.4), turn=(20, 65, 0))
    )
    rng = np.random.Generator(np.random.Philox(key=3))
    normals = rng.normal(size=(300, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    at = rng.uniform(-3, 3, (300, 3))
    lamp = scene.description.lights[0]
    out = ~irradiance_probe.may_light(lamp, at, normals)
    assert out.any() or kind == "DomeLight"
    monkeypatch.setattr(irradiance_probe, "may_light", lambda light, points, normals: np.ones(len(points), bool))
    found = irradiance_probe.measure(scene.tables, scene.tracer, at, normals, samples=256).irradiance_w_m2[0]
    assert (found[out] == 0).all() and (found[~out] > 0).any()
