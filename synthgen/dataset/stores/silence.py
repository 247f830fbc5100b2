"""How long a store that is reached over a network may keep silent, as the user sets it."""

from __future__ import annotations

import math
import os

from synthgen.errors import UsageError

VARIABLE = "SYNTHGEN_STORE_TIMEOUT_S"
DEFAULT_S = 20.0
"""Longer than S3 and usual web servers take to begin an answer, short enough to learn soon that one is gone."""
PAUSES_S = 5.0
"""Between the tries of a request."""
SLOWEST_BYTES_S = 100_000.0
"""Slowest connection, one of several at once, on which a body may still be sent."""
LEAST_S, MOST_S = 0.1, 86_400.0


def limit_s() -> float:
    """Return the silence after which a request is given up [s]: SYNTHGEN_STORE_TIMEOUT_S, 20 s where it is not set.

    Raises:
        UsageError: the variable is no number of seconds.
    """
    text = os.environ.get(VARIABLE, "")
    if not text:
        return DEFAULT_S
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not LEAST_S <= value <= MOST_S:
        raise UsageError(f"{VARIABLE}={text}: write seconds between {LEAST_S:g} and {MOST_S:.0f}, such as 60")
    return value


def deadline_s(tries: int, connect_s: float, body_bytes: int) -> float:
    """Return the time limit of a request that sends a body, all tries and pauses included [s].

    A limit of silence alone does not cover a body that cannot be sent, nor the wait for leave to send one (RFC 9110,
    10.1.1: Expect: 100-continue), which a server that accepts and never answers would make last for ever.
    """
    silence_s = limit_s()
    return tries * (silence_s + min(connect_s, silence_s)) + PAUSES_S + body_bytes / SLOWEST_BYTES_S
