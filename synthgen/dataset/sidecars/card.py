"""The dataset card, `README.md`: what the data set is, how it was made, what its fields mean and how to load it.

Its head is what Hugging Face reads; the explicit features in it keep `datasets` from guessing types from the first five
samples. Text and head follow from the data set alone.

References:
    Hugging Face Hub, dataset cards and "manual configuration" (configs, data_files, dataset_info). datasets 5.2.0 takes
    `splits` with both num_bytes and num_examples.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from synthgen.dataset.identity import Identity
from synthgen.dataset.sidecars import fields, front_matter, licence, loading
from synthgen.dataset.sidecars.facts import Facts
from synthgen.dataset.sidecars.fields import Field
from synthgen.reporting import eye_hazard

FILE = "README.md"
SUMMARY = (
    "Images of barcodes in warehouses as an industrial camera would take them, computed from light in watts and "
    "lengths in metres, with the place, payload and readability of every code."
)
_SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
_NAMES = ("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M", "100M<n<1B")

_KEPT = """\
## Traps

* Do not flip: a mirrored barcode is not a barcode. Turn off horizontal and vertical flips in the trainer.
* Do not read maps through image decoders: those crush more than 8 bits. All maps are `.npy`.
* Hugging Face datasets: a format turns whole numbers into int64 (values stay); `shot.json` is rounded to ten decimals.
* `depth` is +inf where nothing is hit; `isfinite` first.
* Rows of one shot show the same world. Splits are by shot; keep it so when you split further.

## Known limits

