"""Small data sets, and rows by hand, for tests of reports, verify and replay."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from fake_renderer import code, order, record

from synthgen.barcodes.symbologies import category_id
from synthgen.dataset import sample
from synthgen.dataset.identity import code_version
from synthgen.dataset.row_index import Row
from synthgen.generation import driver
from synthgen.planning import plan
from synthgen.random_streams import Stream
from synthgen.recipe import from_text


@dataclass(frozen=True)
class TinyMaker:
    """Makes one sample of a few pixels a shot, so that every byte of a data set can be damaged in turn."""

    def samples(self, split: str, index: int, **_: object) -> list[sample.Sample]:
        rng = Stream(0, split, index, "tiny").generator()
        key = sample.key(split, index, "top")
        codes = [code(index, 0, rng)]
        found = record(key, split, index, "top", index, codes) | {"width": 4, "height": 3}
        image = rng.integers(0, 255, (3, 4), np.uint8)
        return [sample.Sample(key=key, image=image, record=found, shot_json=f'{{"index":{index}}}')]


@dataclass(frozen=True)
class SameMaker:
    """Makes the same picture and code for every shot of a recipe, but for odd ones, which are black."""

    recipe_text: str

    def samples(self, split: str, index: int, **_: object) -> list[sample.Sample]:
        key = sample.key(split, index, "top")
        found = code(0, 0, Stream(0, "", 0).generator())
        found |= {"payload": "SYNTHGEN-0001", "symbology": "code128", "category_id": category_id("code128")}
        image = Stream(1, "", 0).generator().integers(0, 200, (24, 32), np.uint8)
        return [
            sample.Sample(
                key=key,
                image=image // 200 if index % 2 else image,
                record=record(key, split, index, "top", 0, [found]),
                shot_json=plan.shot(from_text(self.recipe_text, folder=Path()), split, index).to_json(),
            )
        ]


def made(out: Path | str, shots: int = 8, per_shard: int = 2, renderer=None, **options):
    """Make a data set of cheap samples whose identity is that of its recipe and of this code."""
    plain = order(shots=shots, per_shard=per_shard, **options)
    text = getattr(renderer, "recipe_text", plain.recipe_text)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    identity = replace(plain.identity, recipe_sha256=sha256, code_version=code_version())
    factory = partial(replace, renderer) if renderer else plain.factory
    driver.run(replace(plain, identity=identity, factory=factory, recipe_text=text), out)
    return out


def row(split: str, index: int, codes: list[dict], camera: str = "top", **changes) -> Row:
    """Return the row of a sample with these annotations."""
    key = sample.key(split, index, camera)
    found = record(key, split, index, camera, index, codes)
    return Row(key=key, offset=0, bytes=0, sha256="", members=(), record={**found, **changes})


def annotation(number: int = 0, **changes) -> dict:
    """Return an annotation; `changes` wins over what is drawn."""
    return code(0, number, Stream(number, "train", 0, "codes").generator()) | changes
