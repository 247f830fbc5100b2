"""Read the barcodes of prims: SynthgenBarcodeAPI, one instance for each symbol."""

from __future__ import annotations

import numpy as np
from pxr import Usd

from synthgen.usd import schemas
from synthgen.usd.read.stage_frame import Frame
from synthgen.world.scene_description import Code

_PREFIX = f"{schemas.BARCODE}:"


def faces_of(prim: Usd.Prim) -> tuple[str, ...]:
    """Return the instance names of the barcode schema on a prim."""
    applied = prim.GetAppliedSchemas()
    return tuple(name[len(_PREFIX) :] for name in applied if name.startswith(_PREFIX)) if applied else ()


def codes_from(prim: Usd.Prim, velocity_m_s: tuple[float, float, float], frame: Frame) -> tuple[Code, ...]:
    """Return the barcodes of a prim; a remark names those without four corners."""
    world = None
    codes = []
    for face in faces_of(prim):
        quad = frame.array(prim, f"synthgen:barcode:{face}:quad_m", 3, np.float64)
        if quad is None or quad.shape != (4, 3) or not np.isfinite(quad).all():
            frame.remarks.add(prim.GetPath(), f"barcode {face} has no quad_m of four corners; left out")
            continue
        world = frame.world_from_prim(prim) if world is None else world
        codes.append(_code(prim, face, quad, world, velocity_m_s, frame))
    return tuple(codes)


def _code(
    prim: Usd.Prim,
    face: str,
    quad_m: np.ndarray,
    world: np.ndarray,
    velocity_m_s: tuple[float, float, float],
    frame: Frame,
) -> Code:
    def value(name: str, fallback: object) -> object:
        return frame.value(prim, f"synthgen:barcode:{face}:{name}", fallback)

    defects = value("print_defects", None)
    quad_m = np.array(quad_m)
    quad_m.setflags(write=False)
    return Code(
        path=str(prim.GetPath()),
        face=face,
        code_id=str(value("code_id", "")) or face,
        symbology=str(value("symbology", "")),
        payload=str(value("payload", "")),
        module_m=frame.number(prim, f"synthgen:barcode:{face}:module_m", 0.0),
        quad_m=quad_m,
        world_from_prim=world,
        velocity_m_s=velocity_m_s,
        modules_across=int(str(value("modules_across", 0))),
        damaged=bool(defects),
    )
