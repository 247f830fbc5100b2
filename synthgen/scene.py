"""A stage on the device, kept in step with it: the only module that knows both USD and Warp.

USD says what changed; what that is decides what is done: another transform is one row, other geometry is read again
below the prim that changed, and a mesh or a texture that is on the device already is never sent twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from pxr import Sdf, Tf, Usd, UsdGeom, UsdShade

from synthgen.rendering import device_tables, ray_tracers
from synthgen.rendering.device_tables import Resident, Tables
from synthgen.rendering.launch import View
from synthgen.rendering.ray_tracers import Tracer
from synthgen.rendering.render import Maps, render
from synthgen.usd.read import description as read
from synthgen.world import scene_description, shot

_PARTS = ("instances", "lights", "cameras", "codes")


class Scene:
    """The device's view of one stage."""

    def __init__(self, stage: Usd.Stage, device: str = "cpu", tracer: str = "auto") -> None:
        self.stage = stage
        self.resident = Resident(device)
        self._tracer_name = tracer
        self._dirty: set[Sdf.Path] = {Sdf.Path.absoluteRootPath}
        self._description = scene_description.Description(instances=(), lights=(), cameras=(), codes=(), warnings=())
        self._tables: Tables | None = None
        self._tracer: tuple[int, Tracer] | None = None
        self._listener = Tf.Notice.Register(Usd.Notice.ObjectsChanged, self._note, stage)

    @property
    def uploads(self) -> Counter[str]:
        """Return how many meshes, textures, instances, materials and lights were uploaded so far."""
        return self.resident.uploads

    @property
    def description(self) -> scene_description.Description:
        """Return what the stage holds, as of the last `sync`."""
        return self._description

    @property
    def cameras(self) -> dict[str, scene_description.Camera]:
        """Return the cameras by name, in the order of their names."""
        return {camera.name: camera for camera in sorted(self._description.cameras, key=lambda c: c.name)}

    @property
    def tables(self) -> Tables:
        """Return the device arrays, as of the last `sync`."""
        assert self._tables is not None, "sync() comes first"
        return self._tables

    @property
    def tracer(self) -> Tracer:
        """Return who answers rays; made anew only when geometry moved."""
        if self._tracer is None or self._tracer[0] != self.tables.revision:
            self._tracer = (self.tables.revision, ray_tracers.of(self.tables, self._tracer_name))
        return self._tracer[1]

    def sync(self) -> None:
        """Bring the device in step with the stage; does nothing when nothing changed.

        Raises:
            StageError: the stage holds what cannot be read.
        """
        if not self._dirty:
            return
        dirty, self._dirty = _topmost(self._dirty), set()
        before, after = self._description, self._read(dirty)
        self._description = after
        if self._tables is not None and _same_but_moved(before, after):
            self._move(before, after)
            return
        self._tables = device_tables.build([after], self.resident)
        self._description = replace(after, warnings=self._tables.warnings)
        self._tracer = None

    def render(self, cameras: Sequence[scene_description.Camera], outputs: Collection[str], **asked: Any) -> list[Maps]:
        """Return the maps of what some cameras see; `asked` is what `rendering.render.render` takes by name."""
        return render(self.tables, self.tracer, [View(0, camera) for camera in cameras], outputs, **asked)

    def override(
        self,
        cameras: Sequence[scene_description.Camera],
        lights: Sequence[scene_description.Light],
        warnings: Sequence[str],
    ) -> None:
        """Give a stage cameras and lights that it lacks; lost when the stage changes."""
        self._description = replace(
            self._description, cameras=tuple(cameras), lights=tuple(lights), warnings=tuple(warnings)
        )
        self._tables = device_tables.build([self._description], self.resident)
        self._tracer = None

    def _note(self, notice: Any, _sender: Any) -> None:
        for path in [*notice.GetResyncedPaths(), *notice.GetChangedInfoOnlyPaths()]:
            if Usd.Prim.IsPathInPrototype(path):
                self._dirty |= self._instances_of(path)
            else:
                self._dirty.add(self._affected(path))

    def _instances_of(self, path: Sdf.Path) -> set[Sdf.Path]:
        """Return the prims that show the prototype (of USD's instancing) that a path lies in."""
        prototype = self.stage.GetPrimAtPath(path.GetPrefixes()[0])
        found: set[Sdf.Path] = set()
        for instance in prototype.GetInstances() if prototype else ():
            at = instance.GetPath()
            found |= self._instances_of(at) if instance.IsInPrototype() else {at}
        return found

    def _affected(self, path: Sdf.Path) -> Sdf.Path:
        """Return the prim below which a change is felt: all of the stage for a material, which anything may use."""
        prim_path = path.GetAbsoluteRootOrPrimPath()
        prim = self.stage.GetPrimAtPath(prim_path)
        if prim and (prim.IsA(UsdShade.Material) or prim.IsA(UsdShade.Shader)) and path.IsPropertyPath():
            return Sdf.Path.absoluteRootPath
        return prim_path

    def _read(self, dirty: Iterable[Sdf.Path]) -> scene_description.Description:
        """Return the description with the subtrees in `dirty` read again."""
        if Sdf.Path.absoluteRootPath in dirty or self._tables is None:
            return _in_order(read.describe(self.stage))
        old = self._description
        dirty = {*dirty, *self._wearers(dirty), *self._instancers(dirty)}
        prims = [(path, self.stage.GetPrimAtPath(path)) for path in dirty]
        roots = _topmost({read.refresh_root(prim).GetPath() if prim else path for path, prim in prims})
        parts = [read.describe_below(prim) for path in roots if _is_drawn(prim := self.stage.GetPrimAtPath(path))]

        def merged(name: str) -> tuple[Any, ...]:
            kept = [x for x in getattr(old, name) if not _below_any(x.path, roots)]
            new = [x for part in parts for x in getattr(part, name)]
            return (*kept, *new)

        warnings = dict.fromkeys([*old.warnings, *(w for part in parts for w in part.warnings)])
        return _in_order(
            scene_description.Description(**{name: merged(name) for name in _PARTS}, warnings=tuple(warnings))
        )

    def _wearers(self, dirty: Iterable[Sdf.Path]) -> set[Sdf.Path]:
        """Return the instances elsewhere whose looks a change of prims is felt by: a material gone, new or another."""
        appeared = any(_holds_material(self.stage.GetPrimAtPath(path)) for path in dirty)
        return {
            Sdf.Path(_prim_of(instance.path))
            for instance in self._description.instances
            for material in instance.materials
            if _below_any(material.path, dirty) or (appeared and not self._is_material(material.path))
        }

    def _instancers(self, dirty: Iterable[Sdf.Path]) -> set[Sdf.Path]:
        """Return the PointInstancers whose prototypes lie elsewhere and are touched by a change."""
        numbered = {_prim_of(i.path) for i in self._description.instances if "[" in i.path}
        found = set()
        for path in numbered:
            instancer = UsdGeom.PointInstancer(self.stage.GetPrimAtPath(path))
            targets = instancer.GetPrototypesRel().GetForwardedTargets() if instancer else ()
            if any(target.HasPrefix(root) or root.HasPrefix(target) for target in targets for root in dirty):
                found.add(Sdf.Path(path))
        return found

    def _is_material(self, path: str) -> bool:
        prim = self.stage.GetPrimAtPath(path) if path else None
        return bool(prim and prim.IsA(UsdShade.Material))

    def _move(self, before: scene_description.Description, after: scene_description.Description) -> None:
        """Upload the transforms that differ."""
        rows = {instance.path: row for row, instance in enumerate(self.tables.instances_host)}
        old = {instance.path: instance for instance in before.instances}
        for instance in after.instances:
            was = old[instance.path]
            if not _equal(instance.world_from_mesh, was.world_from_mesh) or instance.velocity_m_s != was.velocity_m_s:
                self.tables.move(rows[instance.path], instance)
        self.tables.worlds = (after,)


