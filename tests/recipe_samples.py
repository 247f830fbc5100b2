"""Recipes that several tests read, and randomizers that several tests list."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from synthgen.errors import Infeasible
from synthgen.random_streams import Stream
from synthgen.world.distributions import Choice, Distribution, Uniform, draw
from synthgen.world.selection import select
from synthgen.world.shot import Shot

CARD = """\
# One card under one lamp.
version: 1
scene: {warehouse: bench}
cameras:
  top: {mount: stand_top, sensor: imx265, roi_px: [1280, 960], lens: {focal_mm: 25, f_number: 5.6}, exposure_us: 50}
lights:
  lamp: {mount: lamp_left, shape: rect, size_mm: [100, 40], peak_power_w: 5, peak_nm: 630}
items:
  card:
    kind: card
    size_mm: [150, 100, 0.5]
    position_m: [0, 0, 0.764]
    labels: {main: {face: top, size_mm: [140, 90], codes: [{symbology: qr, payload: "HELLO", module_mm: 1.0}]}}
outputs: [image, depth]
"""

GLANCE = """\
# Reads cartons on a belt from three sides under strobed bars.
version: 1
scene: {warehouse: scan_tunnel, belt_speed_m_s: 1.2, clutter: {usd: ["props/*.usd"], count: {int: [0, 6]}}}
cameras:                         # complete without any randomizer
  top: {mount: gantry_top, sensor: imx264, roi_px: [1280, 960], lens: {focal_mm: 25, f_number: 5.6, k1: {uniform: [-0.10, -0.06]}}, exposure_us: 50}
lights:
  bar_left: {mount: gantry_left, shape: rect, size_mm: [600, 40], peak_power_w: 200, peak_nm: 630, pulse_us: 50, rate_hz: 30}
baffles:
  hood: {mount: gantry_left, size_mm: [640, 120], tilt_deg: 15}
randomize:                       # names from the shelf; fields are the class's fields
  - bar_lights: {on: lights, peak_power_w: {log_uniform: [50, 500]}, peak_nm: {choice: [630, 850], weights: [0.7, 0.3]}}
  - baffle_tilt: {on: baffles, tilt_deg: {normal: {mean: 15, std: 5, min: 0, max: 30}}}
  - carton_labels: {count: {int: [1, 8]}, symbology: {choice: [code128, datamatrix, qr]}, module_mm: {uniform: [0.4, 1.0]}}
safety: {hazard: worst, edition: iec62471-2006, duration_s: 100, max_ratio: 1.0, zones: {walkway: {box_m: [[-2, 1, 1.2], [2, 2, 1.9]]}}}
outputs: [image, depth, irradiance, hazard, instances]
dataset: {splits: {train: 0.75, val: 0.25}, samples_per_shard: 8}
"""  # noqa: E501

EVERY = """\
# Shows every word of the recipe language.
version: 1
seed: 7
scene:
  warehouse: scan_tunnel
  belt_speed_m_s: {normal: {mean: 1.2, std: 0.2, min: 0.6, max: 1.8}}
  belt_top_mm: 750
  clutter: {usd: ["props/*.usd"], count: {int: [0, 3]}, region_m: [[-3, 2, 0], [3, 4, 0]], size_mm: {uniform: [200, 600]}}
cameras:
  top:
    mount: gantry_top
    offset_mm: [0, {uniform: [-5, 5]}, 0]
    pitch_deg: {normal: {mean: 0, std: 0.3, min: -1, max: 1}}
    sensor: imx264
    roi_px: [1280, 960]
    bits: 12
    gain_db: 6
    lens: &lens {focal_mm: 25, f_number: 5.6, k1: {uniform: [-0.10, -0.06]}}
    exposure_us: 50
  side:
    position_m: [0.2, 1.4, 1.3]
    look_at_m: [0, 0, {uniform: [0.8, 0.9]}]
    roll_deg: 2
    sensor: {choice: [imx265, imx273]}
    lens: *lens
    exposure_ms: 1
    exposure: {auto: 0.5}
  own:
    mount: gantry_front
    sensor: {model: imx174, dark_noise_e: 7.5, shutter: global, color: mono}
    roi_px: [100, 50, 800, 600]
    binning: 2
    lens: {focal_mm: 16, f_number: 4, focus_m: 1.2, transmission: 0.85}
    exposure_us: {log_uniform: [40, 80]}
