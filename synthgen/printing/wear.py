"""Print defects and handling damage on a label's tone map: growth, fading, voids, dead dots, scratches, tears.

Every defect has its own generator under the wear's seed, so changing one does not move the others.
Sizes are those of thermal transfer and flexo print on logistics labels; ranges are ordinary practice, estimated.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator, Philox
from PIL import Image, ImageDraw

from synthgen.printing.texel_grid import Grid
from synthgen.world.shot import Wear

_DOT_M = 0.000125
"""A dot of a 203 dpi print head."""
_VOID_M = 0.0003
_MOTTLE_M = 0.006
_DIRT_M = 0.018

Tone = np.ndarray
"""255 bare stock, 0 full ink, shape (height, width), float32 while wear is applied."""


def apply(tone: np.ndarray, wear: Wear, layout: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return (tone, alpha) of a worn label, both uint8; alpha is 0 where the label is torn off."""
    pitch_m = (layout.pitch_m[0] * layout.pitch_m[1]) ** 0.5
    texels = min((placed.texels for placed in layout.placed), default=4)
    steps: list[tuple[bool, Callable[[Tone, Generator], Tone]]] = [
        (wear.print_growth_x != 0.0, lambda t, g: _grow(t, wear.print_growth_x * texels / 2)),
        (wear.fade > 0, lambda t, g: _fade(t, wear.fade, pitch_m, g)),
        (wear.void_share > 0, lambda t, g: _voids(t, wear.void_share, pitch_m, g)),
        (wear.dead_lines > 0, lambda t, g: _dead_lines(t, wear.dead_lines, pitch_m, g)),
        (wear.smear_m > 0, lambda t, g: _smear(t, wear.smear_m, pitch_m, g)),
        (wear.scratches > 0, lambda t, g: _scratches(t, wear.scratches, pitch_m, g)),
        (wear.crease > 0, lambda t, g: _creases(t, wear.crease, pitch_m, g)),
        (wear.dirt > 0, lambda t, g: _dirt(t, wear.dirt, pitch_m, g)),
    ]
    worn = tone.astype(np.float32)
    for number, (wanted, step) in enumerate(steps):
        if wanted:
            worn = step(worn, _generator(wear, number))
    alpha = np.full(tone.shape, 255, np.uint8)
    if wear.tear > 0:
        worn, alpha = _tear(worn, wear.tear, pitch_m, _generator(wear, len(steps)))
    return np.clip(np.rint(worn), 0, 255).astype(np.uint8), alpha


def _generator(wear: Wear, number: int) -> Generator:
    return Generator(Philox(key=[wear.seed, number]))


def _grow(tone: Tone, reach: float) -> Tone:
    """Grow dark by `reach` texels at every edge (negative: shrink); a part of a texel becomes grey."""
    spread = np.minimum if reach > 0 else np.maximum
    whole, part = divmod(abs(reach), 1.0)
    for _ in range(int(whole)):
        tone = _spread(tone, spread)
    return tone + np.float32(part) * (_spread(tone, spread) - tone) if part > 1e-6 else tone


def _spread(tone: Tone, choose: np.ufunc) -> Tone:
    """Return the smallest or largest of each texel and its eight neighbours."""
    for before in (lambda a: a, np.transpose):
        source, result = before(tone), before(tone).copy()
        choose(result[1:], source[:-1], out=result[1:])
        choose(result[:-1], source[1:], out=result[:-1])
        tone = before(result)
    return tone


def _fade(tone: Tone, fade: float, pitch_m: float, rng: Generator) -> Tone:
    """Take ink away, more in some places than in others."""
    uneven = np.clip(fade * (1 + 0.15 * _noise(tone.shape, _MOTTLE_M / pitch_m, rng)), 0, 1)
    return 255 - (255 - tone) * (1 - uneven)


def _voids(tone: Tone, share: float, pitch_m: float, rng: Generator) -> Tone:
    """Leave this share of the area bare in spots of some tenths of a millimetre."""
    field = _noise(tone.shape, _VOID_M / pitch_m, rng)
    return np.where(field > np.quantile(field[::3, ::3], 1 - min(share, 1.0)), np.float32(255), tone)


def _dead_lines(tone: Tone, count: int, pitch_m: float, rng: Generator) -> Tone:
    """Lighten columns one head dot wide, the whole feed long."""
    width = max(round(_DOT_M / pitch_m), 1)
    tone = tone.copy()
    for _ in range(count):
        x = int(rng.integers(0, max(tone.shape[1] - width, 1)))
        strength = np.float32(rng.uniform(0.5, 1.0))
        tone[:, x : x + width] += strength * (255 - tone[:, x : x + width])
    return tone


