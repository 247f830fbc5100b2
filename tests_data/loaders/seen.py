"""What a loader gave, in a form that two environments can compare: shape, dtype and hash of every value.

Each `open_<loader>.py` here runs in the loaders' environment as `python open_<loader>.py DIR` and prints one
JSON object {split: {key: {member: seen}}}; a loader that gives no keys prints {split: [{member: seen}, ...]}.
"""

import hashlib
import json
import sys

import numpy as np

SPLITS = ("train", "val")


def array(values):
    """Return what is to be compared of an array."""
    found = np.ascontiguousarray(values)
    return [list(found.shape), found.dtype.str, hashlib.sha256(found.tobytes()).hexdigest()]


def document(values):
    """Return what is to be compared of a JSON value, whether it came as text or decoded."""
    plain = values if isinstance(values, (dict, list)) else json.loads(values)
    text = json.dumps(plain, sort_keys=True, default=lambda value: value.tolist())
    return hashlib.sha256(text.encode()).hexdigest()


def members(sample):
    """Return what is to be compared of a decoded sample."""
    arrays = {name: array(value) for name, value in sample.items() if name.endswith((".npy", "png"))}
    return arrays | {name: document(value) for name, value in sample.items() if name.endswith("json")}


def folder():
    """Return the data set's folder."""
    return sys.argv[1]


def show(found):
    """Print what was seen; the last line of stdout, whatever the loader prints before."""
    sys.stdout.write("\n" + json.dumps(found) + "\n")
