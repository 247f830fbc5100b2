"""Image sensors by name, in the words of EMVA 1288.

Values are those of public EMVA 1288 data sheets of cameras that carry the chip, rounded; cameras differ by some per
cent, so each row is approximate. Quantum efficiency is the mean over a band of `spectra.BAND_EDGES_NM`, read off the
published curve. The `generic_*` rows are round numbers of no particular chip.

References:
    EMVA Standard 1288, release 4.0 Linear (2021): model and terms. Chips: Sony Pregius (IMX174, IMX2xx) and Pregius S
    (IMX5xx) product pages, onsemi PYTHON 1300 data sheet NOIP1SN1300A, for resolution and pitch.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from synthgen.world.shot import Bands, Sensor


@dataclass(frozen=True)
class Chip:
    """A sensor's numbers that do not depend on how a camera is set."""

    resolution_px: tuple[int, int]
    pitch_um: float
    quantum_efficiency: Bands
    """B, G, R, NIR."""
    saturation_e: float
    dark_noise_e: float
    dark_current_e_s: float
    """At about 35 degC inside the camera."""
    bits: int = 8
    shutter: str = "global"


_PREGIUS: Bands = (0.55, 0.64, 0.50, 0.17)
_PREGIUS_1: Bands = (0.62, 0.75, 0.62, 0.22)
_PREGIUS_S: Bands = (0.56, 0.66, 0.52, 0.20)
_PYTHON: Bands = (0.36, 0.54, 0.50, 0.20)
_GENERIC: Bands = (0.50, 0.60, 0.50, 0.20)

_CHIPS: dict[str, Chip] = {
    "imx174": Chip((1936, 1216), 5.86, _PREGIUS_1, 32_500, 6.8, 10.0),
    "imx250": Chip((2448, 2048), 3.45, _PREGIUS, 10_500, 2.3, 3.0),
    "imx252": Chip((2064, 1544), 3.45, _PREGIUS, 10_500, 2.3, 3.0),
    "imx253": Chip((4112, 3008), 3.45, _PREGIUS, 10_500, 2.4, 3.0),
    "imx264": Chip((2448, 2048), 3.45, _PREGIUS, 10_600, 2.3, 3.0),
    "imx265": Chip((2064, 1544), 3.45, _PREGIUS, 10_600, 2.3, 3.0),
    "imx273": Chip((1456, 1088), 3.45, _PREGIUS, 10_600, 2.3, 3.0),
    "imx304": Chip((4112, 3008), 3.45, _PREGIUS, 10_600, 2.3, 3.0),
    "imx540": Chip((5328, 4608), 2.74, _PREGIUS_S, 9_600, 2.4, 3.0),
    "imx541": Chip((4512, 4512), 2.74, _PREGIUS_S, 9_600, 2.4, 3.0),
    "imx547": Chip((2472, 2064), 2.74, _PREGIUS_S, 9_600, 2.4, 3.0),
    "python1300": Chip((1280, 1024), 4.8, _PYTHON, 7_800, 9.5, 30.0),
    "generic_vga": Chip((640, 480), 5.6, _GENERIC, 10_000, 5.0, 10.0),
    "generic_1mp": Chip((1280, 960), 3.75, _GENERIC, 10_000, 3.0, 5.0),
    "generic_2mp": Chip((1920, 1200), 3.45, _GENERIC, 10_000, 3.0, 5.0),
    "generic_5mp": Chip((2448, 2048), 3.45, _GENERIC, 10_000, 3.0, 5.0),
    "generic_12mp": Chip((4096, 3072), 3.45, _GENERIC, 10_000, 3.0, 5.0),
}


def full_scale_gain(saturation_e: float, bits: int, black_level_dn: float = 0.0) -> float:
    """Return the system gain K [DN/e-] that puts saturation at the largest digital number."""
    return ((1 << bits) - 1 - black_level_dn) / saturation_e


def _sensor(name: str, chip: Chip) -> Sensor:
    return Sensor(
        model=name,
        resolution_px=chip.resolution_px,
        pitch_m=chip.pitch_um * 1e-6,
        quantum_efficiency=chip.quantum_efficiency,
        saturation_e=float(chip.saturation_e),
        dark_noise_e=chip.dark_noise_e,
        dark_current_e_s=chip.dark_current_e_s,
        gain_dn_e=full_scale_gain(chip.saturation_e, chip.bits),
        bits=chip.bits,
        shutter=chip.shutter,
        roi_px=(0, 0, *chip.resolution_px),
        chip_px=chip.resolution_px,
    )


SENSORS = MappingProxyType({name: _sensor(name, chip) for name, chip in _CHIPS.items()})
"""Each sensor read out whole, its gain such that saturation fills the digital range."""
