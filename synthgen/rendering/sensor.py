"""From photons to digital numbers: EMVA 1288's linear model behind a thin lens.

Light reaches a pixel in two parts. `photon_exposure` is radiance integrated over time whatever the shutter does
(strobes that flash while it is open); `rate` is what lamps that are always on add per second. Exposure time, and with
it auto exposure, scales the second part alone, so the two stay apart until here:

    mean electrons = sum over bands QE (photon_exposure + exposure_s rate) pitch^2 Omega T cos^4,
    Omega = pi / (4 N^2 (1 + m)^2),  m = f / (focus - f)

The cos^4 is taken at the pixel, of the angle at which it sees the exit pupil.

References:
    EMVA Standard 1288, release 4.0 Linear (2021): section 2 (signal, noise, SNR), section 4 (DSNU, PRNU).
    R. Kingslake: Optics in Photography (1992), chapter 6: image irradiance, effective aperture, cos^4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import warp as wp

from synthgen.errors import StageError
from synthgen.kernels import sensor as kernels
from synthgen.world.scene_description import Camera
from synthgen.world.shot import Lens, Sensor

EXPOSURE_RANGE = 1000.0
"""Auto exposure goes down to this fraction of the camera's own exposure time, which is the longest, unless the camera
says how far it goes."""

_SAMPLED_PX = 65_536  # auto exposure looks at about so many pixels, on a grid
_CHANNELS = {"mono": ((0, 1, 2, 3),), "rgb": ((2, 3), (1, 3), (0, 3))}  # bands B, G, R, NIR of each channel


@dataclass(frozen=True, kw_only=True)
class PixelNonuniformity:
    """How the pixels of one sensor differ from each other, the same in all its images (EMVA 1288 section 4)."""

    dsnu_e: float = 0.0
    """Standard deviation of the dark signal [e-]."""
    prnu: float = 0.0
    """Standard deviation of the response, relative to 1."""
    seed: int = 0
    """Which specimen of the sensor this is."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Image:
    """What leaves the camera, and what is known of how it came about."""

    png: np.ndarray
    """[DN], 8 bit, shape (h, w) or (h, w, 3)."""
    raw: np.ndarray
    """[DN], uint16, at the sensor's own bits, same shape."""
    signal_e: np.ndarray
    """Expected photo-electrons, before the full well cuts them, float32, same shape."""
    saturated: np.ndarray
    """Whether the well or the converter was full, bool, same shape."""
    exposure_s: float
    record: dict[str, float | int | bool] = field(default_factory=dict)
    """`exposure` of the sample's JSON."""


def expose(
    photon_exposure: np.ndarray | wp.array,
    camera: Camera,
    *,
    rate: np.ndarray | wp.array | None = None,
    exposure_s: float | None = None,
    nonuniformity: PixelNonuniformity | None = None,
    device: str = "cpu",
    noise: bool = True,
    threads: int = 1,
    rows: tuple[int, int] | None = None,
) -> Image:
    """Expose `camera`'s sensor, or some of its rows, to light; bit for bit the same with any number of `threads`.

    Args:
        photon_exposure: photons by band that do not depend on exposure time [1/(m^2 sr)], shape (h, w, 4), float32.
        camera: its lens, sensor and noise seed.
        rate: photons by band and second of exposure [1/(m^2 sr s)], same shape.
        exposure_s: overrides the camera's; without it auto exposure decides where the camera asks for it.
        nonuniformity: pixel-to-pixel differences of dark signal and response.
        device: Warp device.
        noise: draw shot and read noise; without it the image holds rounded means.
        threads: on the CPU, how many blocks of rows run at once.
        rows: the first row that the photons are of and the one after the last; None: all. They need a settled exposure.

    Raises:
        StageError: the camera's numbers describe no sensor or lens.
    """
    _check(camera)
    first_row, end_row = rows or (0, camera.height_px)
    shutter_s = exposure_time_s(photon_exposure, camera, rate=rate) if exposure_s is None else float(exposure_s)
    channels = len(_CHANNELS[camera.sensor.color])
    height, width = end_row - first_row, camera.width_px
    pixels = width * height
    bands = (wp.vec4, pixels, device)
    inputs = (
        _upload(photon_exposure, *bands),
        _upload(np.zeros((1, 4), np.float32), wp.vec4, 1, device) if rate is None else _upload(rate, *bands),
        _nonuniformity(nonuniformity, camera, (first_row, end_row), device),
    )
    signal_e = wp.empty(pixels * channels, dtype=wp.float32, device=device)
    raw = wp.empty(pixels * channels, dtype=wp.uint16, device=device)
    saturated = wp.empty(pixels * channels, dtype=wp.uint8, device=device)
    model = _model(camera, shutter_s, first_row * width * channels, noise=noise)
    blocks = [edge * width * channels for edge in _block_edges(height, device, threads)]
    _launch(camera, model, inputs, (signal_e, raw, saturated), blocks)

    size = (height, width) if channels == 1 else (height, width, channels)
    return _image(camera, shutter_s, *(out.numpy().reshape(size) for out in (signal_e, raw, saturated)))


