"""Indexes of one shard for loaders that seek: NVIDIA energon's and DALI's."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from synthgen.dataset.row_index import Row


def energon_index(rows: Sequence[Row]) -> bytes:
    """Return each sample's offset, then the end of the last, little-endian uint64."""
    offsets = [row.offset for row in rows]
    end = rows[-1].offset + rows[-1].bytes if rows else 0
    return struct.pack(f"<{len(rows) + 1}Q", *offsets, end)


def dali_index(rows: Sequence[Row]) -> bytes:
    """Return DALI's index, version 1.2: a line a sample with `field offset size name` for each member."""
    lines = [f"v1.2 {len(rows)}"]
    for row in rows:
        lines.append(" ".join(f"{name} {at} {size} {row.key}.{name}" for name, at, size in row.members))
    return ("\n".join(lines) + "\n").encode()
