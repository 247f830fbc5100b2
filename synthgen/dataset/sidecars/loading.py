"""How to open the directory, a few lines a loader: the examples of the dataset card, which the tests run."""

from __future__ import annotations

from collections.abc import Iterator

from synthgen.barcodes.symbologies import SYMBOLOGIES
from synthgen.dataset.identity import Identity
from synthgen.dataset.sidecars import parquet
from synthgen.dataset.sidecars.facts import Facts

_EXAMPLES = {
    "webdataset": """
import webdataset as wds
data = wds.WebDataset("{split}/{shards}", shardshuffle=False).decode("l8")     # "rgb8" for colour
for sample in data: sample["png"], sample["json"]""",
    "wids (random access)": """
import wids     # without a cache of its own it takes shards of the same name from /tmp, whatever data set they are of
data = wids.ShardListDataset("{split}.wids.json", cache_dir="/tmp/wids-{identity}")
data[0][".png"], data[0][".json"]""",
    "Hugging Face datasets (4.7 or later)": """
import os
from datasets import load_dataset
data = load_dataset(os.getcwd(), split="{split}", streaming=True)      # .with_format("numpy" or "torch") for maps
for sample in data: sample["png"], sample["json"]""",
    "NVIDIA energon": """
from megatron import energon

class Task(energon.DefaultTaskEncoder):
    cookers = [energon.Cooker(energon.stateless(lambda sample: sample))]
    decoder = energon.SampleDecoder(image_decode="l8")
    def batch(self, samples): return samples

config = energon.WorkerConfig(rank=0, world_size=1, num_workers=0)
data = energon.get_val_dataset(".", split_part="{split}", batch_size=2, worker_config=config, task_encoder=Task())
for batch in energon.get_loader(data): batch[0]["png"], batch[0]["json"]""",
    "Ray Data": """
import ray
data = ray.data.read_webdataset("{split}", file_extensions=["tar"])       # else it reads *.idx as tars
for sample in data.take(2): sample["png"], sample["json"]""",
    "DALI": """
from nvidia.dali import fn, pipeline_def

@pipeline_def(batch_size=1, num_threads=1, device_id=None)
def read():
    paths = dict(paths=["{split}/{first}.tar"], index_paths=["{split}/{first}.idx"])
    png, json = fn.readers.webdataset(ext=["png", "json"], **paths)
    return fn.decoders.image(png), json

image, json = read().run()""",
    "Croissant": """
import mlcroissant
for record in mlcroissant.Dataset("croissant.json").records("image-records"): record""",
    "RF-DETR (pip install 'rfdetr[train,data]')": """
from rfdetr import RFDETRNano
RFDETRNano(num_classes={classes}).train(dataset_file="webdataset", dataset_dir=".")""",
}
_TABLES = """
from pyarrow import compute as pc, parquet
sharp = (pc.field("module_px_min") > 1.5) & (pc.field("incidence_deg") < 45)
parquet.read_table("{codes}", filters=sharp)["key"]"""


def examples(identity: Identity, facts: Facts, tabled: bool) -> Iterator[str]:
    """Yield the lines of the section, with names that are in the directory."""
    split = next(iter(facts.splits), "train")
    last = facts.shards.get(split, 1) - 1
    names = {
        "split": split,
        "classes": len(SYMBOLOGIES),
        "identity": identity.sha256[:12],
        "first": f"{split}-000000",
        "shards": f"{split}-{{000000..{last:06d}}}.tar",
    }
    yield from ("## How to load it", "", "From this directory:", "")
    for loader, code in _EXAMPLES.items():
        yield from (f"{loader}:", "", "```python", code.strip().format(**names), "```", "")
    if tabled:
        code = _TABLES.strip().format(codes=parquet.CODES)
        yield from (f"Filtering (`{parquet.SAMPLES}`, `{parquet.CODES}`):", "", "```python", code, "```", "")