def join(camera: Camera, parts: Sequence[Image]) -> Image:
    """Return a frame from its bands of rows, the upper ones first."""
    if len(parts) == 1:
        return parts[0]
    values = (np.concatenate([getattr(p, name) for p in parts]) for name in ("signal_e", "raw", "saturated"))
    whole = _image(camera, parts[0].exposure_s, *values)
    return replace(whole, record={**whole.record, "auto": parts[0].record["auto"]})


def exposure_time_s(
    photon_exposure: np.ndarray | wp.array,
    camera: Camera,
    *,
    rate: np.ndarray | wp.array | None = None,
    shortest_s: float = 0.0,
) -> float:
    """Return the exposure time [s]: the camera's, or what auto exposure makes of it.

    Auto exposure brings the median lit pixel to `auto_exposure_target` of saturation, within the camera's own time and
    its `shortest_exposure_s` (or a thousandth of its time), not below `shortest_s` (the strobes must fit), in steps of
    4 digits. Lit are pixels that the longest time lifts above the read noise. Strobed light alone leaves nothing to
    choose.
    """
    longest_s = camera.exposure_s
    if camera.auto_exposure_target <= 0 or rate is None:
        return longest_s
    fixed_e, growing_e_s = _sampled_electrons(photon_exposure, camera), _sampled_electrons(rate, camera)
    lit = fixed_e + longest_s * growing_e_s > _dark_floor_e(camera.sensor)
    if not growing_e_s[lit].any():
        return longest_s
    wanted_e = camera.auto_exposure_target * capacity_e(camera.sensor)
    least_s = camera.shortest_exposure_s or longest_s / EXPOSURE_RANGE
    low_s, high_s = max(least_s, min(shortest_s, longest_s)), longest_s
    for _ in range(40):
        middle_s = math.sqrt(low_s * high_s)
        if np.median(fixed_e[lit] + middle_s * growing_e_s[lit]) < wanted_e:
            low_s = middle_s
        else:
            high_s = middle_s
    return min(float(f"{high_s:.4g}"), longest_s)


def auto_gain(photon_exposure: np.ndarray | wp.array, camera: Camera, rate: np.ndarray | wp.array) -> float:
    """Return the factor on the sensor's gain that auto exposure takes where its longest time leaves a picture dark.

    It brings the median pixel that any light reaches to `auto_exposure_target` of saturation, dark signal included, but
    goes no further than the camera's `most_auto_gain`, and never below 1.
    """
    if camera.auto_exposure_target <= 0 or camera.most_auto_gain <= 1:
        return 1.0
    mean_e = _sampled_electrons(photon_exposure, camera) + camera.exposure_s * _sampled_electrons(rate, camera)
    lit_e = mean_e[mean_e > 0]
    if not lit_e.size:
        return 1.0
    median_e = float(np.median(lit_e)) + camera.sensor.dark_current_e_s * camera.exposure_s
    wanted = camera.auto_exposure_target * capacity_e(camera.sensor) / median_e
    return float(f"{min(max(wanted, 1.0), camera.most_auto_gain):.4g}")


def electrons_per_photon(camera: Camera) -> np.ndarray:
    """Return electrons on the axis per photon exposure [e- m^2 sr], shape (channels, 4 bands), float32.

    `mono` adds all bands; the ideal channels R, G, B of `rgb` see their own band and, as dyes do, near infrared: a
    camera with an infrared cut filter has a quantum efficiency of 0 there.
    """
    by_band = np.asarray(camera.sensor.quantum_efficiency) * etendue_m2_sr(camera)
    weights = np.zeros((len(_CHANNELS[camera.sensor.color]), 4))
    for channel, seen in enumerate(_CHANNELS[camera.sensor.color]):
        weights[channel, list(seen)] = by_band[list(seen)]
    return weights.astype(np.float32)


