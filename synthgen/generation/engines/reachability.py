"""Whether something listens at an address; asked first, since an engine's own client takes minutes to find out."""

from __future__ import annotations

import socket

CONNECT_S = 3.0


def listens(address: str) -> bool:
    """Return whether something takes connections at HOST:PORT, with or without a scheme such as tcp://."""
    host, _, port = address.rpartition("://")[2].partition("/")[0].rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_S):
            return True
    except (OSError, ValueError, OverflowError):
        return False
