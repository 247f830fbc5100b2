"""What is ordered of the workers: how many there are, and how long a shot is expected to take."""

from synthgen.generation import driver
from synthgen.recipe import load


def test_large_frames_leave_room_for_fewer_workers(monkeypatch):
    """Of 8 GB a worker for 20 Mpx takes 2.5 GB and half as much again."""
    monkeypatch.setattr(driver, "_cpus", lambda: 16)
    monkeypatch.setattr(driver.os, "sysconf", lambda name: {"SC_PAGE_SIZE": 1000, "SC_AVPHYS_PAGES": 8_000_000}[name])
    large = ["cameras.top.sensor=imx541", "cameras.top.roi_px=[4512, 4512]"]
    found = {
        key: driver.order(load("bench_card", changes), 4000, device="cpu")
        for key, changes in (("small", []), ("large", large))
    }
    assert {key: workers for key, (_, workers) in found.items()} == {"small": 10, "large": 2}
    assert found["large"][0].shot_s * 8 > 5 * found["small"][0].shot_s
