"""Surfaces of a warehouse by name: reflectance per wavelength band and the shape of the gloss.

Bands are those of `spectra.BAND_EDGES_NM`: B 400-500, G 500-600, R 600-700, NIR 700-1000 nm. Roughness is perceptual
(UsdPreviewSurface): GGX alpha = roughness^2.

References:
    USGS Spectral Library version 7 (Kokaly et al. 2017, Data Series 1035), band means of single near-nadir samples,
    where a row names a record. Rows marked `estimate` are ordinary practice, estimated, not measured.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import TypeVar

from synthgen.errors import InputError
from synthgen.world.shot import Bands

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Surface:
    """Lambert plus one GGX lobe, in four bands."""

    reflectance: Bands
    """Diffuse reflectance; of a metal, its mirror reflectance at normal incidence."""
    roughness: float
    ior: float = 1.5
    metallic: float = 0.0
    ink: str = ""
    """Default material where a tone texture is 0: another name of `MATERIALS`, "" for black."""
    source: str = "estimate"


@dataclass(frozen=True, kw_only=True)
class Film:
    """A clear layer over a print: what lies below is scaled by `gain`, `veil` is added, the gloss is the film's."""

    gain: float
    veil: float
    roughness: float
    ior: float
    source: str = "estimate"


def _found(table: Mapping[str, T], name: str, what: str) -> T:
    if name not in table:
        near = get_close_matches(name, table, 3) or sorted(table)
        raise InputError(f"{what} {name!r} is not known; write {' or '.join(near[:3])}")
    return table[name]


def _surface(
    bands: Bands, alpha: float, source: str = "estimate", *, ior: float = 1.5, ink: str = "", metallic: float = 0.0
) -> Surface:
    roughness = round(math.sqrt(alpha), 4)
    return Surface(reflectance=bands, roughness=roughness, ior=ior, metallic=metallic, ink=ink, source=source)


