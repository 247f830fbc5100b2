"""The authored scenes: sizes of the trade, budgets, and a free sight from every camera and lamp to its target."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from pxr import Usd, UsdGeom

from synthgen.usd import items
from synthgen.usd.author import live_stage
from synthgen.usd.items import load
from synthgen.world import sites
from synthgen.world.poses import standing
from synthgen.world.shot import Item, World


def _meshes(root):
    """Yield (path, points in the world [m], triangles) of every mesh below a prim."""
    cache = UsdGeom.XformCache()
    for prim in Usd.PrimRange(root, Usd.TraverseInstanceProxies()):
        if prim.IsA(UsdGeom.Mesh):
            mesh = UsdGeom.Mesh(prim)
            matrix = np.array(cache.GetLocalToWorldTransform(prim))
            points = np.array(mesh.GetPointsAttr().Get(), float) @ matrix[:3, :3] + matrix[3, :3]
            yield prim, points, _fan(mesh)


def _fan(mesh):
    counts, indices = np.array(mesh.GetFaceVertexCountsAttr().Get()), np.array(mesh.GetFaceVertexIndicesAttr().Get())
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    return np.array([(indices[s], indices[s + k], indices[s + k + 1]) for s, c in zip(starts, counts, strict=True)
                     for k in range(1, c - 1)])  # fmt: skip


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("worlds")
    return {name: live_stage.open_world(World(warehouse=name), folder / name) for name in sites.SITES}


@pytest.mark.parametrize("name", sites.SITES)
def test_scene_stays_within_its_budget_and_every_mesh_is_textured_and_bound(worlds, name):
    root = worlds[name].GetPrimAtPath("/World/Environment")
    assert sum(1 for _ in Usd.PrimRange(root)) < 1500
    unique = {}
    for prim, _, triangles in _meshes(root):
        mesh = UsdGeom.Mesh(prim)
        assert mesh.GetSubdivisionSchemeAttr().Get() == "none"
        assert UsdGeom.PrimvarsAPI(prim).HasPrimvar("st"), prim.GetPath()
        assert prim.GetRelationship("material:binding").GetTargets(), prim.GetPath()
        unique[str(mesh.GetPointsAttr().Get())] = len(triangles)
    assert sum(unique.values()) < 60_000


@pytest.mark.parametrize("name", sites.SITES)
def test_nothing_stands_between_a_mount_and_its_target(worlds, name):
    place = sites.SITES[name]
    corners = np.concatenate([p[t] for _, p, t in _meshes(worlds[name].GetPrimAtPath("/World/Environment"))])
    for label, mount in place.mounts.items():
        if mount.kind != "baffle" and not label.startswith(("hall_", "daylight", "arm")):
            share = _nearest(corners, np.array(mount.pose.position_m), np.array(mount.target_m))
            assert share > 0.93, f"{label} is blocked at {share:.2f} of the way"


def _nearest(corners, start, end):
    """Return the share of the way at which the first triangle is met, 1 for none (Moeller and Trumbore 1997)."""
    way, a = end - start, corners[:, 0]
    e1, e2 = corners[:, 1] - a, corners[:, 2] - a
    p = np.cross(way, e2)
    det = np.einsum("ij,ij->i", e1, p)
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.einsum("ij,ij->i", start - a, p) / det
        q = np.cross(start - a, e1)
        v, t = q @ way / det, np.einsum("ij,ij->i", e2, q) / det
        hit = (np.abs(det) > 1e-15) & (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 1e-6) & (t < 1)
    return t[hit].min() if hit.any() else 1.0


@pytest.mark.parametrize("name", ["scan_tunnel", "rack_aisle", "dock_door"])
def test_the_dome_above_is_open(worlds, name):
    place = sites.SITES[name]
    corners = np.concatenate([p[t] for _, p, t in _meshes(worlds[name].GetPrimAtPath("/World/Environment"))])
    x, y, _ = place.zones["clutter"].center_m
    rng = np.random.Generator(np.random.Philox(key=1))
    starts = np.column_stack([x + rng.uniform(-1, 1, 60), y + rng.uniform(-0.4, 0.4, 60), np.full(60, 2.9)])
    free = [_nearest(corners, start, start + np.array([0.0, 0.0, 40.0])) == 1.0 for start in starts]
    assert np.mean(free) > 0.5


def test_eur_pallet_has_the_boards_and_blocks_of_the_trade():
    wide, narrow, feet = load.pallet_blocks()
    boards = [b for b in (*wide, *narrow, *feet) if b.size_m[2] == 0.022]
    cubes = [b for b in feet if b.size_m[2] == 0.078]
    assert len(boards) == 11
    assert len(cubes) == 9
    top = sorted((b for b in (*wide, *narrow) if b.center_m[2] > 0.13), key=lambda b: b.center_m[1])
    assert [round(1e3 * b.size_m[1]) for b in top] == [145, 100, 145, 100, 145]
    gaps = [b.center_m[1] - b.size_m[1] / 2 - a.center_m[1] - a.size_m[1] / 2 for a, b in itertools.pairwise(top)]
    assert [round(1e3 * gap) for gap in gaps] == pytest.approx([41, 42, 42, 41], abs=1)
    assert max(b.center_m[2] + b.size_m[2] / 2 for b in boards) == pytest.approx(0.144)


@pytest.mark.parametrize(
    ("kind", "size", "material"),
    [
        ("carton", (0.4, 0.3, 0.2), "kraft"),
        ("mailer", (0.33, 0.25, 0.04), "mailer_white"),
        ("tote", (0.6, 0.4, 0.32), "tote_blue"),
        ("pallet", (1.2, 0.8, 0.144), "pine"),
        ("pallet_load", (1.2, 0.8, 1.3), "stretch_film"),
        ("stack", (0.8, 0.8, 0.6), "kraft"),
        ("card", (0.1, 0.08, 0.002), "card_white"),
        ("beam", (2.6, 0.004, 0.08), "ral2004"),
        ("drum", (0.585, 0.585, 0.88), "drum_blue"),
        ("shelf", (1.0, 0.5, 0.04), "chipboard"),
        ("mystery", (0.2, 0.2, 0.2), "kraft"),
    ],
)
def test_body_fills_its_box_and_stays_below_the_labels(tmp_path, kind, size, material):
    world = live_stage.open_world(World(warehouse=""), tmp_path)
    for seed in range(3):
        path = f"/World/Items/thing_{seed}"
        item = Item(kind=kind, pose=standing((0.0, 0.0, 0.0)), size_m=size, material=material, look_seed=seed)
        items.author_body(world, path, item)
        points = np.concatenate([p for _, p, _ in _meshes(world.GetPrimAtPath(path))])
        low, high = points.min(0), points.max(0)
        lift = 0.0004 if kind.startswith("pallet") else 0.0003
        assert np.all(low >= np.array([-size[0] / 2, -size[1] / 2, 0]) - lift)
        assert np.all(high <= np.array([size[0] / 2, size[1] / 2, size[2]]) + lift)
        assert np.all(high - low >= 0.93 * np.array(size))


def test_cartons_of_one_variant_share_their_mesh(tmp_path):
    world = live_stage.open_world(World(warehouse=""), tmp_path)
    for n, size in enumerate(((0.40, 0.30, 0.20), (0.41, 0.31, 0.19))):
        item = Item(kind="carton", pose=standing((n, 0.0, 0.0)), size_m=size, look_seed=5)
        items.author_body(world, f"/World/Items/c{n}", item)
    meshes = [UsdGeom.Mesh.Get(world, f"/World/Items/c{n}/body") for n in range(2)]
    points, other = (np.array(m.GetPointsAttr().Get()) for m in meshes)
    assert np.array_equal(points, other)
    sizes = [UsdGeom.Xformable(m).GetLocalTransformation().GetRow3(0)[0] for m in meshes]
    assert sizes == pytest.approx([0.40, 0.41])


def test_pallets_stand_with_1200_into_the_rack_and_overhang_the_beams(worlds):
    world = worlds["rack_aisle"]
    left = world.GetPrimAtPath("/World/Environment/rack_aisle/left")
    place = sites.SITES["rack_aisle"]
    face = place["aisle_width_m"] / 2
    pallets = [p for prim, p, _ in _meshes(left) if prim.GetName() == "pallets"]
    assert len(pallets) > 20
    for points in pallets:
        span = np.ptp(points, axis=0)
        assert 1.18 < span[1] < 1.28
        assert 0.78 < span[0] < 0.9
        assert -0.10 < points[:, 1].min() - face < 0.0


def test_uprights_carry_the_orange_beams_at_their_levels(worlds):
    world = worlds["rack_aisle"]
    root = world.GetPrimAtPath("/World/Environment/rack_aisle/left/beams_0")
    tops = next(p for prim, p, _ in _meshes(root) if prim.GetName() == "beams")
    wanted = [sites.aisle.beam_top(sites.SITES["rack_aisle"].parameters, level) for level in range(1, 5)]
    assert all(np.any(np.isclose(tops[:, 2], z, atol=1e-4)) for z in wanted)


def test_dock_floor_lies_above_the_yard(worlds):
    yard = next(p for prim, p, _ in _meshes(worlds["dock_door"].GetPrimAtPath("/World")) if prim.GetName() == "yard")
    assert math.isclose(yard[:, 2].max(), -1.2, abs_tol=1e-6)
