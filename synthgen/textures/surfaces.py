"""Tone maps of warehouse surfaces, drawn with NumPy: grey 255 is the material's reflectance, 0 its ink's.

`make(name, seed)` gives one map, uint8, row 0 at the top (v = 1); `tile_m` says how large one repeat of it is. The
sizes and amplitudes of its pattern are ordinary practice, estimated, not measured: an amplitude in reflectance, divided
by the difference between the material's reflectance and its ink's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.random import Generator, Philox

Shape = tuple[int, int]


@lru_cache(maxsize=256)
def make(name: str, seed: int = 0) -> np.ndarray:
    """Return the tone map `name` in its variant `seed`, shape (h, w), uint8, read-only.

    Raises:
        KeyError: no such map; `NAMES` lists them.
    """
    tone = _RECIPES[name][0](Generator(Philox(key=[seed, len(name)])))
    grey = np.clip(np.rint(tone * 255.0), 0, 255).astype(np.uint8)
    grey.setflags(write=False)
    return grey


def tile_m(name: str) -> tuple[float, float]:
    """Return the size [m] (along u, along v) that one repeat of the map covers."""
    return _RECIPES[name][1]


def noise(rng: Generator, shape: Shape, cells: Shape) -> np.ndarray:
    """Return smooth noise of unit range about 0 with `cells` random values along each axis, periodic, shape `shape`."""
    grid = rng.random(cells, np.float32) - 0.5
    rows, row_part = _lattice(shape[0], cells[0])
    columns, column_part = _lattice(shape[1], cells[1])
    upper, lower = grid[rows], grid[(rows + 1) % cells[0]]
    lines = upper + row_part[:, None] * (lower - upper)
    left, right = lines[:, columns], lines[:, (columns + 1) % cells[1]]
    return left + column_part[None, :] * (right - left)


def _lattice(size: int, cells: int) -> tuple[np.ndarray, np.ndarray]:
    """Return for each pixel the lattice cell before it and the smooth share of the way to the next."""
    place = (np.arange(size) + 0.5) * cells / size
    cell = np.floor(place).astype(int)
    part = (place - cell).astype(np.float32)
    return cell % cells, part * part * (3 - 2 * part)


def _grid(shape: Shape) -> tuple[np.ndarray, np.ndarray]:
    """Return (u, v) in [0, 1) at the pixel centres, v downward, shapes (1, w) and (h, 1)."""
    return (np.arange(shape[1])[None, :] + 0.5) / shape[1], (np.arange(shape[0])[:, None] + 0.5) / shape[0]


def _specks(rng: Generator, tone: np.ndarray, count: int, depth: float) -> None:
    """Darken `count` single pixels in place."""
    rows, columns = rng.integers(0, tone.shape[0], count), rng.integers(0, tone.shape[1], count)
    tone[rows, columns] -= depth * rng.random(count)


def _strokes(
    rng: Generator, tone: np.ndarray, count: int, span: tuple[float, float], depth: float, tilt: float
) -> None:
    """Add `count` straight strokes of relative length `span` and signed depth, about `tilt` [rad] off u, in place."""
    h, w = tone.shape
    for _ in range(count):
        length = rng.uniform(*span) * w
        angle = rng.normal(0.0, tilt)
        steps = np.arange(int(length))
        x = (rng.random() * w + steps * math.cos(angle)).astype(int) % w
        y = (rng.random() * h + steps * math.sin(angle)).astype(int) % h
        tone[y, x] += depth * rng.uniform(0.4, 1.0)


def kraft(rng: Generator) -> np.ndarray:
    """Corrugated liner: cloud 5-30 mm, fibres across the flutes, washboard at the flute pitch, specks."""
    shape = (256, 256)
    u, _ = _grid(shape)
    tone = 0.93 + 0.05 * noise(rng, shape, (12, 14)) + 0.05 * noise(rng, shape, (128, 40))
    tone = tone + 0.014 * np.cos(2 * math.pi * 42 * u) + 0.03 * noise(rng, shape, (3, 3))
    _specks(rng, tone, 700, 0.22)
    _strokes(rng, tone, 4, (0.05, 0.3), 0.05, 0.4)
    _strokes(rng, tone, 3, (0.05, 0.25), -0.07, 0.6)
    return tone


def coated(rng: Generator) -> np.ndarray:
    """White-lined board: mottled by +-4 %, few scuffs."""
    shape = (256, 256)
    tone = 0.95 + 0.06 * noise(rng, shape, (30, 30)) + 0.03 * noise(rng, shape, (90, 90))
    _strokes(rng, tone, 8, (0.05, 0.3), -0.12, 0.5)
    return tone


def seam(rng: Generator) -> np.ndarray:
    """The gap between two outer flaps, along u: dark in the middle, the flaps' cut edges paler beside it."""
    shape = (32, 128)
    _, v = _grid(shape)
    wander = 0.03 * noise(rng, shape, (1, 6))
    across = np.abs(v - 0.5 + wander) * 2
    return 0.93 - 0.75 * np.exp(-((across / 0.22) ** 2)) + 0.03 * noise(rng, shape, (16, 64))


