"""The hazards and the editions of the limits that synthgen knows, by the names the command line uses."""

from __future__ import annotations

from difflib import get_close_matches

from synthgen.errors import InputError

IEC, ICNIRP, EU = "iec62471-2006", "icnirp-2013", "eu-2006-25"

EDITIONS = (IEC, ICNIRP, EU)
"""IEC 62471:2006 (CIE S 009); ICNIRP 2013 incoherent guidelines; Directive 2006/25/EC, annex I."""

HAZARDS = (
    "actinic-uv",
    "uva",
    "blue-light",
    "blue-light-small",
    "retinal-thermal",
    "retinal-thermal-weak",
    "ir-eye",
    "skin-thermal",
)
"""The eight hazards in the order of IEC 62471:2006, 4.3.1 to 4.3.8."""

RADIANCE_HAZARDS = ("blue-light", "retinal-thermal", "retinal-thermal-weak")
"""Hazards of the retina, judged by the radiance averaged over a cone; the others by irradiance."""

EVIDENCE = {
    "A": "read in two independent sources",
    "B": "read in one source",
    "C": "recalled, arithmetic cross-checked; unverified",
    "D": "recalled or chosen here; unverified",
}
"""What the evidence code of a number says about where it was read (docs/eye-safety.md)."""


def check_hazard(hazard: str) -> str:
    """Return the hazard's name.

    Raises:
        InputError: it is none of `HAZARDS`.
    """
    return _check(hazard, HAZARDS, "hazard")


def check_edition(edition: str) -> str:
    """Return the edition's name.

    Raises:
        InputError: it is none of `EDITIONS`.
    """
    return _check(edition, EDITIONS, "edition")


def _check(name: str, known: tuple[str, ...], kind: str) -> str:
    if name in known:
        return name
    near = get_close_matches(str(name), known, n=1, cutoff=0.5)
    hint = f" (did you mean {near[0]}?)" if near else ""
    raise InputError(f"{kind}: {name!r} is not known{hint}; write one of {', '.join(known)}")