def etendue_m2_sr(camera: Camera) -> float:
    """Return pitch^2 Omega T of a pixel on the axis [m^2 sr], the lens's transmission included."""
    lens = camera.lens
    solid_angle_sr = math.pi / (4 * (lens.f_number * (1 + magnification(lens))) ** 2)
    return camera.sensor.pitch_m**2 * solid_angle_sr * lens.transmission


def magnification(lens: Lens) -> float:
    """Return image size over object size in best focus; 0 for a lens focused far away."""
    far = lens.focus_m == 0 or math.isinf(lens.focus_m)
    return 0.0 if far else lens.focal_m / (lens.focus_m - lens.focal_m)


def capacity_e(sensor: Sensor) -> float:
    """Return the signal at saturation [e-]: the full well or the converter's end, whichever comes first."""
    return min(sensor.saturation_e, (_highest_dn(sensor) - sensor.black_level_dn) / sensor.gain_dn_e)


def snr(signal_e: np.ndarray, sensor: Sensor, exposure_s: float = 0.0) -> np.ndarray:
    """Return EMVA 1288's signal-to-noise ratio of photo-electrons `signal_e`, any shape.

    Noise is shot noise, read noise, that of the dark current over `exposure_s`, and quantisation, 1/12 DN^2.
    """
    dark_e = sensor.dark_current_e_s * exposure_s
    variance_e2 = signal_e + dark_e + sensor.dark_noise_e**2 + 1 / (12 * sensor.gain_dn_e**2)
    return signal_e / np.sqrt(variance_e2)


def _model(camera: Camera, exposure_s: float, first_value: int, *, noise: bool) -> Any:
    """Return the numbers of an exposure as the kernel takes them."""
    sensor = camera.sensor
    model = kernels.SensorModel()
    model.optics = wp.vec4(camera.cx_px, camera.cy_px, 1 / camera.fx_px, 1 / camera.fy_px)
    model.width, model.first_value, model.exposure_s = camera.width_px, first_value, exposure_s
    model.dark_e, model.read_noise_e = sensor.dark_current_e_s * exposure_s, sensor.dark_noise_e
    model.saturation_e, model.gain_dn_e = sensor.saturation_e, sensor.gain_dn_e
    model.black_level_dn, model.highest_dn = sensor.black_level_dn, float(_highest_dn(sensor))
    model.seed, model.noise = camera.noise_seed & 0x7FFFFFFF, int(noise)
    return model


def _block_edges(height: int, device: str, threads: int) -> list[int]:
    """Return where blocks of rows begin and end: one block on a GPU, `threads` on the CPU."""
    count = threads if wp.get_device(device).is_cpu else 1
    return sorted(set(np.linspace(0, height, count + 1).astype(int).tolist()))


def _launch(
    camera: Camera, model: Any, inputs: tuple[wp.array, ...], outputs: tuple[wp.array, ...], edges: list[int]
) -> None:
    """Run the kernel over blocks of values, each on a thread of its own: a launch on the CPU frees the interpreter."""
    device = outputs[0].device
    weights = _upload(electrons_per_photon(camera), wp.vec4, len(_CHANNELS[camera.sensor.color]), device)

    def run(block: tuple[int, int]) -> None:
        first, last = block
        arguments = [*inputs, weights, model, first]
        wp.launch(kernels.expose, dim=last - first, inputs=arguments, outputs=list(outputs), device=device)

    blocks = list(pairwise(edges))
    if len(blocks) == 1:
        run(blocks[0])
        return
    wp.load_module(kernels, device=device)  # once, before the threads would each ask for it
    with ThreadPoolExecutor(len(blocks)) as pool:
        list(pool.map(run, blocks))


def _image(camera: Camera, exposure_s: float, signal_e: np.ndarray, raw: np.ndarray, saturated: np.ndarray) -> Image:
    """Return the image with its 8-bit version and its record."""
    sensor = camera.sensor
    lit_e = signal_e[signal_e > _dark_floor_e(sensor)]
    median_e = float(np.median(lit_e)) if lit_e.size else 0.0
    return Image(
        png=(raw >> (sensor.bits - 8)).astype(np.uint8),
        raw=raw,
        signal_e=signal_e,
        saturated=saturated.astype(bool),
        exposure_s=exposure_s,
        record={
            "exposure_s": float(exposure_s),
            "auto": camera.auto_exposure_target > 0,
            "gain_dn_e": float(sensor.gain_dn_e),
            "black_level_dn": float(sensor.black_level_dn),
            "bits": int(sensor.bits),
            "saturated_fraction": float(saturated.mean(dtype=np.float64)),
            "mean_signal_e": float(signal_e.mean(dtype=np.float64)),
            "median_signal_share": median_e / capacity_e(sensor),
            "median_snr": float(snr(np.float64(median_e), sensor, exposure_s)),
        },
    )


