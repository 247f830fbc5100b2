"""A cheap stand-in for `pipeline.SampleRenderer`, and a command line around it for tests that kill processes.

Samples follow from (seed, split, index) as real ones do; options make it slow, deadly or faulty at chosen shots.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import os
import resource
import secrets
import signal
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from synthgen.barcodes.symbologies import category_id
from synthgen.dataset import sample
from synthgen.dataset.identity import Identity
from synthgen.dataset.shard_layout import counts
from synthgen.errors import BarcodeError, SynthgenError
from synthgen.generation import driver, engines
from synthgen.planning.plan import Failed
from synthgen.progress import Plain
from synthgen.random_streams import Stream


@dataclass(frozen=True)
class FakeRenderer:
    """Makes two small samples a shot."""

    seed: int = 0
    delay_s: float = 0.0
    jitter_s: float = 0.0
    """Up to this much more, at random, so that workers finish in another order each time."""
    deadly: tuple[int, ...] = ()
    """Shots at which the process kills itself."""
    deadly_once: str = ""
    """A file that, while it is absent, makes the process create it and kill itself."""
    hung: tuple[int, ...] = ()
    """Shots that never end."""
    view_delay_s: float = 0.0
    """After each view."""
    infeasible: tuple[int, ...] = ()
    faulty: tuple[int, ...] = ()
    bad_input: tuple[int, ...] = ()

    def samples(self, split: str, index: int, *, viewed=lambda done, views: None) -> list[sample.Sample]:
        time.sleep(self.delay_s + self.jitter_s * secrets.randbelow(1000) / 1000)
        self._misbehave(split, index)
        made = []
        for camera in ("top", "left"):
            made.append(self._sample(split, index, camera))
            viewed(len(made), 2)
            time.sleep(self.view_delay_s)
        return made

    def _misbehave(self, split: str, index: int) -> None:
        if split != "train":
            return
        if index in self.deadly or (self.deadly_once and index == 3 and _absent(Path(self.deadly_once))):
            os.kill(os.getpid(), signal.SIGKILL)
        while index in self.hung:
            time.sleep(1.0)
        if index in self.infeasible:
            raise Failed(split, index, {"label_too_large": 20})
        if index in self.bad_input:
            raise BarcodeError("labels.main: payload 'ü' does not fit code128; write ASCII")
        if index in self.faulty:
            raise ZeroDivisionError("a mistake of ours")

    def _sample(self, split: str, index: int, camera: str) -> samples.Sample:
        rng = Stream(self.seed, split, index, camera).generator()
        image = rng.integers(0, 255, (24, 32), np.uint8)
        key = sample.key(split, index, camera)
        image_id = index * 64 + ("left", "top").index(camera)
        codes = [code(image_id, number, rng) for number in range(rng.integers(0, 3))]
        depth = rng.random((24, 32), np.float32)
        return sample.Sample(
            key=key,
            image=image,
            record=record(key, split, index, camera, image_id, codes),
            shot_json=f'{{"index":{index}}}',
            arrays={"depth": depth},
        )


def record(key: str, split: str, index: int, camera: str, image_id: int, codes: list[dict]) -> dict:
    """Return a sample's JSON with every key of docs/contract.md section 6."""
    identity = [[float(row == column) for column in range(4)] for row in range(4)]
    k = [[40.0, 0.0, 16.0], [0.0, 40.0, 12.0], [0.0, 0.0, 1.0]]
    return {
        "image_id": image_id,
        "file_name": f"{key}.png",
        "width": 32,
        "height": 24,
        "split": split,
        "shot_index": index,
        "camera": {
            "name": camera,
            "K": k,
            "K_opencv": [[40.0, 0.0, 15.5], [0.0, 40.0, 11.5], [0.0, 0.0, 1.0]],
            "dist": [0.0] * 5,
            "world_from_camera": identity,
            "resolution_px": [32, 24],
            "sensor": "fake",
            "pitch_m": 3.45e-6,
            "focal_m": 0.008,
            "f_number": 5.6,
            "focus_m": 0.5,
        },
        "exposure": {"exposure_s": 0.001},
        "safety": {
            "hazard": "worst",
            "edition": "iec62471-2006",
            "duration_s": 100.0,
            "max_ratio": 0.0,
            "at": [0.0, 0.0],
        },
        "annotations": codes,
        "instances": [],
    }


