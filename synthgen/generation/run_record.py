"""`run.json`: where, when and with which versions a data set was made; the data do not depend on it."""

from __future__ import annotations

import os
import platform
import socket
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from synthgen import atomic_files
from synthgen.dataset.stores import Store
from synthgen.generation.summary import Summary

_PACKAGES = (
    "synthgen",
    "numpy",
    "pillow",
    "isal",
    "warp-lang",
    "usd-core",
    "zxing-cpp",
    "embreex",
    "joblib",
    "pyarrow",
)


def start(recipe_folder: str, engine: str, workers: int, job: tuple[int, int]) -> dict[str, Any]:
    """Return the record of a run that begins now."""
    return {
        "status": "running",
        "started": _now(),
        "host": socket.gethostname(),
        "platform": platform.platform(),
        "cpus": os.cpu_count() or 0,
        "python": platform.python_version(),
        "packages": packages(),
        "recipe_folder": recipe_folder,
        "engine": engine,
        "workers": workers,
        "job_index": job[0],
        "num_jobs": job[1],
    }


def end(record: dict[str, Any], summary: Summary, traces: Mapping[str, str]) -> dict[str, Any]:
    """Return the record of a run that is over."""
    status = "partial" if summary.complaint else "complete"
    return {**record, "status": status, "ended": _now(), "summary": asdict(summary), "traces": dict(traces)}


def write(store: Store, record: dict[str, Any], job: tuple[int, int]) -> None:
    """Put the record beside the shards: `run.json`, or one file a job of an array.

    Raises:
        OutputError: no space, no permission.
    """
    name = "run.json" if job[1] == 1 else f"run-{job[0]}.json"
    store.write(name, atomic_files.document(record))


def packages() -> dict[str, str]:
    """Return the versions of the libraries that make samples, `absent` for those that are not installed."""
    return {name: _version(name) for name in _PACKAGES}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
