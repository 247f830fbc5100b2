"""Driver memory and the time to finalize, over data sets of growing numbers of shards (docs/scale.md has 100 000)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHOTS = (8_400, 16_800)
"""4 200 shards, more than one part of a manifest and one row group of the tables, and twice as many."""


def _measured(action: str, folder: Path, shots: int) -> dict[str, float]:
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests_data" / "scale.py"), action, str(folder), str(shots)],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def costs(tmp_path_factory) -> dict[str, list[dict[str, float]]]:
    folders = [tmp_path_factory.mktemp("scale") / str(shots) for shots in SHOTS]
    return {
        action: [_measured(action, folder, shots) for folder, shots in zip(folders, SHOTS, strict=True)]
        for action in ("make", "finalize")
    }


@pytest.mark.parametrize("action", ["make", "finalize"])
def test_memory_stays_flat(costs, action):
    """Twice the shards may cost 10 %: allocators keep what they had, lists of shards would cost 30 MB."""
    small, large = costs[action]
    assert large["shards"] == 2 * small["shards"]
    assert large["peak_mb"] < 1.1 * small["peak_mb"], costs


def test_finalize_takes_time_in_proportion(costs):
    """Processor time, since other work on the machine does not lengthen it; quadratic would be four times as much."""
    small, large = costs["finalize"]
    assert large["cpu_s"] < 3 * small["cpu_s"], costs
