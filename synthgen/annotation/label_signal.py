"""Grey levels of a label's paper and ink in an image, from the light at its surface rather than the blurred picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from synthgen.rendering import sensor
from synthgen.rendering.render import Maps

PAPER, INK = 0.8, 0.05
"""Reflectances assumed where the label's own are not known."""


@dataclass(frozen=True, kw_only=True)
class Signal:
    """Grey levels, noise and blur of one label: means over its visible points unless said otherwise."""

    irradiance_w_m2: float
    light_dn: float
    """Grey level of bare paper, of 255, cut at white."""
    dark_dn: float
    free_light_dn: float
    """The same without saturation."""
    free_dark_dn: float
    glare_dn: float
    """Grey level of the lamps' mirror image in the surface, of 255, uncut; 90th percentile over the label."""
    noise_dn: float
    """Standard deviation of the noise on paper, of 255."""
    snr: float
    """(light - dark) over the noise of paper."""
    motion_px: tuple[float, float]
    coc_px: float
    ramp: float
    """Least over greatest light level along the label, 10th to 90th percentile."""

    @property
    def contrast_dn(self) -> float:
        """Return light minus dark, of 255."""
        return max(self.light_dn - self.dark_dn, 0.0)


def signal(maps: Maps, points_px: np.ndarray, path: str) -> Signal:
    """Return the signal of a label from its visible points in the image, shape (n, 2) [px]."""
    camera, light = maps.camera, maps.label_light
    columns, rows = np.floor(points_px).astype(int).T
    at = _shown(maps, rows, columns, path)
    if light is None or not at.size:
        return Signal(
            irradiance_w_m2=_mean_or_0(maps, rows, columns),
            **dict.fromkeys(
                ("light_dn", "dark_dn", "free_light_dn", "free_dark_dn", "glare_dn", "noise_dn", "snr"), 0.0
            ),
            motion_px=(0.0, 0.0),
            coc_px=0.0,
            ramp=1.0,
        )
    electrons = sensor.electrons_per_photon(camera)[0].astype(np.float64)
    diffuse_e = (light.diffuse[at] / math.pi) @ electrons
    mirror_e = light.specular[at] @ electrons
    dn_e = camera.sensor.gain_dn_e / 2 ** (camera.sensor.bits - 8)
    black = camera.sensor.black_level_dn / 2 ** (camera.sensor.bits - 8)
    white_e = sensor.capacity_e(camera.sensor)
    paper, ink = maps.stock.get(path, (PAPER, INK))
    light_e, dark_e = paper * diffuse_e + mirror_e, ink * diffuse_e + mirror_e
    paper_e, ink_e = float(light_e.mean()), float(dark_e.mean())
    cut_light, cut_dark = (float(np.minimum(e, white_e).mean()) for e in (light_e, dark_e))
    noise_e = math.sqrt(min(paper_e, white_e) + camera.sensor.dark_noise_e**2 + 1 / (12 * camera.sensor.gain_dn_e**2))
    low, high = np.percentile(light_e, [10, 90])
    return Signal(
        irradiance_w_m2=float(light.irradiance_w_m2[at].mean()),
        light_dn=black + cut_light * dn_e,
        dark_dn=black + cut_dark * dn_e,
        free_light_dn=black + paper_e * dn_e,
        free_dark_dn=black + ink_e * dn_e,
        glare_dn=float(np.percentile(mirror_e, 90)) * dn_e,
        noise_dn=noise_e * dn_e,
        snr=(cut_light - cut_dark) / noise_e,
        motion_px=(float(light.motion_px[at, 0].mean()), float(light.motion_px[at, 1].mean())),
        coc_px=float(light.coc_px[at].mean()),
        ramp=float(low / high) if high > 0 else 1.0,
    )


def _shown(maps: Maps, rows: np.ndarray, columns: np.ndarray, path: str) -> np.ndarray:
    """Return where the pixels of a label stand in the light of labels; none where no pixel's centre is near a label."""
    if maps.label_light is None:
        return np.empty(0, int)
    at = maps.label_light.find(rows, columns)
    # Points at the rim of a small code may fall on pixels whose centre shows something else.
    own = {i + 1 for i, p in enumerate(maps.instance_paths) if p == path or p.startswith(path + "/")}
    mine = np.isin(maps["instances"][rows, columns], list(own)) & (at >= 0)
    return at[mine] if mine.any() else at[at >= 0]


def _mean_or_0(maps: Maps, rows: np.ndarray, columns: np.ndarray) -> float:
    return float(maps["irradiance"][rows, columns].mean()) if "irradiance" in maps and rows.size else 0.0
