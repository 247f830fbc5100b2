"""Make, or finalize, a data set of many tiny samples and say what it cost this process.

Run it as `PYTHONPATH=tests python tests_data/scale.py make|finalize FOLDER SHOTS`.
"""

from __future__ import annotations

import json
import resource
import sys
import time

import fake_renderer

from synthgen.dataset import manifest, stores
from synthgen.generation import driver

SHOTS_PER_SHARD = 4  # of two samples each: small shards, so that there are many


def measured(action: str, folder: str, shots: int) -> dict[str, float]:
    """Return the time, processor time and peak memory of making a data set in this process, or of finalizing it."""
    order = fake_renderer.order(shots=shots, per_shard=SHOTS_PER_SHARD)
    started, started_cpu = time.monotonic(), time.process_time()
    if action == "make":
        made = driver.run(order, folder)
        assert not made.complaint, made.complaint
    else:
        manifest.finalize(stores.at(folder))
    spent_s, cpu_s = time.monotonic() - started, time.process_time() - started_cpu
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return {
        "shards": len(order.identity.shards),
        "seconds": round(spent_s, 3),
        "cpu_s": round(cpu_s, 3),
        "peak_mb": round(peak_mb, 1),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measured(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