def tape(rng: Generator) -> np.ndarray:
    """Clear tape over a seam: the seam shows along the middle, bubbles and a wrinkle lighten it."""
    shape = (64, 256)
    _, v = _grid(shape)
    tone = 0.9 - 0.55 * np.exp(-(((v - 0.5) / 0.035) ** 2)) + 0.10 * noise(rng, shape, (6, 40))
    _strokes(rng, tone, 6, (0.03, 0.2), 0.10, 0.8)
    return tone


def wood(rng: Generator) -> np.ndarray:
    """A sawn board, grain along u: growth bands with parabolas, latewood, one or two knots, saw marks."""
    shape = (64, 256)
    u, v = _grid(shape)
    bend = rng.uniform(-1, 1) * (u - rng.random()) ** 2 + 0.06 * noise(rng, shape, (2, 5))
    bands = v + 0.35 * bend
    for _ in range(rng.integers(0, 3)):
        bands = bands + _knot_bulge(u - rng.random(), v - rng.random())
    rings = (np.sin(2 * math.pi * bands * rng.uniform(8, 16)) * 0.5 + 0.5) ** 3
    tone = 0.84 - 0.38 * rings + 0.22 * noise(rng, shape, (64, 10)) + 0.16 * noise(rng, shape, (3, 4))
    tone = tone + 0.03 * np.cos(2 * math.pi * 90 * u)
    _knots(rng, tone, int(rng.integers(0, 3)))
    _strokes(rng, tone, 5, (0.1, 0.6), -0.3, 0.02)
    return tone


def _knot_bulge(du: np.ndarray, dv: np.ndarray) -> np.ndarray:
    return 0.12 * np.exp(-((du / 0.08) ** 2) - (dv / 0.25) ** 2) * np.sign(dv)


def _knots(rng: Generator, tone: np.ndarray, count: int) -> None:
    """Darken `count` round knots in place."""
    u, v = _grid((tone.shape[0], tone.shape[1]))
    for _ in range(count):
        size = rng.uniform(0.012, 0.03)
        far = ((u - rng.random()) / size) ** 2 + ((v - rng.random()) * 0.25 / size) ** 2
        tone -= 0.55 * np.exp(-far)


def chipboard(rng: Generator) -> np.ndarray:
    """Pressed chips of 2-15 mm in all directions."""
    shape = (256, 256)
    tone = 0.72 + 0.35 * noise(rng, shape, (110, 60)) + 0.3 * noise(rng, shape, (60, 120))
    _specks(rng, tone, 900, 0.5)
    return tone


def concrete(rng: Generator) -> np.ndarray:
    """Power-floated slab: mottling 50-400 mm and 1-4 m, hair cracks, dark spots, faint wheel lanes along u."""
    shape = (512, 512)
    tone = 0.78 + 0.22 * noise(rng, shape, (3, 2)) + 0.24 * noise(rng, shape, (14, 12))
    tone = tone + 0.16 * noise(rng, shape, (60, 60)) + 0.08 * noise(rng, shape, (256, 256))
    _strokes(rng, tone, 14, (0.05, 0.3), -0.22, 0.9)
    _specks(rng, tone, 500, 0.6)
    return tone


def tyre(rng: Generator) -> np.ndarray:
    """A tyre mark along u: dark in the middle of its width, frayed, fading along its length."""
    shape = (64, 256)
    u, v = _grid(shape)
    edge = np.clip(1.6 - 3.2 * np.abs(v - 0.5) * 2 * (1 + 0.3 * noise(rng, shape, (4, 30))), 0, 1)
    along = np.clip(6 * u, 0, 1) * np.clip(6 * (1 - u), 0, 1) * (0.75 + 0.5 * noise(rng, shape, (2, 10)))
    grain = 1 + 0.7 * noise(rng, shape, (64, 200))
    return 0.78 - 0.55 * edge * along * grain


