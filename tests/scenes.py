"""Small scenes that the renderer's tests share: hand-built descriptions, and stages as usda text."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image

from synthgen.barcodes import encode
from synthgen.rendering import device_tables, ray_tracers
from synthgen.rendering.gbuffer import GBuffer, trace_views
from synthgen.rendering.launch import View
from synthgen.scene import Scene
from synthgen.usd.read.open_stage import open_stage
from synthgen.world import scene_description, spectra
from synthgen.world.shot import Lens, Sensor

DOWN = np.array([[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]])
"""Camera axes (columns: right, down, forward) of a camera that looks down with +y up in its image."""
TRACERS = ("warp", "embree")

MATT = scene_description.Material(path="/matt", reflectance=(0.5, 0.5, 0.5, 0.5), ior=1.0)
"""Lambert alone: an index of 1 mirrors nothing."""
LENS = Lens(focal_m=0.008, f_number=4.0, focus_m=0.0, transmission=0.9)
SENSOR = Sensor(
    model="test",
    resolution_px=(96, 72),
    pitch_m=5e-6,
    quantum_efficiency=(0.5, 0.6, 0.5, 0.2),
    saturation_e=10_000.0,
    dark_noise_e=5.0,
    dark_current_e_s=10.0,
    gain_dn_e=0.0255,
)


def pose(position_m: tuple[float, float, float] = (0.0, 0.0, 0.0), rotation: np.ndarray | None = None) -> np.ndarray:
    """Return a 4x4 transform, column vectors."""
    matrix = np.eye(4)
    matrix[:3, :3] = np.eye(3) if rotation is None else rotation
    matrix[:3, 3] = position_m
    return matrix


def turn(axis: str, angle_rad: float) -> np.ndarray:
    """Return the rotation about a coordinate axis, shape (3, 3)."""
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.eye(3)
    matrix[i, i] = matrix[j, j] = c
    matrix[i, j], matrix[j, i] = -s, s
    return matrix


def facing(position_m: tuple[float, float, float], at_m: tuple[float, float, float]) -> np.ndarray:
    """Return the transform of a lamp at a place that emits (along -z) towards another."""
    z = np.subtract(position_m, at_m) / np.linalg.norm(np.subtract(position_m, at_m))
    x = np.cross((0.0, 1.0, 0.0) if abs(z[1]) < 0.9 else (1.0, 0.0, 0.0), z)
    x /= np.linalg.norm(x)
    return pose(position_m, np.stack([x, np.cross(z, x), z], axis=1))


def sheet(width_m: float = 1.0, height_m: float = 1.0) -> scene_description.Mesh:
    """Return a rectangle in the xy plane facing +z, its texture upright."""
    corners = np.array([[-0.5, -0.5, 0], [0.5, -0.5, 0], [0.5, 0.5, 0], [-0.5, 0.5, 0]])
    triangles = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    return mesh(corners * (width_m, height_m, 1), triangles, (corners[:, :2] + 0.5)[triangles])


def box(size_m: tuple[float, float, float]) -> scene_description.Mesh:
    """Return a closed box around the origin."""
    corners = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    triangles = np.array([t for a, b, c, e in faces for t in ((a, b, c), (a, c, e))], np.int32)
    return mesh(corners * size_m, triangles)


def mesh(points_m: np.ndarray, triangles: np.ndarray, uv: np.ndarray | None = None) -> scene_description.Mesh:
    """Return a flat-shaded mesh, its key made from its content."""
    points = np.asarray(points_m, np.float32)
    corners = points[triangles].astype(np.float64)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    at = np.zeros((len(triangles), 3, 2), np.float32) if uv is None else np.asarray(uv, np.float32)
    return scene_description.Mesh(
        key=hashlib.sha256(points.tobytes() + triangles.tobytes() + at.tobytes()).hexdigest(),
        points_m=points,
        triangles=triangles,
        normals=np.repeat(normals[:, None], 3, axis=1).astype(np.float32),
        uv=at,
        slot=np.zeros(len(triangles), np.int32),
    )


def instance(
    path: str,
    shape: scene_description.Mesh,
    where: np.ndarray | None = None,
    material: scene_description.Material = MATT,
    **more: Any,
):
    """Return a mesh at a place."""
    world = pose() if where is None else where
    return scene_description.Instance(path=path, mesh=shape, world_from_mesh=world, materials=(material,), **more)


def lamp(where: np.ndarray, path: str = "/lamp", **more: Any) -> scene_description.Light:
    """Return a light; without more, a red square of 0.2 m."""
    numbers = {"shape": "rect", "width_m": 0.2, "height_m": 0.2, "strength": 10.0, "spectrum": spectra.led(630, 20)}
    return scene_description.Light(path=path, world_from_light=where, **(numbers | more))


def camera(
    where: np.ndarray,
    *,
    focal_px: float = 96.0,
    lens: Lens = LENS,
    sensor: Sensor = SENSOR,
    size_px: tuple[int, int] = (96, 72),
    **more: Any,
) -> scene_description.Camera:
    """Return a camera whose principal point is its image's centre; `where` has OpenCV's axes."""
    width, height = size_px
    numbers: dict[str, Any] = {"path": "/camera", "name": "camera", "exposure_s": 1e-3}
    numbers |= {"cx_px": width / 2, "cy_px": height / 2, "dist": (lens.k1, lens.k2, lens.p1, lens.p2, lens.k3)}
    return scene_description.Camera(
        world_from_camera=where,
        fx_px=focal_px,
        fy_px=focal_px,
        lens=lens,
        sensor=replace(sensor, resolution_px=size_px),
        **(numbers | more),
    )


def looking_down(height_m: float, x_m: float = 0.0, y_m: float = 0.0) -> np.ndarray:
    """Return where a camera is that looks straight down from a height."""
    return pose((x_m, y_m, height_m), DOWN)


def description(
    instances: Any = (), lights: Any = (), cameras: Any = (), codes: Any = ()
) -> scene_description.Description:
    """Return a description without warnings."""
    return scene_description.Description(
        instances=tuple(instances), lights=tuple(lights), cameras=tuple(cameras), codes=tuple(codes), warnings=()
    )


def tables_of(*worlds: scene_description.Description) -> device_tables.Tables:
    """Return the worlds on the CPU."""
    return device_tables.build(worlds, device_tables.Resident("cpu"))


def frame_of(
    world: scene_description.Description, view: scene_description.Camera, tracer: str = "warp", threads: int = 1
) -> GBuffer:
    """Return a world as one camera sees it, its primary rays traced."""
    device = tables_of(world)
    return trace_views(device, ray_tracers.of(device, tracer), [View(0, view)], threads)


def baffle_scene() -> scene_description.Description:
    """Return a floor and a carton below two long bars, one of them behind a sheet: a scan tunnel in small."""
    sheet_at = pose((-0.12, 0.0, 0.45), turn("y", math.pi / 2))
    return description(
        instances=[
            instance("/floor", sheet(3.0, 3.0)),
            instance("/carton", box((0.2, 0.15, 0.1)), pose((0.05, 0.02, 0.05), turn("z", 0.4))),
            instance("/baffle", sheet(0.2, 0.7), sheet_at),
        ],
        lights=[
            lamp(facing((-0.3, 0.0, 0.6), (0.0, 0.0, 0.0)), "/bar_left", width_m=0.04, height_m=0.6),
            lamp(facing((0.35, 0.1, 0.7), (0.0, 0.0, 0.0)), "/bar_right", width_m=0.04, height_m=0.6, strength=4.0),
        ],
    )


USDA = """#usda 1.0
(
    defaultPrim = "World"
    metersPerUnit = 1
    upAxis = "Z"
)
def Xform "World"
{{
{body}
}}
"""


def usda_scene(folder: Path, body: str, tracer: str = "warp") -> Scene:
    """Return the scene of a stage whose /World holds `body`, written to a file and opened as anybody's would be."""
    # A name of its own: USD keeps a file that is open as it was when it was read.
    file = folder / f"{hashlib.sha256(body.encode()).hexdigest()[:16]}.usda"
    file.write_text(USDA.format(body=body))
    scene = Scene(open_stage(file), "cpu", tracer)
    scene.sync()
    return scene