* Every pixel is computed. How a detector trained on it does on photographs is to be measured, not assumed.
* Direct light with shadows and one ambient term: no interreflection. No rolling shutter.
* `decoded` is what zxing-cpp makes of the crop; other readers differ. `decodability` is a prediction.
* Payloads are drawn or given by the recipe; a drawn one may by chance be in use somewhere.
"""


def title(identity: Identity, facts: Facts, recipe_text: str) -> str:
    """Return a name for people."""
    scene = licence.recipe(recipe_text).get("scene", {})
    place = str(scene.get("warehouse") or scene.get("usd") or "scene").replace("_", " ")
    return f"synthgen {place}, {facts.samples} samples, seed {identity.seed}"


def text(identity: Identity, facts: Facts, recipe_text: str, *, tabled: bool) -> bytes:
    """Return the card.

    Args:
        identity: what the data set follows from.
        facts: what was counted in it.
        recipe_text: the resolved recipe.
        tabled: whether the Parquet tables were written.
    """
    name = title(identity, facts, recipe_text)
    parts = [
        f"---\n{front_matter.yaml(_head(name, facts, licence.of(recipe_text)))}---\n\n# {name}\n\n{SUMMARY}\n",
        "\n".join(_contents(facts)),
        "\n".join(_origin(identity, facts, recipe_text)),
        "\n".join(_described(facts)),
        "\n".join(loading.examples(identity, facts, tabled)),
        _KEPT,
    ]
    return "\n".join(parts).encode()


def _head(name: str, facts: Facts, stated: licence.Licence) -> dict[str, Any]:
    shapes = {field: shape for field, shape in facts.shapes.items() if field not in facts.varied}
    return {
        **stated.hub,
        "pretty_name": name,
        "tags": ["synthetic", "barcode", "webdataset", "machine-vision", "croissant"],
        "task_categories": _tasks(facts),
        "size_categories": [_NAMES[sum(facts.samples >= size for size in _SIZES)]],
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": split, "path": f"{split}/*.tar"} for split in facts.splits],
            }
        ],
        "dataset_info": {
            "config_name": "default",
            "features": front_matter.features(facts.members, shapes),
            "splits": [
                {"name": split, "num_bytes": sums.bytes, "num_examples": sums.samples}
                for split, sums in facts.splits.items()
            ],
            "download_size": sum(sums.bytes for sums in facts.splits.values()),
            "dataset_size": sum(sums.bytes for sums in facts.splits.values()),
        },
    }


def _tasks(facts: Facts) -> list[str]:
    return ["object-detection", "keypoint-detection", *(["depth-estimation"] if "depth.npy" in facts.members else [])]


def _contents(facts: Facts) -> Iterator[str]:
    yield from ("## What is in it", "", "| split | shards | samples | bytes |", "|---|---|---|---|")
    for split, sums in facts.splits.items():
        yield f"| {split} | {sums.shards} | {sums.samples} | {sums.bytes} |"
    yield from ("", "| camera | width [px] | height [px] |", "|---|---|---|")
    yield from (f"| {camera} | {width} | {height} |" for camera, (width, height) in sorted(facts.cameras.items()))
    heads = [f"{split}: codes | read" for split in facts.splits]
    yield from ("", f"| symbology | {' | '.join(heads)} |", "|---" * (1 + 2 * len(heads)) + "|")
    for symbology in sorted({name for sums in facts.splits.values() for name in sums.codes}):
        counts = [f"{sums.codes[symbology]} | {sums.read[symbology]}" for sums in facts.splits.values()]
        yield f"| {symbology} | {' | '.join(counts)} |"
    yield from ("", "A code counts once in every view of it; read: by zxing-cpp from the plain crop.", "")


def _origin(identity: Identity, facts: Facts, recipe_text: str) -> Iterator[str]:
    yield from (
        "## How it was made",
        "",
        "No camera was there. `recipe.resolved.yaml` holds every choice; the same",
        "",
    )
    yield f"* recipe, sha256 `{identity.recipe_sha256}`,"
    yield f"* seed {identity.seed}, {', '.join(f'{n} {split}' for split, n in identity.splits.items())} shots and"
    yield f"* synthgen {identity.code_version}"
    yield from (
        "",
        "give the same samples again; `manifest.json` has the hash of every shard and of its decoded content.",
        "",
    )
    assets = ", ".join(licence.assets(recipe_text)) or "none"
    yield f"Outside assets: {assets}. Licence of the rest: {licence.of(recipe_text).name}, see `LICENSE`."
    yield ""
    if facts.worst_ratio:
        yield f"Eye safety: the largest level over limit ({facts.edition}) that any view shows is"
        yield f"{facts.worst_ratio:.3g}, in `{facts.worst_key}` ({eye_hazard.ASSUMPTION})."
        yield "It judges the simulated lamps in this scene and is no statement of conformity; `synthgen safety` judges"
        yield "the zones where eyes can be."
    else:
        yield "Eye safety: no hazard map was made, so this data set says nothing about it (`synthgen safety` does)."
    yield ""


def _described(facts: Facts) -> Iterator[str]:
    yield from (
        "## Fields",
        "",
        "Pixels: origin at the corner of the first pixel, centres at +0.5. No value is null.",
        "",
    )
    yield from ("| member | type | unit | meaning |", "|---|---|---|---|")
    yield "| `png` | uint8 | DN | the image, grey or RGB; the upper 8 bits of the sensor's number |"
    yield "| `json` | object | | the labels, below |"
    yield "| `shot.json` | object | | every choice behind the shot, SI units; its keys differ from shot to shot |"
    for field in fields.MAPS.values():
        if field.name in facts.members:
            yield f"| `{field.name}` | {field.type} | {field.unit} | {field.text} |"
    yield from ("", "| in `json` | type | unit | meaning |", "|---|---|---|---|")
    yield from _rows("", fields.RECORD)
    yield ""


def _rows(above: str, described: tuple[Field, ...]) -> Iterator[str]:
    for field in described:
        sizes = "".join(f"[{length or ''}]" for length in field.shape)
        if field.parts:
            yield from _rows(f"{above}{field.name}{sizes}.", field.parts)
        else:
            yield f"| `{above}{field.name}` | {field.type}{sizes} | {field.unit} | {field.text} |"