def line(rng: Generator) -> np.ndarray:
    """A floor marking worn by 10-40 %: chips, scrapes, dust."""
    shape = (64, 512)
    worn = noise(rng, shape, (8, 60)) + 0.8 * noise(rng, shape, (3, 8)) + 0.5 * noise(rng, shape, (40, 300))
    tone = np.where(worn > 0.42, 0.15, 0.93) + 0.14 * noise(rng, shape, (16, 120))
    _strokes(rng, tone, 12, (0.05, 0.5), -0.5, 0.05)
    return tone


def belt(rng: Generator) -> np.ndarray:
    """PVC belt: fine weave, dust streaks and polished tracks along u (travel)."""
    shape = (256, 256)
    u, v = _grid(shape)
    weave = 0.06 * np.cos(2 * math.pi * 64 * u) * np.cos(2 * math.pi * 64 * v)
    streaks = 0.5 * noise(rng, shape, (40, 3)) + 0.25 * noise(rng, shape, (128, 6))
    tone = 0.45 + weave + streaks + 0.2 * noise(rng, shape, (10, 10))
    _strokes(rng, tone, 20, (0.1, 0.5), 0.25, 0.03)
    return tone


def galvanised(rng: Generator) -> np.ndarray:
    """Zinc spangle: cells of 5-25 mm of differing brightness."""
    shape = (256, 256)
    seeds = rng.random((90, 2)).astype(np.float32)
    u, v = _grid(shape)
    best, tone = np.full(shape, 9.0, np.float32), np.zeros(shape, np.float32)
    for (x, y), level in zip(seeds, rng.random(len(seeds)), strict=True):
        du, dv = np.abs(u - x), np.abs(v - y)
        far = np.minimum(du, 1 - du) ** 2 + np.minimum(dv, 1 - dv) ** 2
        nearer = far < best
        best, tone = np.where(nearer, far, best), np.where(nearer, level, tone)
    return 0.55 + 0.4 * tone + 0.1 * noise(rng, shape, (20, 20))


def brushed(rng: Generator) -> np.ndarray:
    """Brush lines along u, .05-.3 mm wide."""
    shape = (128, 128)
    return 0.8 + 0.3 * noise(rng, shape, (128, 2)) + 0.06 * noise(rng, shape, (6, 6))


def paint(rng: Generator) -> np.ndarray:
    """Painted steel: nearly even, horizontal scrapes and chips of 2-20 mm."""
    shape = (256, 256)
    tone = 0.95 + 0.04 * noise(rng, shape, (5, 5)) + 0.04 * noise(rng, shape, (120, 120))
    chips = noise(rng, shape, (50, 30)) + 0.4 * noise(rng, shape, (120, 120))
    tone = np.where(chips > 0.62, 0.45, tone)
    _strokes(rng, tone, 16, (0.03, 0.25), -0.4, 0.1)
    return tone


def plastic(rng: Generator) -> np.ndarray:
    """Injection-moulded wall of a tote: vertical rim scratches, stress whitening."""
    shape = (256, 256)
    tone = 0.88 + 0.06 * noise(rng, shape, (4, 4)) + 0.04 * noise(rng, shape, (128, 128))
    scratches = np.zeros((256, 256))
    _strokes(rng, scratches, 40, (0.03, 0.2), 0.10, 0.15)
    return tone + scratches.T


def film(rng: Generator) -> np.ndarray:
    """Stretch film over a load: bright overlap lines every 200-250 mm along a slight spiral, folds to the corners."""
    shape = (256, 256)
    u, v = _grid(shape)
    spiral = (v * 5 + u * 0.35) % 1.0
    overlap = np.exp(-((np.minimum(spiral, 1 - spiral) / 0.03) ** 2))
    fold = noise(rng, shape, (26, 5)) + 0.8 * noise(rng, shape, (80, 10))
    ropes = np.clip(np.abs(fold) * 3 - 0.2, 0, 1)
    corner = np.clip(np.abs(u - 0.5) * 2, 0, 1) ** 2
    return 0.62 + 0.3 * overlap - 0.25 * ropes * (0.3 + 0.7 * corner) + 0.15 * noise(rng, shape, (6, 6))


def mailer(rng: Generator) -> np.ndarray:
    """Creased polyethylene: flat facets between sharp folds in a dozen directions, each fold fading along its way."""
    shape = (256, 256)
    u, v = _grid(shape)
    tone = np.full(shape, 0.9)
    for _ in range(12):
        x, y = rng.integers(-4, 5, 2)
        wave = np.abs(((x * u + y * v + rng.random()) % 1.0) - 0.5)
        tone = tone + 0.06 * np.tanh(60 * (wave - 0.25)) * noise(rng, shape, (5, 5))
    return tone + 0.03 * noise(rng, shape, (60, 60))


