"""How to open the directory, three lines a loader: the examples of the dataset card."""

from __future__ import annotations

from collections.abc import Iterator

from synthgen.sidecars import tables
from synthgen.sidecars.facts import Facts

_EXAMPLES = {
    "webdataset": """
import webdataset as wds
data = wds.WebDataset("{split}/{shards}", shardshuffle=False).decode("l8")     # "rgb8" for colour
for sample in data: sample["png"], sample["json"]""",
    "wids (random access)": """
import wids
data = wids.ShardListDataset("{split}.wids.json")
data[0][".png"], data[0][".json"]""",
    "Hugging Face datasets (4.7 or later)": """
from datasets import load_dataset
data = load_dataset(".", split="{split}", streaming=True).with_format("numpy")
for sample in data: sample["png"], sample["json"]""",
    "NVIDIA energon": """
from megatron import energon       # Task: a TaskEncoder with `cookers = [energon.Cooker(lambda sample: sample)]`
data = energon.get_train_dataset(".", split_part="{split}", batch_size=1, worker_config=..., task_encoder=Task(),
                                 shuffle_buffer_size=None, max_samples_per_sequence=None)""",
    "Ray Data": """
import ray
data = ray.data.read_webdataset("{split}", file_extensions=["tar"])       # without it, *.idx is read as a tar
data.take(1)[0]["json"]""",
    "DALI": """
from nvidia.dali import fn
shard, index = "{split}/{first}.tar", "{split}/{first}.idx"
png, json = fn.readers.webdataset(paths=[shard], index_paths=[index], ext=["png", "json"])   # png: decoders.image""",
    "RF-DETR": """
from rfdetr import RFDETRNano      # pip install 'rfdetr[train,data]'
RFDETRNano().train(dataset_file="webdataset", dataset_dir=".")""",
    "Croissant": """
import mlcroissant
for record in mlcroissant.Dataset("croissant.json").records("image-records"): record""",
}
_TABLES = """
from pyarrow import compute as pc, parquet
sharp = (pc.field("module_px_min") > 1.5) & (pc.field("incidence_deg") < 45)
parquet.read_table("{codes}", filters=sharp)["key"]"""


def examples(facts: Facts, tabled: bool) -> Iterator[str]:
    """Yield the lines of the section, with names that are in the directory."""
    split = next(iter(facts.splits), "train")
    last = facts.shards.get(split, 1) - 1
    names = {"split": split, "first": f"{split}-000000", "shards": f"{split}-{{000000..{last:06d}}}.tar"}
    yield from ("## How to load it", "", "From this directory:", "")
    for loader, code in _EXAMPLES.items():
        yield from (f"{loader}:", "", "```python", code.strip().format(**names), "```", "")
    if tabled:
        code = _TABLES.strip().format(codes=tables.CODES)
        yield from (f"Filtering (`{tables.SAMPLES}`, `{tables.CODES}`):", "", "```python", code, "```", "")
