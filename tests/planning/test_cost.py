"""What `plan` says that samples take, against what rendering allocates."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from synthgen.planning import cost, forecast, plan
from synthgen.recipe import load
from synthgen.rendering import bands
from synthgen.rendering.launch import View
from synthgen.world.maps import OUTPUTS
from tests import scenes

MEASURED = """
from synthgen import pipeline
from synthgen.recipe import load

recipe = load("bench_card", ["cameras.top.roi_px=[1400, 1400]"])
pipeline.SampleRenderer(recipe).samples("train", 0)
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print("peak", int(peak.split()[1]) * 1024)
"""


def _shot(name="bench_card", **sensor):
    shot = plan.shot(load(name), "train", 0)
    cameras = {key: replace(c, sensor=replace(c.sensor, **sensor)) for key, c in shot.cameras.items()}
    return replace(shot, cameras=cameras)


@pytest.mark.parametrize("size", [(640, 480), (1999, 1000), (2001, 1000), (2448, 2048), (4512, 4512), (80_000, 30)])
def test_a_launch_has_the_pixels_that_rendering_gives_it(size):
    view = View(0, scenes.camera(np.eye(4), size_px=size))
    found = bands.launches([view])
    largest = max(sum(b.view.width_px * b.view.height_px for b in each) for each in found)
    assert cost.launch_px(*size) == largest


def test_memory_is_within_30_percent_of_the_peak_of_a_process():
    done = subprocess.run([sys.executable, "-c", MEASURED], capture_output=True, text=True, check=True)
    peak = int(done.stdout.rpartition("peak ")[2])
    told = cost.of_shot(_shot(resolution_px=(1400, 1400)), load("bench_card").outputs).worker_bytes
    assert told == pytest.approx(peak, rel=0.3)


def test_memory_of_a_large_frame_grows_by_its_maps_alone():
    sizes = [(2000, 1000), (4000, 4000), (4000, 8000)]
    small, large, double = (cost.of_shot(_shot(resolution_px=size), ["image"]).worker_bytes for size in sizes)
    assert double - large == pytest.approx(
        (cost.FRAME_COPIES + 1) * 16e6 * (8 + 8), rel=0.02
    )  # depth, instances; the image
    assert large - small < (cost.FRAME_COPIES + 1) * 16e6 * (8 + 8)


@pytest.mark.parametrize("name", OUTPUTS)
def test_every_map_counts(name):
    few, more = (cost.of_shot(_shot(), outputs) for outputs in (["depth"], ["depth", name]))
    assert more.worker_bytes >= few.worker_bytes and more.sample_s >= few.sample_s
    if name not in ("depth", "instances"):
        assert more.worker_bytes > few.worker_bytes


def test_lamps_and_colour_and_cameras_cost():
    one = cost.of_shot(_shot(), ["image"])
    assert cost.of_shot(_shot(), ["image"], lamps=9).sample_s > 2 * one.sample_s
    assert cost.of_shot(_shot(color="rgb"), ["image"]).worker_bytes > one.worker_bytes
    shot = _shot()
    twice = replace(shot, cameras={"a": shot.cameras["top"], "b": shot.cameras["top"]})
    assert cost.of_shot(twice, ["image"]).samples == 2
    assert 0.9 * one.sample_s < cost.of_shot(twice, ["image"]).sample_s < one.sample_s  # the scene is placed once


def test_a_shot_without_cameras_makes_no_sample():
    nothing = cost.of_shot(replace(_shot(), cameras={}), ["image"])
    assert (nothing.samples, nothing.sample_s) == (0, 0.0)


def test_disk_space_counts_every_map():
    shot = _shot()
    sizes = {name: forecast.bytes_per_shot(load("bench_card", [f"outputs=[{name}]"]), shot) for name in OUTPUTS}
    pixels = 640 * 480
    assert sizes["depth"] - sizes["image"] == pytest.approx(4 * pixels)
    assert sizes["radiance"] - sizes["depth"] == pytest.approx(12 * pixels)
    assert sizes["normals"] - sizes["range"] == pytest.approx(8 * pixels)
    assert sizes["raw"] - sizes["image"] == pytest.approx(2 * pixels)