def panel(rng: Generator) -> np.ndarray:
    """Sandwich wall panel: a joint every metre of v, a shallow line every 100 mm, scuffs low down."""
    shape = (256, 256)
    _, v = _grid(shape)
    joint = np.exp(-((np.minimum(v, 1 - v) / 0.006) ** 2))
    fine = 0.03 * np.cos(2 * math.pi * 10 * v)
    return 0.93 - 0.55 * joint + fine + 0.05 * noise(rng, shape, (4, 6)) + 0.03 * noise(rng, shape, (100, 60))


def hazard(rng: Generator) -> np.ndarray:
    """Yellow and black stripes at 45 degrees, worn."""
    shape = (64, 256)
    u, v = _grid(shape)
    stripes = ((4 * u + v) % 1.0) < 0.5
    worn = noise(rng, shape, (10, 40)) + 0.5 * noise(rng, shape, (32, 128))
    return np.where(stripes, 0.95, 0.04) + np.where(worn > 0.45, np.where(stripes, -0.4, 0.3), 0.0)


def slots(rng: Generator) -> np.ndarray:
    """Rack upright seen from the aisle: two rows of slots, one every 50 mm of v, dark inside (tile 100 x 200 mm)."""
    shape = (256, 128)
    u, v = _grid(shape)
    row = np.abs((v * 4) % 1.0 - 0.5) < 0.30 - 0.25 * (np.abs(u - 0.28) + np.abs(u - 0.72) - 0.44)
    column = np.minimum(np.abs(u - 0.26), np.abs(u - 0.74)) < 0.075
    fold = 0.25 * np.exp(-(((np.abs(u - 0.5) - 0.43) / 0.02) ** 2))
    tone = 0.93 + 0.05 * noise(rng, shape, (8, 4)) - fold
    tone = np.where(row & column, 0.06, tone)
    _strokes(rng, tone, 6, (0.1, 0.5), -0.35, 0.3)
    return tone


def ribs(rng: Generator) -> np.ndarray:
    """Trapezoid ribs across u: trailer walls, roof sheet, roller doors."""
    shape = (64, 256)
    u, _ = _grid(shape)
    wave = np.clip(2.5 * np.sin(2 * math.pi * 8 * u), -1, 1)
    return 0.82 + 0.13 * wave + 0.10 * noise(rng, shape, (8, 20))


def leds(rng: Generator) -> np.ndarray:
    """A row of LED lenses behind a clear cover."""
    shape = (32, 256)
    u, v = _grid(shape)
    du = np.abs((u * 24) % 1.0 - 0.5)
    return 0.75 - 0.5 * np.exp(-((du / 0.2) ** 2) - ((v - 0.5) / 0.3) ** 2) + 0.02 * noise(rng, shape, (8, 64))


def fabric(rng: Generator) -> np.ndarray:
    """Tarpaulin or foam: cloudy, soft folds across u."""
    shape = (128, 128)
    return 0.85 + 0.2 * noise(rng, shape, (3, 9)) + 0.08 * noise(rng, shape, (40, 40))


_RECIPES: MappingProxyType[str, tuple[Callable[[Generator], np.ndarray], tuple[float, float]]] = MappingProxyType(
    {
        "kraft": (kraft, (0.3, 0.3)),
        "coated": (coated, (0.3, 0.3)),
        "seam": (seam, (0.4, 0.03)),
        "tape": (tape, (0.4, 0.048)),
        "wood": (wood, (1.2, 0.145)),
        "chipboard": (chipboard, (0.5, 0.5)),
        "concrete": (concrete, (4.0, 4.0)),
        "tyre": (tyre, (3.0, 0.18)),
        "line": (line, (2.0, 0.1)),
        "belt": (belt, (0.5, 0.5)),
        "galvanised": (galvanised, (0.2, 0.2)),
        "brushed": (brushed, (0.1, 0.1)),
        "paint": (paint, (0.8, 0.8)),
        "plastic": (plastic, (0.4, 0.3)),
        "film": (film, (1.2, 1.2)),
        "mailer": (mailer, (0.35, 0.35)),
        "panel": (panel, (1.0, 1.0)),
        "hazard": (hazard, (0.4, 0.1)),
        "slots": (slots, (0.1, 0.2)),
        "ribs": (ribs, (1.6, 0.4)),
        "leds": (leds, (0.6, 0.04)),
        "fabric": (fabric, (1.0, 1.0)),
    }
)
NAMES = tuple(_RECIPES)
"""Every tone map by name."""