lights:
  bar: {mount: bar_left_front, shape: rect, size_mm: [600, 40], peak_power_w: 200, peak_nm: 630, fwhm_nm: 18, pulse_us: 50, rate_hz: 30, delay_us: 5, cone_angle_deg: 60, cone_softness: 0.2}
  spot: {position_m: [0, -1, 2.2], look_at_m: [0, 0, 0.9], shape: disk, radius_mm: 50, flux_lm: 3000, spectrum: white_led, cct_k: {choice: [3000, 4000, 5000], weights: [1, 2, 1]}}
  hall: {shape: dome, illuminance_lux: {uniform: [50, 300]}, spectrum: d65}
  sun: {shape: distant, position_m: [0, 0, 5], look_at_m: [1, 1, 0], irradiance_w_m2: 3, spectrum: d65}
baffles:
  hood: {mount: bar_left_front, size_mm: [640, 120], tilt_deg: 15, lip_mm: 20, finish: matt_black}
  sheet: {position_m: [0.5, 0.7, 1.6], normal: [0, -1, 0], along: [1, 0, 0], size_mm: [400, 200]}
items:
  box:
    kind: carton
    size_mm: [400, 300, 250]
    position_m: [0, 0, 0.75]
    yaw_deg: {uniform: [-20, 20]}
    velocity_m_s: [1.2, 0, 0]
    material: kraft
    labels:
      main: {face: top, center_mm: [20, 0], angle_deg: 5, size_mm: [150, 100], template: shipping, stock: thermal_paper, wear: {fade: {uniform: [0, 0.3]}}, codes: [{symbology: {choice: [code128, datamatrix]}, module_mm: 0.5, position_mm: [0, -20], height_mm: 12}]}
randomize:
  - bar_lights: {on: lights.bar, peak_power_w: {log_uniform: [50, 500]}}
  - {carton_labels: {count: {int: [1, 2]}, symbology: {choice: [code128, qr]}, module_mm: {uniform: [0.4, 0.7]}}, as: more_labels}
  - ./mine.py:Dust: {amount: {fixed: 0.5}}
  - print_wear
safety: {hazard: worst, edition: iec62471-2006, duration_s: 100, max_ratio: 1.0, on_exceed: flag, zones: {walkway: {box_m: [[-2, 1, 1.2], [2, 2, 1.9]], kind: walkway}}, single_faults: {stuck: {stuck_on: lights.bar}}, report: {machine: tunnel}}
outputs: [image, raw, depth, irradiance, radiance, hazard, instances, normals]
dataset: {splits: {train: 0.75, val: 0.25}, samples_per_shard: 8}
"""  # noqa: E501


@dataclass(frozen=True)
class BarLights:
    """Sets power and peak of lamps."""

    on: str = "lights"
    peak_power_w: Distribution | float = field(default_factory=lambda: Uniform(10.0, 20.0))
    peak_nm: Distribution | float = 630.0

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        lights = dict(shot.lights)
        for name in select(shot.lights, "lights", self.on):
            lights[name] = replace(
                lights[name],
                peak_power_w=draw(self.peak_power_w, rng.at(name, "peak_power_w")),
                peak_nm=draw(self.peak_nm, rng.at(name, "peak_nm")),
            )
        return replace(shot, lights=lights)


@dataclass(frozen=True)
class BaffleTilt:
    """Notes a tilt."""

    on: str = "baffles"
    tilt_rad: float = 0.0

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        return replace(shot, notes={**shot.notes, "tilt_rad": f"{self.tilt_rad:.6f}"})


@dataclass(frozen=True)
class CartonLabels:
    """Notes what it was given."""

    module_m: Distribution | float
    count: int = 1
    symbology: Distribution | str = field(default_factory=lambda: Choice(("qr",)))
    style: Literal["plain", "bold"] = "plain"

    def __post_init__(self) -> None:
        if isinstance(self.count, int) and self.count > 99:
            raise ValueError(f"found a count of {self.count}; write at most 99")

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        text = f"{self.count} {draw(self.symbology, rng.at('symbology'))} {draw(self.module_m, rng.at('module_m')):.6f}"
        return replace(shot, notes={**shot.notes, "carton_labels": text})


@dataclass(frozen=True)
class Note:
    """Draws, and writes a note alone."""

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        return replace(shot, notes={**shot.notes, "note": str(rng.at("number").uniform())})


@dataclass(frozen=True)
class Unlucky:
    """Refuses a share of its draws."""

    share: float = 0.5

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        if rng.at("luck").uniform() < self.share:
            raise Infeasible("bad_luck", "lights.lamp: refused")
        return shot


@dataclass(frozen=True)
class PrintWear:
    """Does nothing."""

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        return shot


SHELF = {
    "print_wear": PrintWear,
    "bar_lights": BarLights,
    "baffle_tilt": BaffleTilt,
    "carton_labels": CartonLabels,
    "note": Note,
    "unlucky": Unlucky,
}