def usda_sheet(name: str, corners_m: list[tuple[float, float, float]]) -> str:
    """Return the text of a quadrilateral mesh prim."""
    return f"""def Mesh "{name}" {{
        point3f[] points = {[tuple(map(float, corner)) for corner in corners_m]}
        int[] faceVertexCounts = [4]
        int[] faceVertexIndices = [0, 1, 2, 3]
        uniform token subdivisionScheme = "none"
    }}
    """


def contour(corners_m: np.ndarray, point_m: np.ndarray, normal: np.ndarray) -> float:
    """Return irradiance over radiance [sr] of a Lambertian polygon at a point, by Lambert's contour sum in float64.

    The polygon is cut at the receiver's horizon; its lit side is taken to face the point.
    """
    polygon = clip(np.asarray(corners_m, float) - point_m, normal)
    if len(polygon) < 3:
        return 0.0
    unit = polygon / np.linalg.norm(polygon, axis=1, keepdims=True)
    total = 0.0
    for a, b in zip(unit, np.roll(unit, -1, axis=0), strict=True):
        across = np.cross(a, b)
        if np.linalg.norm(across) > 0:
            total += math.atan2(np.linalg.norm(across), a @ b) * (across / np.linalg.norm(across)) @ normal
    return abs(total) / 2


