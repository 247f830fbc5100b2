"""What a recipe declares, as parts of a Shot: every distribution drawn at its own path, every place worked out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from synthgen.errors import Infeasible
from synthgen.random_streams import Stream
from synthgen.recipe.base import Part
from synthgen.recipe.cameras import CameraPart, LensPart, SensorPart
from synthgen.recipe.items import CodePart, ItemPart, LabelPart
from synthgen.recipe.lights import BafflePart, LightPart
from synthgen.recipe.placement import Placed
from synthgen.recipe.randomizer_entry import decide
from synthgen.world import poses, spectra
from synthgen.world.sensor_catalog import SENSORS, full_scale_gain
from synthgen.world.shot import Baffle, Camera, Code, Item, Label, Lens, Light, Pose, Sensor, Vec3, Wear
from synthgen.world.sites import Site

_CARRIERS = {
    "carton": "carton",
    "tote": "tote",
    "pallet": "pallet",
    "pallet_load": "pallet",
    "stack": "pallet",
    "beam": "rack",
    "shelf": "rack",
    "drum": "item",
    "card": "item",
}
"""What a payload that is not given is drawn for, by the kind of item; a parcel's otherwise."""
_X, _Y, _Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


def decided(part: Any, rng: Stream) -> Any:
    """Return a part of the recipe with every distribution drawn, each from the random stream of its path."""
    if isinstance(part, Part):
        values = {name: decided(getattr(part, name), rng.at(name)) for name in type(part).model_fields}
        return type(part).model_construct(**values)
    if isinstance(part, tuple):
        return tuple(decided(item, rng.at(n)) for n, item in enumerate(part))
    if isinstance(part, Mapping):
        return {key: decided(item, rng.at(key)) for key, item in part.items()}
    return decide(part, rng)


def camera(part: CameraPart, site: Site, rng: Stream) -> Camera:
    """Return a decided camera; its noise seed is the number of its stream's place `noise`."""
    pose, target_m = _placed(part, site, "camera")
    return Camera(
        pose=pose,
        lens=_lens(part.lens, math.dist(pose.position_m, target_m)),
        sensor=_sensor(part, part.sensor),
        exposure_s=part.exposure_s,
        auto_exposure_target=part.exposure.auto if part.exposure else 0.0,
        noise_seed=rng.at("noise").integer(),
    )


def light(part: LightPart, site: Site) -> Light:
    """Return a decided lamp; lumens and lux become watts by its spectrum."""
    pose = Pose() if part.mount is None and part.position_m is None else _placed(part, site, "light")[0]
    return Light(
        shape=part.shape,
        pose=pose,
        size_m=part.size_m or (0.0, 0.0),
        radius_m=part.radius_m or 0.0,
        peak_power_w=_watts(part, part.peak_power_w, part.flux_lm),
        irradiance_w_m2=_watts(part, part.irradiance_w_m2, part.illuminance_lux),
        spectrum=part.spectrum,
        peak_nm=part.peak_nm,
        fwhm_nm=part.fwhm_nm,
        cct_k=part.cct_k,
        pulse_s=part.pulse_s,
        rate_hz=part.rate_hz,
        delay_s=part.delay_s,
        cone_angle_rad=part.cone_angle_rad,
        cone_softness=part.cone_softness,
        focus=part.focus,
        mount=part.mount or "",
        housing=part.housing,
    )


def baffle(part: BafflePart, site: Site) -> Baffle:
    """Return a decided sheet: tilted about its width, on its mount or facing what it looks at."""
    if part.mount is not None:
        pose = site.mount(part.mount, "baffle").pose
    else:
        pose = poses.facing(part.position_m, poses.unit(_normal(part)), _across(part))
    pose = _tweaked(pose, part)
    return Baffle(
        pose=poses.turned(pose, _X, part.tilt_rad),
        size_m=part.size_m,
        thickness_m=part.thickness_m,
        lip_m=part.lip_m,
        finish=part.finish,
        mount=part.mount or "",
        role=part.role,
    )


def item(part: ItemPart, name: str, rng: Stream) -> Item:
    """Return a decided item with its labels."""
    pose = poses.standing(part.position_m, part.yaw_rad)
    pose = poses.turned(poses.turned(pose, _Y, part.pitch_rad), _X, part.roll_rad)
    return Item(
        kind=part.kind,
        pose=pose,
        size_m=part.size_m or (0.0, 0.0, 0.0),
        velocity_m_s=part.velocity_m_s,
        material=part.material,
        tone=part.tone,
        look_seed=rng.at("look").integer(),
        usd=part.usd,
        labels=tuple(
            _label(label, key, name, _CARRIERS.get(part.kind, "parcel"), rng.at("labels", key))
            for key, label in sorted(part.labels.items())
        ),
    )


def _placed(part: Placed, site: Site, role: str) -> tuple[Pose, Vec3]:
    """Return (pose, the point it is aimed at [m])."""
    if part.mount is not None:
        mount = site.mount(part.mount, role)
        pose, target_m = mount.pose, part.look_at_m or mount.target_m
        if part.look_at_m is not None:
            pose = _aimed(pose.position_m, target_m, poses.rotate(pose.rotation_wxyz, _Y))
    else:
        target_m = part.look_at_m or poses.add(part.position_m, (0.0, 0.0, -1.0))
        pose = _aimed(part.position_m, target_m, part.up)
    return _tweaked(pose, part), target_m


