"""Stream samples into a PyTorch job: from a finished data set, or rendered while the job trains (extra `torch`).

from synthgen.loader import Loader, stream
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synthgen.loader.live_stream import Live, stream
    from synthgen.loader.loader import Loader
    from synthgen.loader.targets import Batch, Codes, Sample

__all__ = ["Batch", "Codes", "Live", "Loader", "Sample", "stream"]

_HOMES = {"Batch": "targets", "Codes": "targets", "Live": "live_stream", "Loader": "loader", "Sample": "targets"}
_HOMES["stream"] = "live_stream"


def __getattr__(name: str) -> Any:
    """Import torch only where a name needs it; orders and filters do not."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        if error.name not in ("torch", "webdataset", "pyarrow"):
            raise
        raise ImportError(f"{__name__} needs {error.name}: pip install 'synthgen[torch]'") from error
