"""Light at the surfaces that carry codes: all that labels need of a frame's light, a small part of its pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from synthgen.rendering.maps import Traced
from synthgen.rendering.pixel_integration import Photons
from synthgen.world import scene_description


@dataclass(frozen=True, eq=False, kw_only=True)
class LabelLight:
    """Light at the n pixels that show a code's prim, or that touch one that does."""

    width_px: int
    """Of the frame."""
    pixels: np.ndarray
    """Column + row * `width_px`, rising, shape (n,)."""
    irradiance_w_m2: np.ndarray
    """All lamps on, shape (n,)."""
    diffuse: np.ndarray
    """What falls on the surface during the exposure, by band [1/m^2], shape (n, 4)."""
    specular: np.ndarray
    """What it mirrors of lamps into the pixel, by band [1/(m^2 sr)], shape (n, 4)."""
    motion_px: np.ndarray
    """How far it moves while it is lit, shape (n, 2)."""
    coc_px: np.ndarray
    """Diameter of its circle of confusion, shape (n,)."""

    def find(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Return where the pixels stand in the arrays, -1 for those that are not there."""
        wanted = columns + rows * self.width_px
        at = np.searchsorted(self.pixels, wanted)
        there = at < len(self.pixels)
        there[there] = self.pixels[at[there]] == wanted[there]
        return np.where(there, at, -1)


def collect(traced: Traced, photons: Photons) -> LabelLight:
    """Return the light at the codes in the kept rows of a view, from the photons there."""
    instances = traced.g.launch.of_view(traced.view, traced.g.pixels.instance)
    near = _touched(np.isin(instances, _bearers(traced.world)))[traced.kept]
    rows, columns = np.nonzero(near)
    width = instances.shape[1]
    return LabelLight(
        width_px=width,
        pixels=columns + (rows + traced.rows[0]) * width,
        irradiance_w_m2=photons.irradiance_w_m2[near],
        diffuse=photons.diffuse[near],
        specular=photons.specular[near],
        motion_px=photons.motion_px[near],
        coc_px=photons.coc_px[near],
    )


def join(parts: Sequence[LabelLight]) -> LabelLight:
    """Return the light of a frame from that of its bands, the upper ones first."""
    arrays = [f.name for f in fields(LabelLight) if f.name != "width_px"]
    whole = {name: np.concatenate([getattr(part, name) for part in parts]) for name in arrays}
    return LabelLight(width_px=parts[0].width_px, **whole)


def _bearers(world: scene_description.Description) -> list[int]:
    """Return the instances that lie at, or below, the prim of a code."""
    paths = {code.path for code in world.codes}
    return [
        k for k, instance in enumerate(world.instances) if any(parent in paths for parent in _ancestors(instance.path))
    ]


def _ancestors(path: str) -> list[str]:
    """Return a prim's path and those of all that it lies below."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(len(parts), 1, -1)]


def _touched(mask: np.ndarray) -> np.ndarray:
    """Return where a pixel or one of its eight neighbours is set."""
    wide = mask.copy()
    wide[:, 1:] |= mask[:, :-1]
    wide[:, :-1] |= mask[:, 1:]
    out = wide.copy()
    out[1:] |= wide[:-1]
    out[:-1] |= wide[1:]
    return out