def _aimed(position_m: Vec3, target_m: Vec3, up: Vec3) -> Pose:
    try:
        return poses.look_at(position_m, target_m, up)
    except ValueError as error:
        raise Infeasible("no_direction", str(error)) from None


def _tweaked(pose: Pose, part: Placed) -> Pose:
    """Return a pose shifted and turned in its own frame; exactly `pose` when there is nothing to do."""
    if any(part.offset_m):
        pose = poses.moved(pose, part.offset_m)
    for axis, angle in ((_Y, part.yaw_rad), (_X, part.pitch_rad), (_Z, part.roll_rad)):
        pose = poses.turned(pose, axis, angle) if angle else pose
    return pose


def _normal(part: BafflePart) -> Vec3:
    if part.normal is not None:
        normal = part.normal
    else:
        x, y, z = (t - p for t, p in zip(part.look_at_m, part.position_m, strict=True))
        normal = (x, y, z)
    if math.hypot(*normal) == 0:
        raise Infeasible("no_direction", "a baffle faces nowhere: its normal is zero")
    return normal


def _across(part: BafflePart) -> Vec3:
    """Return a direction for the sheet's width that is not along its normal."""
    normal = poses.unit(_normal(part))
    for along in (part.along, _X, _Y):
        if math.hypot(*poses.cross(normal, along)) > 1e-6 * math.hypot(*along):
            return along
    return _Z


def _lens(part: LensPart, distance_m: float) -> Lens:
    return Lens(
        focal_m=part.focal_m,
        f_number=part.f_number,
        focus_m=distance_m if part.focus_m is None else part.focus_m,
        **{name: getattr(part, name) for name in ("k1", "k2", "p1", "p2", "k3", "transmission")},
    )


def _sensor(camera: CameraPart, part: SensorPart) -> Sensor:
    """Return the sensor as it is read out: region, binning, bits and gain applied."""
    base = SENSORS.get(part.model)

    def number(name: str) -> Any:
        own = getattr(part, name)
        return own if own is not None or base is None else getattr(base, name)

    width, height = (int(n) for n in number("resolution_px"))
    region = _region(camera.roi_px, width, height)
    bits = camera.bits or (base.bits if base else 8)
    gain = part.gain_dn_e or full_scale_gain(number("saturation_e"), bits, part.black_level_dn)
    return Sensor(
        model=part.model,
        resolution_px=(region[2] // camera.binning, region[3] // camera.binning),
        pitch_m=number("pitch_m") * camera.binning,
        quantum_efficiency=number("quantum_efficiency"),
        saturation_e=number("saturation_e"),
        dark_noise_e=number("dark_noise_e"),
        dark_current_e_s=number("dark_current_e_s"),
        gain_dn_e=gain * 10 ** (camera.gain_db / 20) if camera.gain_db else gain,
        black_level_dn=part.black_level_dn,
        bits=bits,
        shutter=part.shutter or (base.shutter if base else "global"),
        color=part.color,
        roi_px=region,
        binning=camera.binning,
        chip_px=(width, height),
    )


def _region(roi_px: tuple[int, ...] | None, width: int, height: int) -> tuple[int, int, int, int]:
    if roi_px is None:
        return (0, 0, width, height)
    w, h = roi_px[-2:]
    x, y = roi_px[:2] if len(roi_px) == 4 else ((width - w) // 2, (height - h) // 2)
    return (x, y, w, h)


def _watts(part: LightPart, radiant: float | None, luminous: float | None) -> float:
    """Return a radiant quantity from itself or from its luminous counterpart."""
    if luminous is None:
        return radiant or 0.0
    spectrum = spectra.named(part.spectrum, peak_nm=part.peak_nm, fwhm_nm=part.fwhm_nm, cct_k=part.cct_k)
    efficacy = spectra.efficacy_lm_w(spectrum)
    if efficacy < 0.1:
        raise Infeasible("invisible_light", f"a lamp given in lumens or lux emits no visible light ({part.spectrum})")
    return luminous / efficacy


def _label(part: LabelPart, label_id: str, item_id: str, carrier: str, rng: Stream) -> Label:
    wear = {name: getattr(part.wear, name) for name in type(part.wear).model_fields}
    return Label(
        label_id=label_id,
        face=part.face,
        center_m=part.center_m,
        angle_rad=part.angle_rad,
        size_m=part.size_m,
        template=part.template,
        stock=part.stock,
        ink=part.ink,
        film=part.film,
        wear=Wear(**wear, seed=rng.at("wear", "seed").integer()),
        art_seed=rng.at("art").integer(),
        codes=tuple(
            _code(code, f"{item_id}/{label_id}/{n}", part, carrier, rng.at("codes", n))
            for n, code in enumerate(part.codes)
        ),
    )


def _code(part: CodePart, code_id: str, label: LabelPart, carrier: str, rng: Stream) -> Code:
    from synthgen.barcodes.symbologies import TABLE

    payload = part.payload
    if payload is None:
        from synthgen.barcodes import payloads

        payload = payloads.plausible(part.symbology, carrier, rng.at("payload"))
    height_m = part.height_m or (min(0.012, 0.4 * label.size_m[1]) if TABLE[part.symbology].linear else 0.0)
    return Code(
        code_id=code_id,
        symbology=part.symbology,
        payload=payload,
        module_m=part.module_m,
        position_m=part.position_m,
        height_m=height_m,
        quarter_turns=part.quarter_turns,
        human_readable=part.human_readable,
    )
