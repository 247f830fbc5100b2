"""Read the zones where eyes can be: cubes with SynthgenEyeZoneAPI."""

from __future__ import annotations

import numpy as np
from pxr import Usd

from synthgen.usd import schemas
from synthgen.usd.read.open_stage import diagnostics, undamaged
from synthgen.usd.read.stage_frame import frame_of
from synthgen.world.scene_description import EyeZone

_OWN = "synthgen:eyezone:"


def zones_of(stage: Usd.Stage, time: Usd.TimeCode | None = None) -> tuple[EyeZone, ...]:
    """Return the eye zones of a stage by path; a rotated box is replaced by the axis-aligned box around it.

    Raises:
        StageError: values cannot be read.
    """
    with undamaged(stage), diagnostics():
        frame = frame_of(stage, time)
        found = []
        for prim in stage.Traverse():
            if schemas.EYE_ZONE not in prim.GetAppliedSchemas():
                continue
            half = abs(frame.number(prim, "size", 2.0)) / 2
            corners = half * np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
            world = frame.world_from_prim(prim)
            placed = corners @ world[:3, :3].T + world[:3, 3]
            if not np.isfinite(placed).all():
                continue
            low, high = (tuple(round(float(v), 9) for v in f(axis=0)) for f in (placed.min, placed.max))
            found.append(
                EyeZone(
                    path=str(prim.GetPath()),
                    name=prim.GetDisplayName() or prim.GetName(),
                    box_m=(low, high),  # type: ignore[arg-type]
                    kind=str(frame.value(prim, f"{_OWN}kind", "walkway")),
                    gaze=str(frame.value(prim, f"{_OWN}gaze", "worst")),
                    duration_s=frame.number(prim, f"{_OWN}duration_s", 30000.0),
                )
            )
    return tuple(sorted(found, key=lambda zone: zone.path))
