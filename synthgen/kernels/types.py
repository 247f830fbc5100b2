"""The structures that kernels share: the described scene, its views, and what launches hand to each other."""

import warp as wp

wp.set_module_options({"enable_backward": False, "max_unroll": 1})


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
    height: wp.int32  # rows of the view, of the frame's from first_row on
    first_row: wp.int32
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
    field_limit: wp.float64  # tangent of the field angle up to which the lens is one to one; inf: everywhere
    blur_px: wp.float32  # diffraction, one sigma
    defocus_px_m: wp.float32  # circle of confusion: diameter = this * |1/focus - 1/depth|
    focus_m: wp.float32


@wp.struct
class SceneTables:
    """The described scene: what stands where, of what, and its textures."""

    meshes: wp.array(dtype=Mesh)
    instances: wp.array(dtype=Instance)
    materials: wp.array(dtype=Material)
    textures: wp.array(dtype=Texture)


@wp.struct
class WorldLights:
    """The lamps of one world, and how long each shines while the shutter is open."""

    table: wp.array(dtype=Light)
    rows: wp.array(dtype=wp.int32)
    open_s: wp.array(dtype=wp.vec2)  # in pulses, continuously [s]


@wp.struct
class GBuffer:
    """What the primary ray of each pixel found; all arrays have one entry a pixel."""

    cameras: wp.array(dtype=Camera)
    pixel_camera: wp.array(dtype=wp.int32)
    ray_origin: wp.array(dtype=wp.vec3)
    ray_direction: wp.array(dtype=wp.vec3)
    ray_t: wp.array(dtype=wp.float32)  # depth [m]: a direction's camera z is 1; inf: nothing
    instance: wp.array(dtype=wp.int32)  # -1: nothing
    triangle: wp.array(dtype=wp.int32)
    position: wp.array(dtype=wp.vec3)
    shading_normal: wp.array(dtype=wp.vec3)
    geometric_normal: wp.array(dtype=wp.vec3)
    material: wp.array(dtype=wp.int32)  # -1: nothing


@wp.struct
class RayHits:
    """Rays, and what each of them hit first."""

    origin: wp.array(dtype=wp.vec3)
    direction: wp.array(dtype=wp.vec3)
    t: wp.array(dtype=wp.float32)  # [lengths of the direction]; inf: nothing
    instance: wp.array(dtype=wp.int32)  # -1: nothing
    triangle: wp.array(dtype=wp.int32)
    uv: wp.array(dtype=wp.vec2)  # barycentric weights of the first two corners


@wp.struct
class LightIrradiance:
    """The irradiance of each light at each pixel's point [W/m^2], shadowed and unshadowed."""

    shadowed: wp.array2d(dtype=wp.float32)
    unshadowed: wp.array2d(dtype=wp.float32)


@wp.struct
class Exposure:
    """Photons by band, those of strobes apart from those of lamps that are on all the time."""

    strobed: wp.vec4
    continuous: wp.vec4


@wp.struct
class SurfacePhotons:
    """Photons at each pixel's point: received [1/m^2], and reflected by the lobe to the camera [1/(m^2 sr)]."""

    diffuse_strobed: wp.array(dtype=wp.vec4)
    diffuse_continuous: wp.array(dtype=wp.vec4)
    specular_strobed: wp.array(dtype=wp.vec4)
    specular_continuous: wp.array(dtype=wp.vec4)


@wp.struct
class PixelSpread:
    """How far motion and defocus spread each pixel's surface."""

    motion_px: wp.array(dtype=wp.vec2)
    coc_px: wp.array(dtype=wp.float32)  # diameter of the circle of confusion


@wp.func
def exposure_at(photons: SurfacePhotons, p: wp.int32) -> Exposure:
    """Return the photons received at a pixel's point."""
    e = Exposure()
    e.strobed = photons.diffuse_strobed[p]
    e.continuous = photons.diffuse_continuous[p]
    return e


@wp.func
def specular_at(photons: SurfacePhotons, p: wp.int32) -> Exposure:
    """Return the photons that the lobe at a pixel's point reflects to the camera."""
    e = Exposure()
    e.strobed = photons.specular_strobed[p]
    e.continuous = photons.specular_continuous[p]
    return e
