"""Cameras: mounting tolerances, spread of lenses and of exposures."""

from __future__ import annotations

from dataclasses import dataclass, replace

from synthgen.random_streams import Stream
from synthgen.world.distributions import draw
from synthgen.world.poses import moved, turned
from synthgen.world.shot import Camera, Shot, Vec3

from .selection import Maybe, Number, changed, number

_AXES: dict[str, Vec3] = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}


@dataclass(frozen=True, kw_only=True)
class CameraPose:
    """Shift and turn declared cameras in their own frame, each axis drawn independently."""

    on: str = "cameras"
    shift_m: Number = 0.0
    turn_rad: Number = 0.0
    """Turn about the camera's right (x) and up (y) axes."""
    roll_rad: Number = 0.0
    """Turn about the optical axis."""

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return the shot with the selected cameras moved."""

        def change(name: str, camera: Camera) -> Camera:
            x, y, z = (draw(self.shift_m, rng.at(name, "shift_m", axis)) for axis in _AXES)
            pose = moved(camera.pose, (x, y, z))
            for axis in ("y", "x"):
                pose = turned(pose, _AXES[axis], draw(self.turn_rad, rng.at(name, "turn_rad", axis)))
            return replace(camera, pose=turned(pose, _AXES["z"], draw(self.roll_rad, rng.at(name, "roll_rad"))))

        return replace(shot, cameras=changed(shot.cameras, "cameras", self.on, change))


@dataclass(frozen=True, kw_only=True)
class LensSpread:
    """Change the lenses of declared cameras; what is None stays as declared."""

    on: str = "cameras"
    k1: Maybe = None
    k2: Maybe = None
    f_number: Maybe = None
    focal_scale: Number = 1.0
    """Factor on the focal length: lenses of one type differ by a per cent."""
    focus_scale: Number = 1.0
    """Factor on the focus distance: how well it was set."""

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return the shot with the selected cameras' lenses changed."""

        def change(name: str, camera: Camera) -> Camera:
            here, lens = rng.at(name), camera.lens
            lens = replace(
                lens,
                k1=number(self.k1, lens.k1, here.at("k1")),
                k2=number(self.k2, lens.k2, here.at("k2")),
                f_number=number(self.f_number, lens.f_number, here.at("f_number")),
                focal_m=lens.focal_m * draw(self.focal_scale, here.at("focal_scale")),
                focus_m=lens.focus_m * draw(self.focus_scale, here.at("focus_scale")),
            )
            return replace(camera, lens=lens)

        return replace(shot, cameras=changed(shot.cameras, "cameras", self.on, change))


@dataclass(frozen=True, kw_only=True)
class ExposureSpread:
    """Change the exposure of declared cameras: one time for all, or a factor on each camera's own."""

    on: str = "cameras"
    exposure_s: Maybe = None
    factor: Number = 1.0

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return the shot with the selected cameras' exposures changed."""

        def change(name: str, camera: Camera) -> Camera:
            exposure = number(self.exposure_s, camera.exposure_s, rng.at("exposure_s"))
            return replace(camera, exposure_s=exposure * draw(self.factor, rng.at(name, "factor")))

        return replace(shot, cameras=changed(shot.cameras, "cameras", self.on, change))