_BOARD = {
    "kraft": _surface((0.15, 0.27, 0.41, 0.58), 0.60, ior=1.42, ink="kraft_dark"),
    "kraft_dark": _surface((0.10, 0.18, 0.28, 0.47), 0.70, "USGS splib07 GDS371 cardboard", ior=1.42, ink="flexo"),
    "testliner": _surface((0.16, 0.25, 0.36, 0.54), 0.60, ior=1.42, ink="kraft_dark"),
    "white_top": _surface((0.62, 0.68, 0.71, 0.75), 0.50, ink="kraft"),
    "coated": _surface((0.78, 0.82, 0.83, 0.84), 0.30, ink="flexo"),
    "kraft_print": _surface((0.15, 0.27, 0.41, 0.58), 0.60, ior=1.42, ink="flexo"),
    "carton_inside": _surface((0.13, 0.23, 0.34, 0.52), 0.70, ior=1.42, ink="kraft_dark"),
    "mailer_white": _surface((0.80, 0.82, 0.82, 0.80), 0.10, ior=1.51, ink="carbon"),
    "mailer_grey": _surface((0.30, 0.31, 0.31, 0.32), 0.12, ior=1.51, ink="carbon"),
    "mailer_kraft": _surface((0.15, 0.27, 0.41, 0.58), 0.55, ior=1.42, ink="kraft_dark"),
}
_LABEL = {
    "thermal_paper": _surface((0.80, 0.84, 0.84, 0.83), 0.38, ink="leuco"),
    "polypropylene": _surface((0.85, 0.86, 0.85, 0.83), 0.15, ink="carbon"),
    "vinyl": _surface((0.77, 0.79, 0.77, 0.72), 0.15, "USGS splib07 GDS372 vinyl", ink="carbon"),
    "tyvek": _surface((0.71, 0.70, 0.69, 0.67), 0.40, "USGS splib07 GDS369 Tyvek", ink="carbon"),
    "paper": _surface((0.74, 0.78, 0.79, 0.80), 0.50, ink="carbon"),
    "label_yellow": _surface((0.06, 0.62, 0.82, 0.83), 0.35, ink="carbon"),
    "label_orange": _surface((0.05, 0.30, 0.80, 0.83), 0.35, ink="carbon"),
    "label_red": _surface((0.05, 0.06, 0.60, 0.80), 0.35, ink="carbon"),
    "label_green": _surface((0.14, 0.42, 0.12, 0.55), 0.35, ink="carbon"),
    "label_blue": _surface((0.42, 0.22, 0.08, 0.50), 0.35, ink="carbon"),
    "leuco": _surface((0.05, 0.05, 0.07, 0.45), 0.35),
    "carbon": _surface((0.03, 0.03, 0.03, 0.03), 0.30),
    "flexo": _surface((0.06, 0.06, 0.06, 0.09), 0.50),
    "flexo_red": _surface((0.05, 0.06, 0.38, 0.55), 0.50),
    "flexo_blue": _surface((0.22, 0.12, 0.06, 0.30), 0.50),
    "flexo_green": _surface((0.08, 0.20, 0.08, 0.40), 0.50),
}
_WRAP = {
    "tape_clear": _surface((0.135, 0.243, 0.369, 0.522), 0.05, ior=1.49, ink="kraft_dark"),
    "tape_brown": _surface((0.06, 0.13, 0.24, 0.48), 0.07, ior=1.49),
    "tape_white": _surface((0.74, 0.76, 0.76, 0.74), 0.07, ior=1.49, ink="carbon"),
    "stretch_film": _surface((0.16, 0.26, 0.37, 0.52), 0.06, ior=1.51),
    "strap_black": _surface((0.04, 0.04, 0.04, 0.05), 0.15),
    "strap_green": _surface((0.05, 0.14, 0.05, 0.35), 0.12),
}
_PLASTIC = {
    "tote_blue": _surface((0.28, 0.12, 0.06, 0.45), 0.27, ior=1.54, source="USGS splib07 GDS340 blue polyethylene"),
    "tote_grey": _surface((0.33, 0.31, 0.27, 0.32), 0.30, ior=1.54),
    "tote_black": _surface((0.04, 0.04, 0.04, 0.04), 0.30, ior=1.54),
    "tote_red": _surface((0.03, 0.03, 0.42, 0.60), 0.27, ior=1.54),
    "tote_yellow": _surface((0.04, 0.42, 0.74, 0.78), 0.27, ior=1.54),
    "tote_green": _surface((0.06, 0.18, 0.06, 0.42), 0.27, ior=1.54),
    "pvc_clear_strip": _surface((0.22, 0.28, 0.24, 0.28), 0.06, ior=1.54),
    "abs_black": _surface((0.03, 0.03, 0.03, 0.03), 0.25, "USGS splib07 GDS341 black ABS", ior=1.54),
    "drum_blue": _surface((0.26, 0.10, 0.04, 0.40), 0.20, ior=1.54),
}
_METAL = {
    "galvanised": _surface((0.63, 0.65, 0.65, 0.62), 0.25, metallic=1.0, ink="galvanised_dull"),
    "galvanised_dull": _surface((0.45, 0.46, 0.46, 0.44), 0.40, metallic=1.0),
    "anodised_al": _surface((0.68, 0.70, 0.70, 0.70), 0.24, metallic=1.0),
    "brushed_al": _surface((0.80, 0.82, 0.83, 0.84), 0.20, metallic=1.0),
    "roller_steel": _surface((0.55, 0.56, 0.56, 0.58), 0.14, metallic=1.0),
    "stainless": _surface((0.58, 0.60, 0.62, 0.66), 0.16, metallic=1.0),
    "chain_steel": _surface((0.30, 0.30, 0.30, 0.32), 0.30, metallic=1.0),
    "mirror": _surface((0.88, 0.89, 0.89, 0.88), 0.0025, metallic=1.0),
}
_PAINT = {
    "ral5010": _surface((0.18, 0.08, 0.02, 0.25), 0.20, "RAL 5010; NIR estimate"),
    "ral2004": _surface((0.02, 0.10, 0.65, 0.75), 0.20, "RAL 2004; NIR estimate"),
    "ral7035": _surface((0.55, 0.57, 0.56, 0.50), 0.20, "RAL 7035; NIR estimate"),
    "ral7016": _surface((0.054, 0.048, 0.040, 0.05), 0.22, "RAL 7016; NIR estimate"),
    "ral7001": _surface((0.337, 0.305, 0.262, 0.29), 0.22, "RAL 7001; NIR estimate"),
    "ral1023": _surface((0.03, 0.46, 0.80, 0.82), 0.20, "RAL 1023; NIR estimate"),
    "ral3020": _surface((0.02, 0.02, 0.50, 0.70), 0.20, "RAL 3020; NIR estimate"),
    "ral6029": _surface((0.06, 0.13, 0.02, 0.40), 0.20, "RAL 6029; NIR estimate"),
    "ral9005": _surface((0.035, 0.035, 0.035, 0.04), 0.20, "RAL 9005; NIR estimate"),
    "ral9010": _surface((0.74, 0.82, 0.83, 0.82), 0.25, "RAL 9010; NIR estimate"),
    "powder_coat_grey": _surface((0.45, 0.51, 0.51, 0.46), 0.20, "USGS splib07 GDS333 painted aluminium"),
    "matt_black": _surface((0.035, 0.035, 0.035, 0.04), 0.60),
    "yellow_line": _surface((0.05, 0.42, 0.70, 0.74), 0.30, ink="concrete"),
    "white_line": _surface((0.66, 0.69, 0.69, 0.68), 0.30, ink="concrete"),
}
_BUILDING = {
    "concrete": _surface((0.22, 0.28, 0.31, 0.31), 0.30, "USGS splib07 GDS375 concrete", ink="concrete_dark"),
    "concrete_dark": _surface((0.13, 0.16, 0.17, 0.18), 0.32),
    "concrete_pale": _surface((0.45, 0.52, 0.55, 0.57), 0.35, "USGS splib07 WTC01-37A concrete", ink="concrete"),
    "concrete_painted": _surface((0.30, 0.32, 0.31, 0.30), 0.16, ink="concrete_dark"),
    "asphalt": _surface((0.06, 0.07, 0.08, 0.10), 0.50),
    "wall_panel": _surface((0.62, 0.66, 0.66, 0.62), 0.25, ink="ral7001"),
    "roof_sheet": _surface((0.60, 0.64, 0.65, 0.62), 0.25),
    "pine": _surface((0.22, 0.33, 0.46, 0.62), 0.60, "USGS splib07 GDS363 pine", ink="pine_dark"),
    "pine_dark": _surface((0.11, 0.18, 0.28, 0.45), 0.65),
    "pine_used": _surface((0.14, 0.20, 0.27, 0.42), 0.70, ink="pine_used_dark"),
    "pine_used_dark": _surface((0.07, 0.10, 0.15, 0.28), 0.70),
    "pine_grey": _surface((0.10, 0.13, 0.15, 0.22), 0.70, "USGS splib07 GDS361 weathered cedar", ink="pine_grey_dark"),
    "pine_grey_dark": _surface((0.05, 0.065, 0.08, 0.13), 0.70),
    "plywood": _surface((0.19, 0.33, 0.55, 0.77), 0.60, "USGS splib07 GDS365 plywood", ink="pine_dark"),
    "chipboard": _surface((0.20, 0.28, 0.38, 0.56), 0.60, ink="pine_dark"),
    "brand_burn": _surface((0.04, 0.05, 0.06, 0.12), 0.70),
    "pallet_blue": _surface((0.26, 0.12, 0.04, 0.35), 0.55, ink="pine_dark"),
    "pallet_red": _surface((0.04, 0.05, 0.36, 0.58), 0.55, ink="pine_dark"),
}
_MACHINE = {
    "belt_black": _surface((0.04, 0.04, 0.04, 0.05), 0.40, ink="rubber"),
    "belt_dusty": _surface((0.07, 0.075, 0.08, 0.09), 0.45, ink="belt_black"),
    "belt_grey": _surface((0.20, 0.21, 0.21, 0.22), 0.40, ink="belt_black"),
    "belt_green": _surface((0.08, 0.20, 0.09, 0.30), 0.40, ink="belt_black"),
    "rubber": _surface((0.03, 0.03, 0.03, 0.035), 0.50),
    "foam_black": _surface((0.025, 0.025, 0.025, 0.10), 0.80),
    "polyester_black": _surface((0.02, 0.02, 0.02, 0.45), 0.50, "USGS splib07 GDS429 black polyester"),
    "hi_vis": _surface((0.18, 0.79, 0.68, 0.75), 0.60, "USGS splib07 GDS438 yellow fabric"),
    "silver_tape": _surface((0.30, 0.30, 0.30, 0.30), 0.40),
    "glass_black": _surface((0.02, 0.02, 0.02, 0.02), 0.003, ior=1.52),
    "lens_black": _surface((0.02, 0.02, 0.025, 0.03), 0.01, ior=1.6),
    "led_face": _surface((0.55, 0.55, 0.55, 0.55), 0.20, ior=1.49),
    "reflector_red": _surface((0.03, 0.03, 0.45, 0.60), 0.05, ior=1.49),
    "cable_black": _surface((0.035, 0.035, 0.035, 0.05), 0.35),
    "card_white": _surface((0.80, 0.80, 0.80, 0.80), 0.60),
    "card_grey": _surface((0.18, 0.18, 0.18, 0.18), 0.60),
    "card_black": _surface((0.04, 0.04, 0.04, 0.04), 0.60),
    "tarp_blue": _surface((0.29, 0.12, 0.07, 0.44), 0.30, "USGS splib07 GDS340 blue tarp"),
    "tarp_white": _surface((0.70, 0.74, 0.74, 0.72), 0.30),
}

