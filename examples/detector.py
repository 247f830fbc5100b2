"""A small detector of barcodes: where a code is, its four corners, its symbology. Plain torch, no weights from outside.

Fully convolutional and anchor-free (after CenterNet, Zhou et al. 2019): on a grid of 8 px a cell says whether a code's
middle lies in it, where the four corners are, and which of the symbologies it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synthgen.evaluation.overlap import signed_area

STRIDE = 8
UNIT_PX = 32.0
"""Corners are regressed in this unit."""
NAMES = 14
"""Maps before those of the symbologies: heat; shape of the corners, and of the box around what is visible; log size."""
LEAST_PX2 = 16.0
"""Less of a code in the image is nothing."""
SPREAD = 0.16
"""Standard deviation of a code's bump on the grid, in code lengths along its own two axes."""


@dataclass(frozen=True, eq=False)
class Code:
    """A code in an image: corners [px] (4, 2), its symbology from 0, the share of it that is seen."""

    quad: np.ndarray
    category: int
    seen: float


@dataclass(frozen=True, eq=False)
class Found:
    """A code that was found: its corners clockwise from the upper left [px] (4, 2), and the part in the image."""

    score: float
    category: int
    quad: np.ndarray
    polygon: np.ndarray
    box: np.ndarray
    """left, top, right, bottom [px], in the image; surer than the corners where it can not be told how a code lies."""


def block(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Return a convolution with what follows it."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class Residual(nn.Module):
    """Two convolutions beside the identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(block(width, width), nn.Conv2d(width, width, 3, 1, 1, bias=False))
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        """Return a map of the same shape."""
        return F.relu(x + self.norm(self.body(x)))


class Detector(nn.Module):
    """Grey images (n, 1, h, w) in 0..1, h and w multiples of 32 -> maps (n, NAMES + symbologies, h / 8, w / 8)."""

    def __init__(self, symbologies: int, width: int = 16) -> None:
        super().__init__()
        w = width
        self.at_4 = nn.Sequential(
            nn.Conv2d(1, 2 * w, 7, 4, 3, bias=False), nn.BatchNorm2d(2 * w), nn.ReLU(inplace=True), block(2 * w, 2 * w)
        )
        self.at_8 = nn.Sequential(block(2 * w, 4 * w, 2), Residual(4 * w))
        self.at_16 = nn.Sequential(block(4 * w, 6 * w, 2), Residual(6 * w), Residual(6 * w))
        self.at_32 = nn.Sequential(block(6 * w, 8 * w, 2), Residual(8 * w), Residual(8 * w))
        self.from_32, self.from_16, self.from_8 = (nn.Conv2d(k * w, 4 * w, 1) for k in (8, 6, 4))
        self.merge_16, self.merge_8 = block(4 * w, 4 * w), block(4 * w, 4 * w)
        self.head = nn.Sequential(block(4 * w, 4 * w), nn.Conv2d(4 * w, NAMES + symbologies, 1))
        with torch.no_grad():  # codes are rare; the corners of a square around the cell; its size
            start = [-4.0, -1.0, -1.0, 1.0, -1.0, 1.0, 1.0, -1.0, 1.0, -1.0, -1.0, 1.0, 1.0, 0.0]
            self.head[-1].bias[:NAMES] = torch.tensor(start)  # type: ignore[index]

    def forward(self, x: Tensor) -> Tensor:
        """Return the maps; the brightness and contrast of each image as a whole do not matter."""
        mean, spread = x.mean((2, 3), keepdim=True), x.std((2, 3), keepdim=True)
        at_8 = self.at_8(self.at_4((x - mean) / (spread + 0.02)))
        at_16 = self.at_16(at_8)
        x = self.from_32(self.at_32(at_16))
        x = self.merge_16(F.interpolate(x, scale_factor=2) + self.from_16(at_16))
        x = self.merge_8(F.interpolate(x, scale_factor=2) + self.from_8(at_8))
        return self.head(x)


def clip(polygon: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Return the part of a polygon inside a convex one, both (n, 2), clockwise as seen (Sutherland-Hodgman)."""
    for a, b in zip(window, np.roll(window, -1, 0), strict=True):
        if len(polygon) < 3:
            return np.zeros((0, 2))
        side = (b[0] - a[0]) * (polygon[:, 1] - a[1]) - (b[1] - a[1]) * (polygon[:, 0] - a[0])
        kept = []
        for p, q, s, t in zip(polygon, np.roll(polygon, -1, 0), side, np.roll(side, -1), strict=True):
            if s >= 0:
                kept.append(p)
            if (s >= 0) != (t >= 0):
                kept.append(p + (q - p) * (s / (s - t)))
        polygon = np.array(kept)
    return polygon if len(polygon) >= 3 else np.zeros((0, 2))


def area(polygon: np.ndarray) -> float:
    """Return the area [px^2], negative where the corners run the other way."""
    return float(signed_area(polygon))


def frame(width: float, height: float) -> np.ndarray:
    """Return the corners of an image."""
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], float)


