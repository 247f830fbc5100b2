"""The tables that live on the device. `scene` fills them, every other kernel file reads them."""

import warp as wp

wp.set_module_options({"enable_backward": False, "max_unroll": 1})

RECT = wp.constant(0)
DISK = wp.constant(1)
SPHERE = wp.constant(2)
CYLINDER = wp.constant(3)
POINT = wp.constant(4)
DISTANT = wp.constant(5)
DOME = wp.constant(6)

REPEAT = wp.constant(0)
CLAMP = wp.constant(1)
MIRROR = wp.constant(2)
BLACK = wp.constant(3)


@wp.struct
class Mesh:
    """One mesh, stored once however many instances show it."""

    id: wp.uint64  # wp.Mesh handle: the BLAS
    points: wp.array(dtype=wp.vec3)
    triangles: wp.array(dtype=wp.int32)
    normals: wp.array(dtype=wp.vec3)  # 3 a triangle
    uv: wp.array(dtype=wp.vec2)  # 3 a triangle
    slot: wp.array(dtype=wp.int32)


@wp.struct
class Instance:
    """A mesh at a place."""

    world_from_mesh: wp.mat44
    mesh_from_world: wp.mat44
    mesh: wp.int32
    first_material: wp.int32
    velocity: wp.vec3  # [m/s]


@wp.struct
class Texture:
    """8-bit texels, rows from the top."""

    texels: wp.array(dtype=wp.uint8)
    width: wp.int32
    height: wp.int32
    channels: wp.int32


@wp.struct
class Material:
    """Lambert plus one GGX lobe, in the four bands."""

    reflectance: wp.vec4
    ink: wp.vec4
    emission: wp.vec4  # [W/(m^2 sr)]
    scale: wp.vec4
    bias: wp.vec4
    u_row: wp.vec3
    v_row: wp.vec3
    alpha: wp.float32  # GGX
    f0: wp.float32
    metallic: wp.float32
    opacity: wp.float32
    threshold: wp.float32
    texture: wp.int32  # -1: none
    tone: wp.int32
    srgb: wp.int32
    nearest: wp.int32
    wrap_u: wp.int32
    wrap_v: wp.int32
    alpha_channel: wp.int32


@wp.struct
class Light:
    """A lamp. Its axes are those of UsdLux: it emits along -z, a cylinder lies along x."""

    kind: wp.int32
    position: wp.vec3
    x: wp.vec3
    y: wp.vec3
    z: wp.vec3
    half_width: wp.float32
    half_height: wp.float32
    radius: wp.float32
    cap: wp.float32  # distant: 1 - cosine of half its cone, which float32 would round away
    strength: wp.float32  # radiance [W/(m^2 sr)], point: intensity [W/sr]
    shaped: wp.int32  # 0: Lambertian, nothing cut off
    cone_rad: wp.float32  # from the axis; 4: nothing is cut off
    cone_inner_rad: wp.float32  # where a soft cone begins to fade
    focus: wp.float32
    photons: wp.vec4  # photons per joule of the whole power, by band


@wp.struct
class Camera:
    """A view: which pixels of the launch are its own, and its projection."""

    first_pixel: wp.int32
    width: wp.int32
    height: wp.int32
    origin: wp.vec3
    x: wp.vec3  # world_from_camera columns: right, down, forward
    y: wp.vec3
    z: wp.vec3
    fx: wp.float64
    fy: wp.float64
    cx: wp.float64
    cy: wp.float64
    k1: wp.float64
    k2: wp.float64
    p1: wp.float64
    p2: wp.float64
    k3: wp.float64
    blur_px: wp.float32  # diffraction, one sigma
    defocus_px_m: wp.float32  # circle of confusion: diameter = this * |1/focus - 1/depth|
    focus_m: wp.float32
