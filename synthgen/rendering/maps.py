"""The maps of a view from what was traced, lit and exposed: one function a map, by the names of `world.maps`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import warp as wp

from synthgen.kernels import hazard as kernels
from synthgen.photobiology import limits
from synthgen.rendering import sensor
from synthgen.rendering.direct_lighting import DirectLight
from synthgen.rendering.gbuffer import GBuffer
from synthgen.rendering.launch import Block
from synthgen.rendering.pixel_integration import BAND_PHOTONS_PER_J, Photons
from synthgen.world import scene_description, shot


@dataclass(frozen=True, eq=False, kw_only=True)
class Traced:
    """One view of a launch, as far as it was computed, and which of its rows count."""

    g: GBuffer
    view: int
    kept: slice
    """Rows of the view: those that a band carries of its neighbours do not count."""
    light: DirectLight | None
    photons: Photons | None
    """Of the kept rows, as is the image."""
    image: sensor.Image | None

    @property
    def camera(self) -> scene_description.Camera:
        """Return the view's camera."""
        return self.g.launch.views[self.view].camera

    @property
    def world(self) -> scene_description.Description:
        """Return the world that is seen."""
        return self.g.tables.worlds[self.g.launch.views[self.view].world]

    @property
    def rows(self) -> tuple[int, int]:
        """Return the first kept row in the frame and the one after the last."""
        first_row = self.g.launch.views[self.view].first_row
        return first_row + self.kept.start, first_row + self.kept.stop

    def share(self, values: wp.array) -> np.ndarray:
        """Return the kept rows of an array of a value a pixel, shape (rows, width, ...); on the CPU no copy."""
        return self.g.launch.of_view(self.view, values)[self.kept]

    def pixels(self, values: wp.array) -> np.ndarray:
        """Return a copy of the kept rows of an array of a value a pixel, shape (rows, width, ...)."""
        return self.share(values).copy()

    def zeros(self) -> np.ndarray:
        """Return a map of zeros, shape (rows, width), float32."""
        return np.zeros((self.kept.stop - self.kept.start, self.camera.width_px), np.float32)


def depth(traced: Traced) -> np.ndarray:
    """Return the depth along the optical axis [m], +inf where nothing is hit."""
    return traced.pixels(traced.g.pixels.ray_t)


def range_(traced: Traced) -> np.ndarray:
    """Return the distance along the ray [m], +inf where nothing is hit."""
    depth_m = depth(traced)
    length = np.linalg.norm(traced.pixels(traced.g.pixels.ray_direction), axis=-1)
    return np.where(np.isfinite(depth_m), depth_m * length, np.inf).astype(np.float32)


def instances(traced: Traced) -> np.ndarray:
    """Return 1 + the row of the instance that is seen, 0 where nothing is hit."""
    return traced.pixels(traced.g.pixels.instance) + np.int32(1)


def normals(traced: Traced) -> np.ndarray:
    """Return the unit shading normal in the world, 0 where nothing is hit."""
    return traced.pixels(traced.g.pixels.shading_normal)


def irradiance(traced: Traced) -> np.ndarray:
    """Return the irradiance of all lamps on the visible surface [W/m^2], 0 where nothing is hit."""
    assert traced.light is not None
    count = len(traced.g.tables.light_rows[traced.g.launch.views[traced.view].world])
    each = [traced.share(traced.light.irradiance_w_m2[k]) for k in range(count)]
    if not each:
        return traced.zeros()
    return np.asarray(np.sum(each, axis=0, dtype=np.float64), np.float32)


def radiance(traced: Traced) -> np.ndarray:
    """Return the mean radiance over the exposure in the bands [W/(m^2 sr)], by the energy of mid-band photons."""
    assert traced.photons is not None
    photon_rate = traced.photons.strobed / np.float32(traced.photons.exposure_s) + traced.photons.rate
    return (photon_rate / BAND_PHOTONS_PER_J).astype(np.float32)


def raw(traced: Traced) -> np.ndarray:
    """Return the sensor's own numbers [DN]."""
    assert traced.image is not None
    return traced.image.raw


COMPUTE: Mapping[str, Callable[[Traced], np.ndarray]] = {
    "depth": depth,
    "range": range_,
    "irradiance": irradiance,
    "instances": instances,
    "normals": normals,
    "radiance": radiance,
    "raw": raw,
}
"""How each map is computed; `hazard` alone also depends on the question of eye safety that was asked."""


@dataclass(frozen=True, eq=False, kw_only=True)
class HazardMap:
    """Level over limit at each pixel, and what is worst in the view."""

    ratio: np.ndarray
    """float32, shape (height, width), 0 where nothing is hit."""
    hazard: str = ""
    """The hazard at the map's maximum; "" where no light reaches anything."""
    max_ratio: float = 0.0
    at_px: tuple[int, int] = field(default=(0, 0))
    """Column and row of the maximum in the frame."""


def hazard(traced: Traced, safety: shot.Safety) -> HazardMap:
    """Return the hazard map of a view (docs/contract.md section 7)."""
    assert traced.light is not None
    launch, light, world = traced.g.launch, traced.light, traced.world
    if not world.lights:
        return HazardMap(ratio=traced.zeros())
    hazards = limits.irradiance_hazards(safety.edition, safety.duration_s)
    chosen = [h for h in hazards if safety.hazard in ("worst", h.name)]
    weights = np.zeros((len(world.lights), 4), np.float32)
    for k, lamp in enumerate(world.lights):
        fractions = limits.hazard_fractions(lamp.spectrum, safety.edition)
        for column, one in enumerate(chosen):
            weights[k, column] = fractions[one.name] / one.limit_w_m2
    ratio_m2_w = wp.array(weights, dtype=wp.vec4, device=launch.device)
    ratio, which = launch.empty(wp.float32), launch.empty(wp.int32)

    def work(block: Block) -> None:
        launch.run(kernels.hazard_ratio, block, [ratio_m2_w, light.vectors, light.irradiance], [ratio, which])

    launch.each(work, traced.view)
    values = traced.pixels(ratio)
    row, column = (int(i) for i in np.unravel_index(int(values.argmax()), values.shape))
    if values[row, column] <= 0:
        return HazardMap(ratio=values)
    name = chosen[int(traced.pixels(which)[row, column])].name
    at_px = (column, row + traced.rows[0])
    return HazardMap(ratio=values, hazard=name, max_ratio=float(values[row, column]), at_px=at_px)


def join_hazard(parts: Sequence[HazardMap], ratio: np.ndarray) -> HazardMap:
    """Return a frame's hazard map from those of its bands of rows, the upper ones first, and their joined ratios."""
    return replace(max(parts, key=lambda part: part.max_ratio), ratio=ratio)
