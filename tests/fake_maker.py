"""A cheap stand-in for `pipeline.Maker`, and a command line around it for tests that kill processes.

Samples follow from (seed, split, index) as real ones do; options make it slow, deadly or faulty at chosen shots.
"""

from __future__ import annotations

import argparse
import importlib
import os
import resource
import signal
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from synthgen import generate, manifest, samples, shards
from synthgen.errors import BarcodeError, SynthgenError
from synthgen.plan import Failed
from synthgen.progress import Plain
from synthgen.streams import Stream


@dataclass(frozen=True)
class FakeMaker:
    """Makes two small samples a shot."""

    seed: int = 0
    delay_s: float = 0.0
    deadly: tuple[int, ...] = ()
    """Shots at which the process kills itself."""
    deadly_once: str = ""
    """A file that, while it is absent, makes the process create it and kill itself."""
    infeasible: tuple[int, ...] = ()
    faulty: tuple[int, ...] = ()
    bad_input: tuple[int, ...] = ()

    def samples(self, split: str, index: int) -> list[samples.Sample]:
        time.sleep(self.delay_s)
        self._misbehave(split, index)
        return [self._sample(split, index, camera) for camera in ("top", "left")]

    def _misbehave(self, split: str, index: int) -> None:
        if split != "train":
            return
        if index in self.deadly or (self.deadly_once and index == 3 and _absent(Path(self.deadly_once))):
            os.kill(os.getpid(), signal.SIGKILL)
        if index in self.infeasible:
            raise Failed(split, index, {"label_too_large": 20})
        if index in self.bad_input:
            raise BarcodeError("labels.main: payload 'ü' does not fit code128; write ASCII")
        if index in self.faulty:
            raise ZeroDivisionError("a mistake of ours")

    def _sample(self, split: str, index: int, camera: str) -> samples.Sample:
        rng = Stream(self.seed, split, index, camera).generator()
        image = rng.integers(0, 255, (24, 32), np.uint8)
        key = samples.key(split, index, camera)
        record = {"image_id": index, "file_name": f"{key}.png", "exposure": {"time_s": 1.0}, "annotations": []}
        depth = rng.random((24, 32), np.float32)
        return samples.Sample(
            key=key, image=image, record=record, shot_json=f'{{"index":{index}}}', arrays={"depth": depth}
        )


def order(shots: int = 24, seed: int = 0, per_shard: int = 4, **options) -> generate.Order:
    """Return an order of a data set made by a FakeMaker."""
    recipe_text = "version: 1\n"
    counts = shards.counts(shots, {"train": 0.75, "val": 0.25}, per_shard)
    identity = manifest.Identity(
        recipe_sha256="0" * 64, seed=seed, splits=counts, samples_per_shard=per_shard, code_version="test"
    )
    maker = importlib.import_module("fake_maker").FakeMaker  # not __main__'s: workers must find it
    return generate.Order(identity=identity, recipe_text=recipe_text, factory=partial(maker, seed=seed, **options))


def made(text: str, folder: str, device: str, threads: int) -> FakeMaker:
    """Stand in for `generate._maker`."""
    return importlib.import_module("fake_maker").FakeMaker()


def made_with_a_failure(text: str, folder: str, device: str, threads: int) -> FakeMaker:
    """Stand in for `generate._maker`; one shot cannot be built."""
    return importlib.import_module("fake_maker").FakeMaker(infeasible=(5,))


def _absent(path: Path) -> bool:
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--delay-s", type=float, default=0.0)
    parser.add_argument("--limit-bytes", type=int, default=0)
    given = parser.parse_args()
    if given.limit_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (given.limit_bytes, given.limit_bytes))
    watch = Plain(sys.stderr, period_s=0.0)
    try:
        summary = generate.run(order(delay_s=given.delay_s), given.out, workers=given.workers, watch=watch)
    except SynthgenError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    sys.stdout.write(summary.manifest_sha256)
    return 0


if __name__ == "__main__":
    sys.exit(main())