def _sampled_electrons(photons: np.ndarray | wp.array, camera: Camera) -> np.ndarray:
    """Return photo-electrons of the fullest channel at pixels on a grid, shape (n,), float64."""
    bands = (photons.numpy() if isinstance(photons, wp.array) else photons).reshape(camera.height_px, -1, 4)
    step = max(1, math.ceil(math.sqrt(camera.width_px * camera.height_px / _SAMPLED_PX)))
    offset = step // 2 if step < min(bands.shape[:2]) else 0
    x, y = np.arange(camera.width_px)[offset::step] + 0.5, np.arange(camera.height_px)[offset::step] + 0.5
    tangent2 = ((x - camera.cx_px) / camera.fx_px)[None, :] ** 2 + ((y - camera.cy_px) / camera.fy_px)[:, None] ** 2
    chosen = bands[offset::step, offset::step].astype(np.float64)
    return ((chosen @ electrons_per_photon(camera).T).max(axis=-1) / (1 + tangent2) ** 2).ravel()


def _nonuniformity(
    nonuniformity: PixelNonuniformity | None, camera: Camera, rows: tuple[int, int], device: str
) -> wp.array:
    """Return (1 + PRNU, DSNU [e-]) of each pixel of some rows, or of all of them when they are alike."""
    if nonuniformity is None or (nonuniformity.dsnu_e == 0 and nonuniformity.prnu == 0):
        return _upload(np.array([[1.0, 0.0]], np.float32), wp.vec2, 1, device)
    size = (camera.height_px, camera.width_px, 2)
    drawn = np.random.Generator(np.random.Philox(key=nonuniformity.seed)).standard_normal(size)[slice(*rows)]
    own = (drawn * (nonuniformity.prnu, nonuniformity.dsnu_e) + (1.0, 0.0)).astype(np.float32)
    return _upload(own.reshape(-1, 2), wp.vec2, own.size // 2, device)


def _upload(values: np.ndarray | wp.array, dtype: type, count: int, device: Any) -> wp.array:
    """Return `values` as `count` vectors on `device`; on the CPU, and if already there, without a copy."""
    if isinstance(values, wp.array):
        there = values.to(device).contiguous()
        alias = wp.array(ptr=there.ptr, dtype=dtype, shape=(count,), device=device)
        alias.held = there  # the memory lives as long as its alias
        return alias
    packed = np.ascontiguousarray(values, np.float32).reshape(count, -1)
    return wp.array(packed, dtype=dtype, device=device, copy=False)


def _highest_dn(sensor: Sensor) -> int:
    return (1 << sensor.bits) - 1


def _dark_floor_e(sensor: Sensor) -> float:
    """Return the signal [e-] above which a pixel counts as lit."""
    return max(sensor.dark_noise_e, 1.0)


def _check(camera: Camera) -> None:
    """Refuse numbers that describe no sensor or lens."""
    lens, sensor = camera.lens, camera.sensor
    for name, value, good, remedy in (
        ("bits", sensor.bits, 8 <= sensor.bits <= 16, "8 to 16"),
        ("color", sensor.color, sensor.color in _CHANNELS, "mono or rgb"),
        ("gain_dn_e", sensor.gain_dn_e, sensor.gain_dn_e > 0, "a positive number [DN/e-]"),
        ("saturation_e", sensor.saturation_e, sensor.saturation_e > 0, "a positive number of electrons"),
        ("pitch_m", sensor.pitch_m, sensor.pitch_m > 0, "a positive length, such as 3.45e-6"),
        ("f_number", lens.f_number, lens.f_number > 0, "a positive f-number, such as 4"),
        ("focus_m", lens.focus_m, lens.focus_m == 0 or lens.focus_m > lens.focal_m, "more than the focal length, or 0"),
        ("exposure_s", camera.exposure_s, camera.exposure_s > 0, "a positive time [s]"),
    ):
        if not good:
            raise StageError(f"{camera.path}: {name} {value!r} is not possible; write {remedy}")
