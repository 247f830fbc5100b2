"""The real road end to end: the same recipe, seed and count give the same bytes, whoever makes them."""

from __future__ import annotations

import gc
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import numpy as np
import pytest
import webdataset
from PIL import Image

SIZE = "cameras.top.roi_px=[160, 120]"
GENERATE = [sys.executable, "-m", "synthgen", "generate", "bench_card", "-n", "6", "--set", SIZE, "--json"]
GENERATE += ["--set", "dataset.samples_per_shard=1", "--set", "dataset.splits={train: 1.0}", "--progress", "none"]


def generate(out: Path, *flags: str) -> str:
    """Return the manifest's hash of a finished run."""
    done = subprocess.run([*GENERATE, "-o", str(out), *flags], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["manifest_sha256"]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("one")
    return out, generate(out, "--workers", "1")


@pytest.mark.slow
def test_two_workers_make_the_same_bytes(reference: tuple[Path, str], tmp_path: Path) -> None:
    assert generate(tmp_path / "two", "--workers", "2") == reference[1]


@pytest.mark.slow
def test_killed_and_resumed_makes_the_same_bytes(reference: tuple[Path, str], tmp_path: Path) -> None:
    out = tmp_path / "killed"
    run = subprocess.Popen(
        [*GENERATE, "-o", str(out), "--workers", "1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while len(list(out.glob("train/*.tar"))) < 2 and time.monotonic() < deadline and run.poll() is None:
        time.sleep(0.02)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert len(list(out.glob("train/*.tar"))) >= 2
    assert not (out / "manifest.json").exists()
    assert generate(out) == reference[1]


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_shards_open_in_plain_webdataset(reference: tuple[Path, str]) -> None:
    out, _ = reference
    shards = sorted(map(str, out.glob("train/*.tar")))
    samples = list(webdataset.WebDataset(shards, shardshuffle=False).decode("pil"))
    gc.collect()  # webdataset leaves its files to the collector: let it complain here, where it is allowed to
    assert [s["__key__"] for s in samples] == [f"train-{i:08d}-top" for i in range(6)]
    for sample in samples:
        assert sample["png"].size == (160, 120)
        assert sample["depth.npy"].dtype == np.float32 and sample["depth.npy"].shape == (120, 160)
        assert sample["irradiance.npy"].max() > 0
        assert np.isfinite(sample["hazard.npy"]).all()
        assert sample["json"]["width"] == 160
        assert sample["shot.json"]["index"] == sample["json"]["shot_index"]


def test_a_randomizer_that_only_takes_notes_changes_nothing_else(reference: tuple[Path, str], tmp_path: Path) -> None:
    noter = tmp_path / "noter.py"
    noter.write_text(
        "from dataclasses import dataclass, replace\n"
        "@dataclass(frozen=True, kw_only=True)\n"
        "class Noter:\n"
        "    def __call__(self, shot, rng):\n"
        "        return replace(shot, notes={**shot.notes, 'dice': str(rng.at('dice').uniform())})\n"
    )
    recipe = tmp_path / "noted.yaml"
    shipped = Path(__file__).parents[2] / "recipes" / "bench_card.yaml"
    text = shipped.read_text()
    assert "randomize:" not in text
    recipe.write_text(text + "\nrandomize:\n  - ./noter.py:Noter\n")
    command = [str(recipe) if word == "bench_card" else word for word in GENERATE]
    command[command.index("-n") + 1] = "2"
    command += ["-o", str(tmp_path / "out"), "--workers", "1"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for name in ("train-000000.tar", "train-000001.tar"):
        plain, noted = (members(folder / "train" / name) for folder in (reference[0], tmp_path / "out"))
        assert plain.keys() == noted.keys()
        for member, mine in plain.items():
            if member.endswith(".shot.json"):
                before, after = json.loads(mine), json.loads(noted[member])
                assert after.pop("notes")["dice"]
                assert before.pop("notes") == {}
                assert before == after
            else:
                assert mine == noted[member], member


def members(path: Path) -> dict[str, bytes]:
    """Return the bytes of a tar's members by name."""
    with tarfile.open(path) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar.getmembers()}


def test_image_member_is_a_grey_png(reference: tuple[Path, str]) -> None:
    image = Image.open(io.BytesIO(members(reference[0] / "train" / "train-000000.tar")["train-00000000-top.png"]))
    assert image.mode == "L"
    assert image.getextrema()[1] > 40
