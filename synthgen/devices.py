"""Which device a run computes on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import warp as wp

from synthgen.errors import InputError


def resolve(device: str) -> str:
    """Return the name of a device that is here, for `auto`, `cpu`, `cuda` or `cuda:N`, and keep Warp from stdout.

    Raises:
        InputError: there is no such device.
    """
    wp.config.log_level = wp.LOG_ERROR
    with _muted():
        wp.init()
    present = [str(found) for found in wp.get_devices()]
    if device == "auto":
        return next((name for name in present if name.startswith("cuda")), "cpu")
    name = "cuda:0" if device == "cuda" else device
    if name not in present:
        raise InputError(f"--device {device}: not on this machine; it has {', '.join(present)}")
    return name


@contextmanager
def _muted() -> Iterator[None]:
    """Keep native code off stderr: Warp tells everyone without a GPU that there is none. Failures are exceptions."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
