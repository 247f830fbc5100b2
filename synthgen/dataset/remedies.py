"""What to do about a missing or damaged file of a data set: one sentence for each kind, the same from every reader."""

from __future__ import annotations


def remake(place: str, state: str) -> str:
    """Return the message for a shard, or anything that only `synthgen generate` can make again.

    >>> remake("data/train/train-000001.tar", "missing")
    'data/train/train-000001.tar: missing; run the same `synthgen generate` again to remake it'
    """
    return f"{place}: {state}; run the same `synthgen generate` again to remake it"


def derive(place: str, state: str, url: str) -> str:
    """Return the message for a file that follows from the shards: rows, indexes, tables, manifest.

    >>> derive("data/manifest.json", "missing", "data")
    'data/manifest.json: missing; run `synthgen finalize data`'
    """
    return f"{place}: {state}; run `synthgen finalize {url}`"
