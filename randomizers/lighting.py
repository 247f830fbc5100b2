"""Light: strobed bars, the hall's high bays and ambience, lamps that fail.

High bays of 20 to 30 klm at 4000 K +- 150 K, 2 % of them dead, are ordinary practice, estimated, not measured.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from synthgen.errors import InputError
from synthgen.random_streams import Stream
from synthgen.world import spectra
from synthgen.world.distributions import Distribution, LogUniform, Normal, Uniform, draw
from synthgen.world.shot import Light, Shot
from synthgen.world.sites import build

from .selection import Maybe, Number, changed, number


@dataclass(frozen=True, kw_only=True)
class BarLights:
    """Change declared lamps: one draw for all of them, as one installation has one kind of bar."""

    on: str = "lights"
    peak_power_w: Maybe = None
    peak_nm: Maybe = None
    fwhm_nm: Maybe = None
    cct_k: Maybe = None
    spectrum: str | Distribution | None = None
    pulse_s: Maybe = None
    delay_s: Maybe = None
    spread: Number = 1.0
    """Factor on each lamp's own power: bars of one batch differ, and some are dusty."""

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return the shot with the selected lamps changed."""

        def change(name: str, light: Light) -> Light:
            power = number(self.peak_power_w, light.peak_power_w, rng.at("peak_power_w"))
            return replace(
                light,
                peak_power_w=power * draw(self.spread, rng.at(name, "spread")),
                peak_nm=number(self.peak_nm, light.peak_nm, rng.at("peak_nm")),
                fwhm_nm=number(self.fwhm_nm, light.fwhm_nm, rng.at("fwhm_nm")),
                cct_k=number(self.cct_k, light.cct_k, rng.at("cct_k")),
                spectrum=light.spectrum if self.spectrum is None else draw(self.spectrum, rng.at("spectrum")),
                pulse_s=number(self.pulse_s, light.pulse_s, rng.at("pulse_s")),
                delay_s=number(self.delay_s, light.delay_s, rng.at("delay_s")),
            )

        return replace(shot, lights=changed(shot.lights, "lights", self.on, change))


@dataclass(frozen=True, kw_only=True)
class HallLight:
    """Hang high bays on the hall's lamp mounts, and a dome for the light that floor, goods and roof scatter."""

    flux_lm: Number = LogUniform(16_000.0, 30_000.0)
    """Flux of one high bay, new and not dimmed."""
    level: Number = Uniform(0.5, 1.0)
    """Share of that flux: age, dirt, dimming."""
    cct_k: Number = Normal(4000.0, 150.0, 3600.0, 4500.0)
    radius_m: float = 0.17
    cone_angle_rad: float = math.radians(60.0)
    cone_softness: float = 0.4
    dead_share: float = 0.02
    ambience_lux: Number = LogUniform(20.0, 120.0)
    """Illuminance of a level surface by the dome; 0 for none."""
    lamps: int = 99
    """Number of lamp mounts that are used, the first ones of the site."""

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return the shot with `high_bay_1` ... and `ambience` added.

        Raises:
            InputError: the scene has no mounts `hall_1` ... to hang lamps on.
        """
        place = build(shot.world.warehouse, shot.world.parameters)
        mounts = [name for name in place.mounts if name.startswith("hall_")][: self.lamps]
        if self.lamps and not mounts:
            raise InputError(
                f"hall_light: {shot.world.warehouse or 'an empty scene'} has no lamp mounts; declare lights"
            )
        cct_k = draw(self.cct_k, rng.at("cct_k"))
        efficacy = spectra.efficacy_lm_w(spectra.named("white_led", cct_k=cct_k))
        flux_w = draw(self.flux_lm, rng.at("flux_lm")) * draw(self.level, rng.at("level")) / efficacy
        lights = {
            mount.replace("hall_", "high_bay_"): Light(
                shape="disk",
                pose=place.mounts[mount].pose,
                radius_m=self.radius_m,
                peak_power_w=0.0 if rng.at(mount, "dead").uniform() < self.dead_share else flux_w,
                spectrum="white_led",
                cct_k=cct_k,
                cone_angle_rad=self.cone_angle_rad,
                cone_softness=self.cone_softness,
                mount=mount,
            )
            for mount in mounts
        }
        lux = draw(self.ambience_lux, rng.at("ambience_lux"))
        if lux > 0:
            lights["ambience"] = Light(
                shape="dome", irradiance_w_m2=lux / efficacy, spectrum="white_led", cct_k=cct_k, housing=False
            )
        return replace(shot, lights={**shot.lights, **lights})


@dataclass(frozen=True, kw_only=True)
class LampFailures:
    """Let lamps fail: some are dead, some keep a part of their power."""

    on: str = "lights"
    share: float = 0.02
    """Share of lamps that fail."""
    remaining: Number = Uniform(0.0, 0.6)
    """Share of a failed lamp's power that is left."""

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return the shot with the power of failed lamps reduced."""

        def change(name: str, light: Light) -> Light:
            if rng.at(name, "fails").uniform() >= self.share:
                return light
            return replace(light, peak_power_w=light.peak_power_w * draw(self.remaining, rng.at(name, "remaining")))

        return replace(shot, lights=changed(shot.lights, "lights", self.on, change))
