"""What a data set's store holds, and how to read it back: `open_dataset` is the way in.

from synthgen.dataset import open_dataset
for row in open_dataset("data").rows("val"): ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from synthgen.dataset.reader import Dataset, open_dataset

__all__ = ["Dataset", "open_dataset"]


def __getattr__(name: str):
    # The reader imports the recipe; a worker that only writes shards does not need it.
    if name in __all__:
        from synthgen.dataset import reader

        return getattr(reader, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