def safety_of(stage: Usd.Stage) -> shot.Safety:
    """Return the eye-safety question that the stage was written with; the default where it has none."""
    default = shot.Safety()
    prim = stage.GetPrimAtPath("/World/EyeZones")

    def value(name: str) -> Any:
        found = prim.GetAttribute(f"synthgen:safety:{name}").Get() if prim else None
        return getattr(default, name) if found is None else found

    names = ("hazard", "edition", "duration_s", "max_ratio")
    return replace(default, **{name: value(name) for name in names})


def _in_order(found: scene_description.Description) -> scene_description.Description:
    """Return a description ordered by path, so that it does not depend on how the stage came to be what it is."""

    def ordered(name: str) -> tuple[Any, ...]:
        return tuple(sorted(getattr(found, name), key=lambda x: (x.path, getattr(x, "face", ""))))

    return replace(found, **{name: ordered(name) for name in _PARTS})


def _is_drawn(prim: Usd.Prim) -> bool:
    """Return whether reading the whole stage would come to a prim: it is no class, no mere override, not unloaded."""
    return bool(prim) and prim.IsActive() and prim.IsDefined() and prim.IsLoaded() and not prim.IsAbstract()


def _holds_material(prim: Usd.Prim) -> bool:
    return bool(prim) and any(each.IsA(UsdShade.Material) for each in Usd.PrimRange(prim))


def _prim_of(instance_path: str) -> str:
    """Return the prim of an instance; those of a PointInstancer have its path and a number."""
    return instance_path.partition("[")[0]


def _topmost(paths: set[Sdf.Path]) -> tuple[Sdf.Path, ...]:
    """Return the paths that lie below none of the others."""
    kept: list[Sdf.Path] = []
    for path in sorted(paths):
        if not kept or not path.HasPrefix(kept[-1]):
            kept.append(path)
    return tuple(kept)


def _below_any(path: str, roots: Iterable[Sdf.Path]) -> bool:
    if not path:
        return False
    place = Sdf.Path(_prim_of(path))
    return any(place.HasPrefix(root) for root in roots)


def _same_but_moved(before: scene_description.Description, after: scene_description.Description) -> bool:
    """Return whether nothing but transforms (and cameras and codes, which are not on the device) differ."""
    old, new = before.instances, after.instances
    if len(old) != len(new) or not _same_lights(before.lights, after.lights):
        return False
    pairs = zip(sorted(old, key=lambda i: i.path), sorted(new, key=lambda i: i.path), strict=True)
    return all(a.path == b.path and a.mesh.key == b.mesh.key and a.materials == b.materials for a, b in pairs)


def _same_lights(old: Sequence[scene_description.Light], new: Sequence[scene_description.Light]) -> bool:
    def numbers(light: scene_description.Light) -> tuple[Any, ...]:
        plain = tuple(v for v in vars(light).values() if not isinstance(v, np.ndarray) and not hasattr(v, "power_w_nm"))
        spectrum = (light.spectrum.wavelength_nm.tobytes(), light.spectrum.power_w_nm.tobytes())
        return (*plain, light.world_from_light.tobytes(), spectrum)

    return [numbers(light) for light in old] == [numbers(light) for light in new]


def _equal(a: np.ndarray, b: np.ndarray) -> bool:
    return a.tobytes() == b.tobytes()
