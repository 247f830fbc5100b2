"""From photons at a pixel to its digital number: the linear model of EMVA 1288, noise by counter.

References:
    EMVA Standard 1288, release 4.0 Linear (2021): section 2, the linear signal model and its noise.
"""

import warp as wp

wp.set_module_options({"enable_backward": False, "max_unroll": 1})

POISSON_LIMIT_E = wp.constant(1.0e4)
"""Above this mean a Gaussian is drawn: it is as good there, and float32 makes wp.poisson too wide from 1e5 on."""

BRIGHTEST_E = wp.constant(1.0e9)
"""Means are cut here, far above any full well, so that an infinite radiance stays a number."""


@wp.struct
class SensorModel:
    """The numbers of one exposure of one sensor (EMVA 1288)."""

    optics: wp.vec4  # (cx, cy, 1/fx, 1/fy) [px]
    width: wp.int32
    first_value: wp.int32  # of the frame's values, at the arrays' first place
    exposure_s: wp.float32
    dark_e: wp.float32
    read_noise_e: wp.float32
    saturation_e: wp.float32
    gain_dn_e: wp.float32
    black_level_dn: wp.float32
    highest_dn: wp.float32
    seed: wp.int32
    noise: wp.int32  # 0: rounded means


@wp.func
def vignetting(x_px: float, y_px: float, optics: wp.vec4) -> float:
    """Return cos^4 of the angle at which the exit pupil sees the pixel; optics is (cx, cy, 1/fx, 1/fy) [px]."""
    u = (x_px - optics[0]) * optics[2]
    v = (y_px - optics[1]) * optics[3]
    cos2 = 1.0 / (1.0 + u * u + v * v)
    return cos2 * cos2


@wp.func
def gaussian(u: float, v: float) -> float:
    """Return a standard normal number from two uniform ones in [0, 1) (Box and Muller 1958).

    Unlike wp.randn it fixes which uniform number is drawn first, which C++ leaves open, and float64 keeps the last
    digit of a device's logarithm out of the image.
    """
    radius = wp.sqrt(wp.float64(-2.0) * wp.log(wp.float64(1.0) - wp.float64(u)))
    return float(radius * wp.cos(wp.float64(6.283185307179586) * wp.float64(v)))


@wp.func
def collect(state: wp.uint32, mean_e: float) -> float:
    """Return a number of electrons drawn around its mean: Poisson, or Gaussian where that is the same.

    A function has its own copy of `state`, so this is the last thing that a thread draws.
    """
    electrons = float(0.0)
    if mean_e < POISSON_LIMIT_E:
        electrons = float(wp.poisson(state, mean_e))
    else:
        u = wp.randf(state)
        v = wp.randf(state)
        electrons = wp.floor(mean_e + wp.sqrt(mean_e) * gaussian(u, v) + 0.5)
    return electrons


@wp.kernel
def expose(
    # In:
    photons: wp.array(dtype=wp.vec4),
    rate: wp.array(dtype=wp.vec4),
    nonuniformity: wp.array(dtype=wp.vec2),
    electrons_per_photon: wp.array(dtype=wp.vec4),
    sensor: SensorModel,
    first: int,
    # Out:
    signal_e: wp.array(dtype=float),
    raw: wp.array(dtype=wp.uint16),
    saturated: wp.array(dtype=wp.uint8),
):
    """Expose one channel of one pixel, the `first` and following of an image's values.

    photons [1/(m^2 sr)] and rate [1/(m^2 sr s)] are per band; nonuniformity holds (1 + PRNU, DSNU [e-]) of each pixel;
    an array of one element holds for all of them. electrons_per_photon [e- m^2 sr] is per channel and band.
    """
    value = first + wp.tid()
    channels = electrons_per_photon.shape[0]
    pixel, channel = value // channels, value % channels
    in_frame = sensor.first_value + value
    at = in_frame // channels
    falloff = vignetting(float(at % sensor.width) + 0.5, float(at // sensor.width) + 0.5, sensor.optics)
    own = nonuniformity[wp.min(pixel, nonuniformity.shape[0] - 1)]
    arriving = photons[pixel] + sensor.exposure_s * rate[wp.min(pixel, rate.shape[0] - 1)]
    mean_e = wp.clamp(wp.dot(electrons_per_photon[channel], arriving) * falloff, 0.0, BRIGHTEST_E)

    electrons = mean_e * own[0] + sensor.dark_e
    read_e = own[1]
    if sensor.noise != 0:
        state = wp.rand_init(sensor.seed, in_frame)
        u = wp.randf(state)
        v = wp.randf(state)
        read_e = read_e + sensor.read_noise_e * gaussian(u, v)
        electrons = collect(state, electrons)
    value_dn = wp.floor(
        sensor.gain_dn_e * (wp.min(electrons, sensor.saturation_e) + read_e) + sensor.black_level_dn + 0.5
    )

    signal_e[value] = mean_e
    raw[value] = wp.uint16(wp.clamp(value_dn, 0.0, sensor.highest_dn))
    saturated[value] = wp.uint8(wp.where(electrons >= sensor.saturation_e or value_dn >= sensor.highest_dn, 1, 0))