def clip(corners: np.ndarray, inward: np.ndarray) -> np.ndarray:
    """Return what of a polygon lies where corner @ inward >= 0 (Sutherland and Hodgman 1974), shape (n, 3)."""
    kept = []
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        ha, hb = a @ inward, b @ inward
        if ha >= 0:
            kept.append(a)
        if (ha >= 0) != (hb >= 0):
            kept.append(a + ha / (ha - hb) * (b - a))
    return np.array(kept).reshape(-1, 3)


def corners_of(light: scene_description.Light) -> np.ndarray:
    """Return the corners of a rectangular light [m], shape (4, 3)."""
    m, w, h = light.world_from_light, light.width_m / 2, light.height_m / 2
    local = np.array([[-w, -h, 0], [w, -h, 0], [w, h, 0], [-w, h, 0]])
    return local @ m[:3, :3].T + m[:3, 3]


BENCH = """\
# One flat card under one lamp, small enough for tests.
version: 1
scene: {warehouse: bench}
cameras:
  cam:
    position_m: [0, -0.12, 1.30]
    look_at_m: [0, 0, 0.9]
    sensor: imx264
    roi_px: [160, 120]
    lens: {focal_mm: 2.2, f_number: 5.6}
    exposure_us: 2000
lights:
  lamp:
    shape: rect
    position_m: [0.3, 0.2, 1.5]
    look_at_m: [0, 0, 0.9]
    size_mm: [200, 100]
    peak_power_w: {uniform: [15, 20]}
    peak_nm: 630
items:
  card:
    kind: card
    size_mm: [150, 100, 0.5]
    position_m: [0, 0, 0.9]
    labels:
      main:
        face: top
        size_mm: [100, 60]
        template: plain
        codes: [{symbology: qr, payload: "SYNTHGEN-1", module_mm: 1.6}]
outputs: [image, depth, irradiance, hazard, instances]
dataset: {splits: {train: 1.0}, samples_per_shard: 1}
"""
"""A recipe of the smallest shot."""


def printed(
    folder: Path, art: np.ndarray, *, ink: float = 0.05, paper: float = 0.8, **more: Any
) -> scene_description.Material:
    """Return a matt material printed with `art`, bool, True is ink; one texel each, sharp."""
    file = folder / f"{hashlib.sha256(art.tobytes() + str(art.shape).encode()).hexdigest()[:16]}.png"
    PIL.Image.fromarray(np.where(art, 0, 255).astype(np.uint8)).save(file)
    texture = scene_description.Texture(asset=str(file), mode="tone", srgb=False, wrap=("clamp", "clamp"), nearest=True)
    return scene_description.Material(
        path="/print",
        texture=texture,
        **({"reflectance": (paper,) * 4, "ink_reflectance": (ink,) * 4, "ior": 1.0, "roughness": 0.6} | more),
    )


def label(
    folder: Path,
    symbology: str = "qr",
    payload: str = "SYNTHGEN-1",
    module_m: float = 1e-3,
    where: np.ndarray | None = None,
    bars: int = 30,
    path: str = "/label",
    velocity_m_s: tuple[float, float, float] = (0.0, 0.0, 0.0),
    **look: Any,
) -> tuple[scene_description.Instance, scene_description.Code]:
    """Return a label that is one code and its quiet zone, and the code on it; `bars` is a linear code's height."""
    symbol = encode.encode(symbology, payload)
    modules = np.repeat(symbol.modules, bars, axis=0) if symbol.linear else symbol.modules
    quiet = 10 if symbol.linear else 4
    art = np.pad(modules, ((4, 4), (quiet, quiet)))
    height, width = modules.shape
    world = pose() if where is None else where
    on = instance(
        path, sheet(art.shape[1] * module_m, art.shape[0] * module_m), world, printed(folder, art, **look),
        velocity_m_s=velocity_m_s,
    )  # fmt: skip
    x, y = width * module_m / 2, height * module_m / 2
    code = scene_description.Code(
        path=path,
        face="code",
        code_id=f"{path}.code",
        symbology=symbology,
        payload=payload,
        module_m=module_m,
        quad_m=np.array([[-x, y, 0], [x, y, 0], [x, -y, 0], [-x, -y, 0]]),
        world_from_prim=world,
        velocity_m_s=velocity_m_s,
        modules_across=width,
        damaged=False,
    )
    return on, code
