"""What the card has to know of the whole data set, counted shard by shard in constant memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from synthgen.dataset.receipts import Entry
from synthgen.dataset.row_index import Row
from synthgen.dataset.sample import ARRAY_TYPES

_NPY_HEADER_BYTES = 128  # NumPy format 1.0 pads to a multiple of 64; ours never need more


@dataclass
class Split:
    """Sums over the shards of one split."""

    shards: int = 0
    samples: int = 0
    bytes: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    """By symbology; a code counts once in every view."""
    read: Counter[str] = field(default_factory=Counter)
    """Of those: decoded."""
    category_ids: set[int] = field(default_factory=set)


@dataclass
class Facts:
    """Sums over a data set."""

    splits: dict[str, Split] = field(default_factory=dict)
    """Splits with a sample."""
    shards: dict[str, int] = field(default_factory=dict)
    """Shards of every split that has some, empty ones too."""
    empty: list[str] = field(default_factory=list)
    """Shards of which no shot could be built."""
    members: set[str] = field(default_factory=set)
    """Fields of the samples."""
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """The shape of a map that is the same in all samples."""
    varied: set[str] = field(default_factory=set)
    """Maps whose shape differs between samples."""
    cameras: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Width and height [px] of the first view of each camera."""
    worst_ratio: float = 0.0
    worst_key: str = ""
    edition: str = ""

    def add(self, entry: Entry, rows: Sequence[Row]) -> None:
        """Count a shard."""
        self.shards[entry.split] = self.shards.get(entry.split, 0) + 1
        if not rows:
            self.empty.append(entry.name)
            return
        split = self.splits.setdefault(entry.split, Split())
        split.shards += 1
        split.samples += len(rows)
        split.bytes += entry.bytes
        for row in rows:
            self._see(row)
            for code in row.record.get("annotations", ()):
                split.codes[code["symbology"]] += 1
                split.read[code["symbology"]] += code["decoded"]
                split.category_ids.add(code["category_id"])

    @property
    def samples(self) -> int:
        """Return the number of samples."""
        return sum(split.samples for split in self.splits.values())

    def _see(self, row: Row) -> None:
        size = (int(row.record.get("height", 0)), int(row.record.get("width", 0)))
        self.cameras.setdefault(row.key.partition("-")[2].partition("-")[2], size[::-1])
        for name, _, length in row.members:
            self.members.add(name)
            if name.endswith(".npy"):
                self._shape(name, shape(name, length, size))
        safety = row.record.get("safety", {})
        self.edition = self.edition or safety.get("edition", "")
        if safety.get("max_ratio", 0.0) > self.worst_ratio:
            self.worst_ratio, self.worst_key = safety["max_ratio"], row.key

    def _shape(self, name: str, found: tuple[int, ...]) -> None:
        if self.shapes.setdefault(name, found) != found:
            self.varied.add(name)


def shape(member: str, size_bytes: int, image: tuple[int, int]) -> tuple[int, ...]:
    """Return the shape of a map from its file's size and its image's height and width [px]; () where these are unknown.

    >>> shape("depth.npy", 128 + 4 * 48 * 64, (48, 64)), shape("normals.npy", 128 + 12 * 48 * 64, (48, 64))
    ((48, 64), (48, 64, 3))
    """
    if 0 in image:
        return ()
    values = (size_bytes - _NPY_HEADER_BYTES) // ARRAY_TYPES[member.removesuffix(".npy")].itemsize
    channels = values // (image[0] * image[1])
    return image if channels <= 1 else (*image, channels)
