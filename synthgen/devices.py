"""Which device a run computes on."""

from __future__ import annotations

import warp as wp

from synthgen.errors import InputError


def resolve(device: str) -> str:
    """Return the name of a device that is here, for `auto`, `cpu`, `cuda` or `cuda:N`, and keep Warp from stdout.

    Raises:
        InputError: there is no such device.
    """
    wp.config.log_level = wp.LOG_WARNING  # its greeting would mix with data on stdout
    present = [str(found) for found in wp.get_devices()]
    if device == "auto":
        return next((name for name in present if name.startswith("cuda")), "cpu")
    name = "cuda:0" if device == "cuda" else device
    if name not in present:
        raise InputError(f"--device {device}: not on this machine; it has {', '.join(present)}")
    return name
