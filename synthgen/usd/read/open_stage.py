"""Open USD files from any source: return a stage, or raise an error that says what to do.

Nothing in a stage is executed: usd-core loads no plugins that a file names, and formats it has no reader for (.mtlx,
.abc, .fbx ...) stay unresolved and are named by `composition_faults`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pxr import Ar, Pcp, Tf, Usd, UsdUtils

from synthgen.errors import StageError

SUFFIXES = (".usd", ".usda", ".usdc", ".usdz")
MAX_BYTES = 4 * 1024**3
"""Largest root file that is opened."""

_OTHERS = (".mdl", ".mtlx", ".osl", ".oso")
"""Suffixes of materials of other renderers."""
_CYCLES = (Pcp.ErrorSublayerCycle, Pcp.ErrorArcCycle)


def open_stage(path: str | Path) -> Usd.Stage:
    """Return the stage in a file, with all payloads loaded; references that cannot be found are left out.

    Raises:
        StageError: there is no such file, it is not USD, it is damaged, too large, or includes itself.
    """
    file = _checked(Path(path))
    try:
        with diagnostics():
            stage = Usd.Stage.Open(str(file))
    except Tf.ErrorException as error:
        raise StageError(f"{path}: not a readable USD file ({_plain(error)}); export it again") from None
    if not stage:
        raise StageError(f"{path}: not a readable USD file; export it again")
    for fault in stage.GetCompositionErrors():
        if isinstance(fault, _CYCLES):
            raise StageError(f"{path}: a layer or prim includes itself; remove one arc of the loop ({_plain(fault)})")
    return stage


@contextmanager
def diagnostics() -> Iterator[list[str]]:
    """Collect, as lines, what USD would print to stderr inside the block; the list is filled when the block ends."""
    lines: list[str] = []
    delegate = UsdUtils.CoalescingDiagnosticDelegate()
    try:
        yield lines
    finally:
        lines += dict.fromkeys(f"USD: {_plain(said)}" for said in delegate.TakeUncoalescedDiagnostics())
        del delegate


@contextmanager
def undamaged(stage: Usd.Stage) -> Iterator[None]:
    """Turn what USD raises when a stage's values cannot be read inside the block into a StageError."""
    try:
        yield
    except (Tf.ErrorException, UnicodeDecodeError) as error:
        name = stage.GetRootLayer().identifier
        raise StageError(f"{name}: is damaged or refers to a damaged file ({_plain(error)}); export it again") from None


def composition_faults(stage: Usd.Stage) -> tuple[str, ...]:
    """Return one line, naming the asset, for each reference of the stage that could not be composed."""
    return tuple(dict.fromkeys(f"composition: {_plain(fault)}" for fault in stage.GetCompositionErrors()))


def missing_files(path: str | Path) -> tuple[str, ...]:
    """Return what a USD file and all that it includes refer to and cannot be found: layers, textures, profiles.

    Materials of other renderers (.mdl, .mtlx, .osl), which are never drawn, and patterns of texture tiles (<UDIM>) do
    not count.
    """
    with diagnostics():
        _, _, missing = UsdUtils.ComputeAllDependencies(str(path))
    names = (str(name) for name in missing)
    return tuple(dict.fromkeys(n for n in names if not n.lower().endswith(_OTHERS) and "<udim>" not in n.lower()))


def asset_bytes(asset: str) -> bytes:
    """Return the content of a resolved asset path, also inside a package (`box.usdz[inner.png]`).

    Raises:
        StageError: it cannot be read.
    """
    try:
        opened = Ar.GetResolver().OpenAsset(Ar.ResolvedPath(asset))
        content = opened.GetBuffer() if opened else None
    except Tf.ErrorException as error:
        raise StageError(f"{asset}: cannot be read ({_plain(error)})") from None
    if content is None:
        raise StageError(f"{asset}: cannot be read; check that the file is there and readable")
    return content


def _checked(path: Path) -> Path:
    """Return the path when it looks like a USD file that can be opened."""
    if path.is_dir():
        raise StageError(f"{path}: is a folder; name the .usd, .usda, .usdc or .usdz file in it")
    if not path.exists():
        raise StageError(f"{path}: no such file; check the path")
    if path.suffix.lower() not in SUFFIXES:
        raise StageError(f"{path}: {path.suffix or 'no suffix'} is not USD; give one of {', '.join(SUFFIXES)}")
    if not path.is_file():
        raise StageError(f"{path}: not a regular file; give a .usd file")
    if not os.access(path, os.R_OK):
        raise StageError(f"{path}: no permission to read it; change its mode")
    if path.stat().st_size > MAX_BYTES:
        raise StageError(f"{path}: larger than {MAX_BYTES // 1024**3} GiB; split it into payloads")
    if path.stat().st_size == 0:
        raise StageError(f"{path}: is empty; export it again")
    return path


def _plain(error: object) -> str:
    """Return an error of USD's as one line without its source files and grammar."""
    first = error.args[0] if isinstance(error, Tf.ErrorException) and error.args else error
    try:
        text = getattr(first, "commentary", None) or str(first)
    except UnicodeDecodeError:
        text = "it holds text that is not UTF-8"
    text = re.sub(r"parse error matching \S.*", "cannot be parsed here", text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", text).strip().rstrip(".")[:400]