MATERIALS: MappingProxyType[str, Surface] = MappingProxyType(
    {**_BOARD, **_LABEL, **_WRAP, **_PLASTIC, **_METAL, **_PAINT, **_BUILDING, **_MACHINE}
)
"""Every surface by name."""

FILMS: MappingProxyType[str, Film] = MappingProxyType(
    {
        "tape": Film(gain=0.90, veil=0.005, roughness=0.20, ior=1.49),
        "stretch_film": Film(gain=0.84, veil=0.035, roughness=0.25, ior=1.51),
        "pouch": Film(gain=0.87, veil=0.020, roughness=0.28, ior=1.50),
    }
)
"""Clear layers by name: BOPP tape, two layers of LLDPE stretch film, a document pouch."""


def surface(name: str) -> Surface:
    """Return a surface by name.

    Raises:
        InputError: there is none of that name.
    """
    return _found(MATERIALS, name, "material")


def film(name: str) -> Film:
    """Return a clear layer by name.

    Raises:
        InputError: there is none of that name.
    """
    return _found(FILMS, name, "film")


def covered(reflectance: Bands, film: Film) -> Bands:
    """Return the reflectance of a surface seen through a film."""
    b, g, r, nir = (min(film.gain * value + film.veil, 1.0) for value in reflectance)
    return b, g, r, nir
