"""What the simulation knows of a stage: NumPy values read from USD, in metres, Z up, world frame.

`usd.read` makes them from any stage; `scene` uploads them to the device. Nothing here imports USD or Warp.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from synthgen.world.shot import Bands, Lens, Sensor
from synthgen.world.spectra import Spectrum


@dataclass(frozen=True, eq=False, kw_only=True)
class Mesh:
    """Triangles in their own frame. Two prims of the same `key` share one mesh on the device."""

    key: str
    """Hash of everything below."""
    points_m: np.ndarray
    """[m], shape (points, 3), float32."""
    triangles: np.ndarray
    """Shape (triangles, 3), int32."""
    normals: np.ndarray
    """Shading normals at the triangles' corners, shape (triangles, 3, 3), float32, unit length."""
    uv: np.ndarray
    """Texture coordinates at the triangles' corners, V up as in USD, shape (triangles, 3, 2), float32; 0 if none."""
    slot: np.ndarray
    """Which of the instance's materials a triangle has, shape (triangles,), int32."""


@dataclass(frozen=True, kw_only=True)
class Texture:
    """An image that modulates a material."""

    asset: str
    """Resolved path that the image can be opened with (inside a usdz: `package.usdz[inner.png]`)."""
    mode: str
    """`tone`: the grey value g blends reflectance g + ink_reflectance (1 - g); `rgb`: colours multiply reflectance."""
    srgb: bool
    wrap: tuple[str, str] = ("repeat", "repeat")
    """repeat, clamp, mirror or black along u and v."""
    matrix: tuple[float, float, float, float, float, float] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    """Row-major 2x3: texture coordinates = matrix (u, v, 1)."""
    scale: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    bias: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    nearest: bool = False
    """Whether texels are not interpolated: printed modules have sharp edges."""


@dataclass(frozen=True, kw_only=True)
class Material:
    """How a surface reflects: Lambert plus one GGX lobe."""

    path: str
    reflectance: Bands
    ink_reflectance: Bands = (0.0, 0.0, 0.0, 0.0)
    """Where a `tone` texture is 0."""
    texture: Texture | None = None
    roughness: float = 0.5
    """GGX alpha = roughness^2 (UsdPreviewSurface)."""
    ior: float = 1.5
    metallic: float = 0.0
    """1: reflectance is the mirror reflectance and nothing is diffuse."""
    opacity: float = 1.0
    opacity_threshold: float = 0.0
    """Above 0: the surface is cut out where the texture's alpha times opacity is below it."""
    opacity_from_texture: bool = False
    emission_w_m2_sr: Bands = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Instance:
    """A mesh at a place."""

    path: str
    """Prim path, of the instance proxy where there is instancing; for a PointInstancer `path[3]`."""
    mesh: Mesh
    world_from_mesh: np.ndarray
    """4x4, column vectors, float64."""
    materials: tuple[Material, ...]
    velocity_m_s: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Light:
    """A lamp with its world scale folded into its sizes."""

    path: str
    shape: str
    """rect, disk, sphere, cylinder, point, distant or dome."""
    world_from_light: np.ndarray
    """4x4, column vectors, float64: rotation and translation only. Emits along -Z; a cylinder's axis is X."""
    width_m: float = 0.0
    height_m: float = 0.0
    radius_m: float = 0.0
    length_m: float = 0.0
    half_angle_rad: float = 0.0
    """Distant: half the cone that its light comes from."""
    strength: float = 0.0
    """On its axis, before shaping, over the full spectrum: radiance [W/(m^2 sr)]; point: intensity [W/sr]."""
    spectrum: Spectrum = field(kw_only=True)
    cone_angle_rad: float = 3.141592653589793
    """UsdLux shaping:cone:angle, from the axis; pi/2 and more cuts nothing off a one-sided light."""
    cone_softness: float = 0.0
    focus: float = 0.0
    """UsdLux shaping:focus: emission times cos^focus."""
    ies_asset: str = ""
    """Resolved path of an IES profile in light space; its samples multiply the strength (UsdLux shaping:ies)."""
    ies_angle_scale: float = 0.0
    """UsdLux shaping:ies:angleScale; 0 leaves the profile's angles alone."""
    ies_normalize: bool = False
    """UsdLux shaping:ies:normalize: the profile is divided by its own power."""
    pulse_s: float = 0.0
    """0 is continuous."""
    rate_hz: float = 0.0
    delay_s: float = 0.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Camera:
    """A camera in OpenCV's terms: x right, y down, z forward, pixel centres at +0.5 from the top-left corner."""

    path: str
    name: str
    world_from_camera: np.ndarray
    """4x4, column vectors, float64, OpenCV axes."""
    fx_px: float
    fy_px: float
    cx_px: float
    cy_px: float
    dist: tuple[float, float, float, float, float]
    """k1, k2, p1, p2, k3."""
    lens: Lens
    sensor: Sensor
    exposure_s: float
    auto_exposure_target: float = 0.0
    shortest_exposure_s: float = 0.0
    """Auto exposure goes down to it; 0: to a thousandth of `exposure_s`."""
    most_auto_gain: float = 1.0
    """Where the longest exposure is too dark, auto exposure raises the sensor's gain up to this factor."""
    noise_seed: int = 0

    @property
    def width_px(self) -> int:
        """Return the image's width."""
        return self.sensor.resolution_px[0]

    @property
    def height_px(self) -> int:
        """Return the image's height."""
        return self.sensor.resolution_px[1]


@dataclass(frozen=True, eq=False, kw_only=True)
class Code:
    """A barcode on the stage."""

    path: str
    """The prim that carries the barcode schema."""
    face: str
    """Instance name of the schema."""
    code_id: str
    symbology: str
    payload: str
    module_m: float
    quad_m: np.ndarray
    """TL, TR, BR, BL of the symbol as printed, in the prim's frame, shape (4, 3), float64."""
    world_from_prim: np.ndarray
    velocity_m_s: tuple[float, float, float]
    modules_across: int
    """Modules along the symbol's top edge (0 when unknown)."""
    damaged: bool
    """Whether print or wear defects were applied."""


@dataclass(frozen=True, kw_only=True)
class EyeZone:
    """A box, along the world's axes, where eyes can be."""

    path: str
    name: str
    box_m: tuple[tuple[float, float, float], tuple[float, float, float]]
    """Lowest and highest corner."""
    kind: str = "walkway"
    gaze: str = "worst"
    duration_s: float = 30000.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Description:
    """A whole stage."""

    instances: tuple[Instance, ...]
    lights: tuple[Light, ...]
    cameras: tuple[Camera, ...]
    codes: tuple[Code, ...]
    warnings: tuple[str, ...]
    """What the stage asks for and the simulation leaves out: one line for each kind, with a prim's path."""
