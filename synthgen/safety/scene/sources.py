"""Which lamps an eye's averaging cone can hold together, and how large they are together.

An array that stands in the stage as many lamps is one source to an eye whose cone spans their gaps: alpha is then that
of the whole. Lamps further apart are judged each by itself (OSRAM AN097 slides the cone, alpha comes from the source).
The sky is no part of such a source: it lies about every lamp, far below half its radiance, and a source ends at half
its peak (IEC 62471:2006: recalled, evidence C).
"""

from __future__ import annotations

import math

import numpy as np

from synthgen.photobiology.averaging_cone import unit
from synthgen.safety.scene.sight import Seen

_CORNERS = 64  # of a lamp that are compared


def extents(seen: Seen, cone_rad: float) -> np.ndarray:
    """Return the angular extents of each lamp, or of the group that it is seen as one with, shape (lamps, 2) [rad]."""
    if cone_rad not in seen.held:
        seen.held[cone_rad] = _extents(seen, cone_rad)
    return seen.held[cone_rad]


def _extents(seen: Seen, cone_rad: float) -> np.ndarray:
    axes = seen.axes_rad.copy()
    lamps = np.array([lamp for lamp in np.unique(seen.lamp) if axes[lamp].max() < math.pi])  # but for the sky
    if len(lamps) < 2:
        return axes
    outlines = [_outline(seen, lamp) for lamp in lamps]
    for group in _groups(outlines, cone_rad):
        if len(group) > 1:
            together = np.concatenate([outlines[k] for k in group])
            joint = _spans(together)
            for k in group:
                axes[lamps[k]] = np.maximum(axes[lamps[k]], joint)
    return axes


def _outline(seen: Seen, lamp: int) -> np.ndarray:
    corners = seen.corners[seen.lamp == lamp].reshape(-1, 3)
    return corners[np.unique(np.linspace(0, len(corners) - 1, min(len(corners), _CORNERS)).astype(int))]


def _groups(outlines: list[np.ndarray], cone_rad: float) -> list[list[int]]:
    """Return the lamps joined by gaps smaller than a cone."""
    middles = unit(np.array([outline.mean(axis=0) for outline in outlines]))
    reach = [float(np.arccos(np.clip(o @ m, -1, 1)).max()) for o, m in zip(outlines, middles, strict=True)]
    apart = np.arccos(np.clip(middles @ middles.T, -1.0, 1.0))
    owner = list(range(len(outlines)))
    for i in range(len(outlines)):
        for j in range(i):
            if owner[i] == owner[j] or apart[i, j] - reach[i] - reach[j] >= cone_rad:
                continue
            if float((outlines[i] @ outlines[j].T).max()) > math.cos(cone_rad):
                old, new = owner[i], owner[j]
                owner = [new if o == old else o for o in owner]
    return [[k for k, o in enumerate(owner) if o == group] for group in sorted(set(owner))]


def _spans(directions: np.ndarray) -> np.ndarray:
    """Return the extents of directions along and across the line that they spread along [rad]."""
    middle = unit(directions.mean(axis=0)[None])[0]
    side = np.cross(middle, np.eye(3)[int(np.argmin(np.abs(middle)))])
    side /= np.linalg.norm(side)
    flat = np.stack([directions @ side, directions @ np.cross(middle, side)], axis=1)
    _, vectors = np.linalg.eigh(np.cov(flat.T))
    spread = np.ptp(flat @ vectors, axis=0)
    return np.minimum(2.0 * np.arcsin(np.minimum(0.5 * spread[::-1], 1.0)), math.pi)
