"""Progress inside shards: workers send small datagrams to the driver, which may arrive or not.

A beat says how many shots and samples of a shard are done. Nothing depends on it: a shard's receipt says what it came
to, and where no datagram passes, as between networks, progress moves by whole shards.

References:
    RFC 768: UDP keeps a datagram whole and promises no arrival.
"""

from __future__ import annotations

import json
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Tell = Callable[[float, int], None]
"""Takes the shots, views in work as fractions, and the samples of a shard that are done."""
_MAX_BYTES = 512


@contextmanager
def listening(host: str, heard: Callable[[str, float, int], None]) -> Iterator[str]:
    """Call `heard(shard name, shots, samples)` for each beat, in another thread, until the block ends.

    Yields the address that workers send to, `HOST PORT TOKEN`; empty where this machine does not let us listen.
    """
    try:
        family = socket.getaddrinfo(host, 0, type=socket.SOCK_DGRAM)[0][0]
        ear = socket.socket(family, socket.SOCK_DGRAM)
        ear.bind((host, 0))
    except OSError:
        yield ""
        return
    token, over = secrets.token_hex(8), threading.Event()
    ear.settimeout(0.2)
    thread = threading.Thread(target=_listen, args=(ear, token, heard, over), daemon=True)
    thread.start()
    try:
        yield f"{host} {ear.getsockname()[1]} {token}"
    finally:
        over.set()
        thread.join()
        ear.close()


@contextmanager
def telling(address: str, name: str) -> Iterator[Tell]:
    """Yield a function that sends the state of the shard `name` to a driver that listens at `address`."""
    if not address:
        yield lambda shots, samples: None
        return
    host, port, token = address.split(" ")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as mouth:
        mouth.setblocking(False)

        def tell(shots: float, samples: int) -> None:
            with suppress(OSError):
                mouth.sendto(json.dumps([token, name, shots, samples]).encode(), (host, int(port)))

        yield tell


def own_address(peer: str) -> str:
    """Return this machine's address as a peer at HOST:PORT, with or without a scheme, sees it; "" if unknown."""
    host, _, port = peer.rpartition("://")[2].partition("/")[0].rpartition(":")
    with suppress(OSError, ValueError, OverflowError):
        family, _, _, _, target = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(target)  # sends nothing: only the route is chosen
            return probe.getsockname()[0]
    return ""


def _listen(ear: socket.socket, token: str, heard: Callable[[str, float, int], None], over: threading.Event) -> None:
    while not over.is_set():
        with suppress(OSError, ValueError, TypeError):  # a pause, or not one of ours
            said, name, shots, samples = json.loads(ear.recv(_MAX_BYTES))
            if secrets.compare_digest(said, token):
                heard(str(name), float(shots), int(samples))
