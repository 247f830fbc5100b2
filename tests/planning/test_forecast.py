"""What `plan` says about draws."""

import numpy as np

from synthgen.planning import cost, forecast
from synthgen.planning.plan import Statistics


def _statistics() -> Statistics:
    values = {
        "cameras.top.exposure_s": np.linspace(1.0, 2.0, 160, endpoint=False),
        "cameras.top.noise_seed": np.arange(3.0),
        "items.carton_01.size_m.0": np.array([1.0]),
        "items.carton_02.size_m.0": np.array([3.0]),
        "items.carton_02.pose.rotation_wxyz.0": np.array([1.0, 0.5]),
    }
    return Statistics(shots=18, failed=2, attempts=60, causes={"camera_inside": 42}, values=values)


def test_items_of_one_kind_are_one_row_and_seeds_none():
    values = forecast.summary(_statistics(), 1e6, 20)["values"]
    assert list(values) == ["cameras.top.exposure_s", "items.carton*.size_m.0"]
    assert values["items.carton*.size_m.0"]["quantiles"]["0.5"] == 2.0
    assert values["cameras.top.exposure_s"]["histogram"] == [10] * 16


def test_the_text_says_acceptance_causes_disk_and_shape():
    lines = forecast.text(_statistics(), 2.5e6, 20)
    assert lines[0] == "18 of 20 shots can be built; 30.0% of 60 attempts accepted"
    assert "  camera_inside: 42 attempts" in lines
    assert "disk: about 2.5 MB a shot, 0.05 GB for 20" in lines
    assert lines[-2].endswith("█" * 16)


def test_text_and_json_say_memory_and_time():
    taken = cost.Cost(worker_bytes=1.234e9, sample_s=2.5, samples=3)
    lines = forecast.text(_statistics(), 1e6, 20, taken)
    assert "memory: about 1.23 GB a worker" in lines
    assert f"time: about 2.5 s a sample, 2:30 for 20 shots, on {cost.MACHINE}" in lines
    told = forecast.summary(_statistics(), 1e6, 20, taken)
    assert (told["memory_bytes_per_worker"], told["processor_s_per_sample"]) == (1_234_000_000, 2.5)
    assert told["processor_s"] == 150.0


def test_a_fixed_recipe_is_called_so():
    fixed = Statistics(shots=2, failed=0, attempts=2, causes={}, values={})
    assert forecast.text(fixed, 1e6, 2)[-1] == "nothing but seeds differs between shots"
