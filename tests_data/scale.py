"""Make a data set of many tiny samples and say what it cost: driver memory, time to make, time to finalize.

Run it as `PYTHONPATH=tests python tests_data/scale.py FOLDER SHOTS [WORKERS]`.
"""

from __future__ import annotations

import json
import resource
import sys
import time

import fake_maker

from synthgen import generate, manifest, stores

SHOTS_PER_SHARD = 4  # of two samples each: small shards, so that there are many


def measured(folder: str, shots: int, workers: int = 1) -> dict[str, float]:
    """Return what the data set in `folder` costs; peak memory is that of this process since its start."""
    started = time.monotonic()
    made = generate.run(fake_maker.order(shots=shots, per_shard=SHOTS_PER_SHARD), folder, workers=workers)
    assert not made.complaint, made.complaint
    making_s = time.monotonic() - started
    started = time.monotonic()
    assert manifest.finalize(stores.at(folder)) == made.manifest_sha256
    return {
        "samples": made.samples,
        "shards": made.shards,
        "making_s": round(making_s, 2),
        "finalize_s": round(time.monotonic() - started, 2),
        "driver_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3, 1),
    }


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1], int(sys.argv[2]), *map(int, sys.argv[3:]))))  # noqa: T201