def code(image_id: int, number: int, rng: np.random.Generator) -> dict:
    """Return one annotation with every key of docs/contract.md section 6."""
    x, y, size = float(rng.uniform(1, 15)), float(rng.uniform(1, 12)), float(rng.uniform(4, 10))
    quad = [[x, y], [x + size, y], [x + size, y + size], [x, y + size]]
    symbology = ("code128", "qr")[int(rng.integers(2))]
    decoded = bool(rng.random() < 0.6)
    payload = f"SG{rng.integers(10**8):08d}"
    return {
        "id": image_id * 100 + number + 1,
        "image_id": image_id,
        "category_id": category_id(symbology),
        "bbox": [x, y, size, size],
        "area": size * size,
        "iscrowd": 0,
        "segmentation": [[value for corner in quad for value in corner]],
        "keypoints": [value for corner in quad for value in (*corner, 2)],
        "num_keypoints": 4,
        "code_id": f"item{number}:main:0",
        "symbology": symbology,
        "payload": payload,
        "quad_px": quad,
        "quad_visible_px": quad,
        "bbox_amodal": [x, y, size, size],
        "visible_fraction": 1.0,
        "truncated": False,
        "module_px_min": size / 4,
        "module_px_mean": size / 4,
        "incidence_deg": float(rng.uniform(0, 70)),
        "distance_m": 0.5,
        "irradiance_w_m2": 1.0,
        "snr": 30.0,
        "contrast": float(rng.uniform(0.1, 0.9)),
        "psf_px": 0.8,
        "motion_px": 0.0,
        "decoded": decoded,
        "decoded_rectified": decoded,
        "decoded_text": payload if decoded else "",
        "decodability": 0.7,
        "reason": "readable" if decoded else "undersampled",
    }


def order(shots: int = 24, seed: int = 0, per_shard: int = 4, **options) -> driver.Order:
    """Return an order of a data set made by a FakeRenderer."""
    recipe_text = "version: 1\n"
    split_shots = counts(shots, {"train": 0.75, "val": 0.25}, per_shard)
    identity = Identity(
        recipe_sha256=hashlib.sha256(recipe_text.encode()).hexdigest(),
        seed=seed,
        splits=split_shots,
        samples_per_shard=per_shard,
        code_version="test",
    )
    renderer = importlib.import_module("fake_renderer").FakeRenderer  # not __main__'s: workers must find it
    return driver.Order(identity=identity, recipe_text=recipe_text, factory=partial(renderer, seed=seed, **options))


def made(text: str, folder: str, device: str, threads: int) -> FakeRenderer:
    """Stand in for `driver.sample_renderer`."""
    return importlib.import_module("fake_renderer").FakeRenderer()


def made_with_a_failure(text: str, folder: str, device: str, threads: int) -> FakeRenderer:
    """Stand in for `driver.sample_renderer`; one shot cannot be built."""
    return importlib.import_module("fake_renderer").FakeRenderer(infeasible=(5,))


def _absent(path: Path) -> bool:
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--delay-s", type=float, default=0.0)
    parser.add_argument("--limit-bytes", type=int, default=0)
    parser.add_argument("--shots", type=int, default=24)
    parser.add_argument("--options", type=json.loads, default={}, help="more of FakeRenderer's fields")
    parser.add_argument("--engine", default="local")
    parser.add_argument("--scheduler", default="")
    parser.add_argument("--shard-timeout-s", type=float, default=0.0)
    parser.add_argument("--job", type=int, nargs=2, default=(0, 1))
    given = parser.parse_args()
    if given.limit_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (given.limit_bytes, given.limit_bytes))
    watch = Plain(sys.stderr, period_s=0.0)
    try:
        made = order(given.shots, delay_s=given.delay_s, **given.options)
        with closing(engines.open_engine(given.engine, given.workers, given.scheduler)) as engine:
            limit_s = given.shard_timeout_s
            summary = driver.run(
                made, given.out, engine=engine, job=tuple(given.job), watch=watch, shard_timeout_s=limit_s
            )
    except SynthgenError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    sys.stdout.write(summary.manifest_sha256)
    if summary.complaint:
        sys.stderr.write(f"{summary.complaint}\n")
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
