"""The sensor behind a camera whose stage says nothing of sensors or photons, and how it exposes.

Like a 3.45 um global-shutter CMOS sensor, its pixels scaled to the camera's aperture. Such a stage may be lit by a lamp
of 1 nit or by the sun, in any unit of length, so auto exposure is free over all times, and adds gain at the longest.
"""

from __future__ import annotations

from synthgen.world.shot import Sensor

MODEL = "generic"
"""The name of the sensor."""
TARGET = 0.4
"""Share of saturation that the median lit pixel is exposed for: 102 of 255 DN."""
LONGEST_EXPOSURE_S = 100.0
SHORTEST_EXPOSURE_S = 1e-15
"""Shorter than any shutter: a stage in the wrong unit may have pixels of some millimetres."""
MOST_GAIN = 1000.0
"""60 dB above the sensor's own gain; beyond it the read noise of a single electron fills the range."""


def sensor(resolution_px: tuple[int, int], width_m: float) -> Sensor:
    """Return an ordinary 8-bit machine-vision sensor that fills an aperture `width_m` wide."""
    return Sensor(
        model=MODEL,
        resolution_px=resolution_px,
        pitch_m=width_m / resolution_px[0],
        quantum_efficiency=(0.5, 0.6, 0.5, 0.3),
        saturation_e=10_500.0,
        dark_noise_e=2.5,
        dark_current_e_s=2.0,
        gain_dn_e=255.0 / 10_500.0,
        bits=8,
        color="rgb",
    )