def targets(codes: list[Code], width: int, height: int) -> tuple[np.ndarray, ...]:
    """Return what the maps of one image should be: heat, weight of corners, corners and box [px], symbology, ignored.

    A code of which less than a quarter is seen is ignored: neither asked for nor punished. Corners are told as they lie
    in the image, from the upper left: which of them the symbol calls its first can often not be seen.
    """
    shape = rows, columns = height // STRIDE, width // STRIDE
    heat, weight, category = np.zeros(shape, np.float32), np.zeros(shape, np.float32), np.zeros(shape, np.int64)
    corners, ignored = np.zeros((12, *shape), np.float32), np.zeros(shape, bool)
    cells = (np.indices(shape)[::-1] + 0.5) * STRIDE
    for code in codes:
        quad = np.roll(code.quad, -int(code.quad.sum(1).argmin()), 0)
        inside = clip(quad, frame(width, height))
        share = area(inside) / max(area(quad), 1e-6)
        if share <= 0:
            continue
        middle = quad.mean(0) if share > 0.98 else (inside.min(0) + inside.max(0)) / 2
        bump = _bump(quad, cells - middle[:, None, None], share)
        if min(code.seen, share) < 0.25:
            ignored |= bump > 0.1
            continue
        column, row = (int(min(max(at / STRIDE, 0), n - 1)) for at, n in zip(middle, (columns, rows), strict=True))
        bump[row, column] = 1.0
        mine = (bump > 0.5) & (bump > heat)
        weight[mine], category[mine] = bump[mine], code.category
        points = np.concatenate([quad, [inside.min(0), inside.max(0)]])
        corners[:, mine] = (points[:, :, None] - cells[None, :, mine]).reshape(12, -1)
        heat = np.maximum(heat, bump)
    return heat, weight, corners, category, ignored


def _bump(quad: np.ndarray, way: np.ndarray, share: float) -> np.ndarray:
    """Return a bell over the grid, as long and as slanted as the code, at least a cell wide."""
    along, down = (quad[1] + quad[2] - quad[0] - quad[3]) / 2, (quad[2] + quad[3] - quad[0] - quad[1]) / 2
    u, v = np.tensordot(np.linalg.inv(np.stack([along, down], 1)), way, 1)
    bell = np.exp(-(u**2 + v**2) / (2 * SPREAD**2 * max(share, 0.1)))
    near = np.exp(-(way**2).sum(0) / (2 * (STRIDE / 2) ** 2))
    return np.maximum(bell, near).astype(np.float32)


def corners_px(cells: Tensor) -> Tensor:
    """Return four corners and the box around them [px] (..., 12) from cells (..., channels) of the maps."""
    return cells[..., 1:13] * cells[..., 13:14].clamp(-4, 3).exp() * UNIT_PX


def losses(maps: Tensor, heat: Tensor, weight: Tensor, corners: Tensor, category: Tensor, ignored: Tensor) -> Tensor:
    """Return heat, corner and symbology loss, each over the number of codes or cells (3,)."""
    logit, found = maps[:, 0], torch.sigmoid(maps[:, 0]).clamp(1e-5, 1 - 1e-5)
    hit = heat >= 0.999
    right = -((1 - found) ** 2) * F.logsigmoid(logit) * hit
    wrong = -((1 - heat) ** 4) * found**2 * F.logsigmoid(-logit) * ~hit * ~ignored
    heat_loss = (right + wrong).sum() / hit.sum().clamp(min=1)
    cells = weight > 0
    share = weight[cells]
    total = share.sum().clamp(min=1e-6)
    got = corners_px(maps.permute(0, 2, 3, 1)[cells])
    want = corners.permute(0, 2, 3, 1)[cells]
    whole = want[:, :8].view(-1, 4, 2)
    size = (whole.amax(1) - whole.amin(1)).amax(1, keepdim=True) + STRIDE
    apart = F.smooth_l1_loss(got / size, want / size, beta=0.02, reduction="none").mean(1)
    corner_loss = (apart * share).sum() / total
    names = F.cross_entropy(maps[:, NAMES:].permute(0, 2, 3, 1)[cells], category[cells], reduction="none")
    return torch.stack([heat_loss, corner_loss, (names * share).sum() / total])


def decode(maps: Tensor, width: int, height: int, least: float = 0.05) -> list[list[Found]]:
    """Return for each image of a batch the codes that score `least` or more, best first."""
    score, names = torch.sigmoid(maps[:, 0]), maps[:, NAMES:].argmax(1)
    peaks = (score == F.max_pool2d(score[:, None], 3, 1, 1)[:, 0]) & (score >= least)
    results = []
    for n in range(len(maps)):
        found = []
        for row, column in torch.nonzero(peaks[n]).tolist():
            offset = corners_px(maps[n, :, row, column]).double().numpy().reshape(6, 2)
            points = offset + (np.array([column, row]) + 0.5) * STRIDE
            box = np.clip(points[4:], 0, (width, height)).ravel()
            polygon = clip(points[:4], frame(width, height))
            found.append(Found(float(score[n, row, column]), int(names[n, row, column]), points[:4], polygon, box))
        results.append(best_of(found))
    return results


def best_of(found: list[Found], most: int = 40) -> list[Found]:
    """Return the codes that do not lie on a better one, best first."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda one: -one.score):
        if (
            len(kept) < most
            and area(one.polygon) >= LEAST_PX2
            and all(overlap(one.polygon, k.polygon) < 0.4 for k in kept)
        ):
            kept.append(one)
    return kept


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Return the intersection of two convex polygons over the smaller one's area."""
    return area(clip(a, b)) / max(min(area(a), area(b)), 1e-6)
