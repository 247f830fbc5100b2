"""Whether anybody is at an address; asked before an engine's client, whose own way of finding out takes minutes."""

from __future__ import annotations

import socket

KNOCK_S = 3.0


def listens(address: str) -> bool:
    """Return whether something takes connections at HOST:PORT, with or without a scheme such as tcp://."""
    host, _, port = address.rpartition("://")[2].partition("/")[0].rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=KNOCK_S):
            return True
    except (OSError, ValueError, OverflowError):
        return False