def _smear(tone: Tone, length_m: float, pitch_m: float, rng: Generator) -> Tone:
    """Drag ink along the feed."""
    reach = max(round(length_m / pitch_m), 1)
    padded = np.pad(255 - tone, ((reach, 0), (0, 0)))
    total = np.cumsum(padded, axis=0, dtype=np.float64)
    dragged = (total[reach:] - total[:-reach]) / reach
    dragged = dragged[: tone.shape[0]] * rng.uniform(0.15, 0.4)
    return (255 - np.maximum(255 - tone, dragged)).astype(np.float32)


def _scratches(tone: Tone, count: int, pitch_m: float, rng: Generator) -> Tone:
    """Scrape ink off along wavering lines."""
    lines = [(_path(tone.shape, pitch_m, rng, 0.06), rng.uniform(0.0001, 0.0007), 255) for _ in range(count)]
    return _drawn(tone, lines, pitch_m)


def _creases(tone: Tone, count: int, pitch_m: float, rng: Generator) -> Tone:
    """Crack the ink along folds, each with a soft grey shadow beside it."""
    for _ in range(count):
        path = _path(tone.shape, pitch_m, rng, 0.2)
        beside = [(x + 0.0004 / pitch_m, y + 0.0004 / pitch_m) for x, y in path]
        tone = np.minimum(tone, _drawn(np.full_like(tone, 255), [(beside, 0.0006, 150)], pitch_m))
        tone = _drawn(tone, [(path, rng.uniform(0.0001, 0.0004), 235)], pitch_m)
    return tone


def _dirt(tone: Tone, strength: float, pitch_m: float, rng: Generator) -> Tone:
    """Darken in clouds, and in a few specks."""
    clouds = _noise(tone.shape, _DIRT_M / pitch_m, rng) + 0.5 * _noise(tone.shape, _DIRT_M / 3 / pitch_m, rng)
    clouds = np.clip(0.45 + 0.25 * clouds, 0, 1)
    specks = _noise(tone.shape, 0.0005 / pitch_m, rng) > 3.0 - strength
    return tone * (1 - np.float32(0.6 * strength) * clouds) * np.where(specks, np.float32(0.5), np.float32(1))


def _tear(tone: Tone, share: float, pitch_m: float, rng: Generator) -> tuple[Tone, np.ndarray]:
    """Tear one corner off along a ragged line that shows a fringe of bare paper."""
    height, width = tone.shape
    lean = rng.uniform(0.6, 1.6)
    x, y = np.linspace(0, 1, width, dtype=np.float32), np.linspace(0, 1, height, dtype=np.float32)
    x, y = (v if rng.random() < 0.5 else v[::-1] for v in (x, y))
    ragged = 0.02 * _noise(tone.shape, 0.002 / pitch_m, rng)
    distance = lean * x[None, :] + y[:, None] / lean + ragged  # area below d of the unit square: d^2 / 2 near a corner
    edge = np.quantile(distance[::4, ::4], min(share, 0.9))
    fringe = 0.0012 / (min(height, width) * pitch_m)
    tone = np.where(distance < edge + fringe, np.float32(250), tone)
    return tone, np.where(distance < edge, 0, 255).astype(np.uint8)


def _path(shape: tuple[int, ...], pitch_m: float, rng: Generator, length_m: float) -> list[tuple[float, float]]:
    """Return a wavering line somewhere on the label [texels]."""
    start = rng.uniform((0, 0), (shape[1], shape[0]))
    heading = rng.uniform(0, 2 * np.pi)
    step = rng.uniform(0.2, 1.0) * length_m / pitch_m / 8
    headings = heading + np.cumsum(rng.normal(0, 0.12, 8))
    steps = np.stack([np.cos(headings), np.sin(headings)], axis=-1) * step
    return [(float(x), float(y)) for x, y in start + np.cumsum(steps, axis=0)]


def _drawn(tone: Tone, lines: list[tuple[list[tuple[float, float]], float, int]], pitch_m: float) -> Tone:
    """Return the tone with lines (points, width [m], tone) over it."""
    image = Image.fromarray(tone)
    pen = ImageDraw.Draw(image)
    for points, width_m, grey in lines:
        pen.line(points, fill=grey, width=max(round(width_m / pitch_m), 1), joint="curve")
    return np.asarray(image)


def _noise(shape: tuple[int, ...], size: float, rng: Generator) -> np.ndarray:
    """Return smooth noise of about unit variance whose features are `size` texels large, float32."""
    size = max(size, 1.0)
    small = rng.standard_normal((int(shape[0] / size) + 3, int(shape[1] / size) + 3), dtype=np.float32)
    image = Image.fromarray(small)
    box = (0.5, 0.5, 0.5 + shape[1] / size, 0.5 + shape[0] / size)
    return np.asarray(image.resize((shape[1], shape[0]), Image.Resampling.BICUBIC, box=box)) * np.float32(1.3)
