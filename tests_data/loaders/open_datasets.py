"""Open the directory with Hugging Face datasets: streamed, or as Arrow with `python open_datasets.py DIR arrow`.

It keeps JSON without a fixed schema as text of ten decimals: shot.json comes whole, to be compared within that.
"""

import sys
import tempfile

import numpy as np
import seen
from datasets import load_dataset


def stored_as(feature):
    """Return the dtype that the card declares for a map."""
    while not hasattr(feature, "dtype"):
        feature = feature.feature
    return np.dtype(feature.dtype)


def samples(data):
    """Yield each sample with its maps as arrays: without a format they come as lists of lists."""
    for plain, arrays in zip(data, data.with_format("numpy"), strict=True):
        maps = {name: value for name, value in arrays.items() if name.endswith(".npy")}
        for name, value in maps.items():  # a format makes int64 of int32 and uint16
            maps[name] = value.astype(stored_as(data.features[name]))
            assert np.array_equal(maps[name], value)
        yield plain | maps


if __name__ == "__main__":
    found, shots = {}, {}
    with tempfile.TemporaryDirectory() as cache:
        for split in seen.SPLITS:
            data = load_dataset(seen.folder(), split=split, streaming=len(sys.argv) < 3, cache_dir=cache)
            found[split] = {}
            for sample in samples(data):
                shots[sample["__key__"]] = sample.pop("shot.json")
                found[split][sample["__key__"]] = seen.members(sample)
    seen.show(found | {"shots": shots})
