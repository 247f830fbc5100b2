"""The loader on finished data sets: what it gives, in which order, what it reads for it, and what it refuses."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import torch
from loader_data import Reads, keys, made, made_by, reads, rows, same, served, two_sizes

from synthgen.dataset import reader
from synthgen.dataset import sample as samples
from synthgen.errors import DatasetError, InputError, SynthgenError, UsageError
from synthgen.loader import Batch, Loader, Sample
from synthgen.loader.cache import Cache

__all__ = ["reads"]  # a fixture

FILTER = "module_px_min > 1.5 and incidence_deg < 45"
OPTIONS = {"batch_size": 5, "window": 3, "seed": 7}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a data set of 24 shots in train, two samples each, in 6 shards."""
    return made(tmp_path_factory.mktemp("loader") / "data")


@pytest.mark.parametrize("workers", [0, 2])
def test_a_batch_is_what_the_data_set_holds(url: str, workers: int) -> None:
    found = reader.open_dataset(url)
    seen = []
    for batch in Loader(url, fields=("image", "depth", "record"), workers=workers, **OPTIONS):
        assert batch.image.dtype == torch.uint8 and batch.image.shape[1:] == (1, 24, 32)
        for i, key in enumerate(batch.keys):
            row, members = found.sample(key)
            assert np.array_equal(batch.image[i, 0].numpy(), samples.decoded("png", members["png"]))
            assert np.array_equal(batch.maps["depth"][i].numpy(), samples.decoded("depth.npy", members["depth.npy"]))
            assert batch.records[i] == row.record
            codes, target = row.record["annotations"], batch.targets[i]
            assert len(target) == len(codes) == int((batch.sample_of_code == i).sum())
            assert target.payload == [code["payload"] for code in codes]
            for n, code in enumerate(codes):
                left, top, width, height = code["bbox"]
                assert target.boxes[n].tolist() == pytest.approx([left, top, left + width, top + height], rel=1e-6)
                assert target.quads[n].flatten().tolist() == pytest.approx(np.ravel(code["quad_px"]).tolist(), rel=1e-6)
                assert target.labels[n] == code["category_id"]
                assert target.module_px_min[n] == pytest.approx(code["module_px_min"], rel=1e-6)
                assert bool(target.decoded[n]) is code["decoded"]
                assert target.symbology[n] == code["symbology"]
            seen.append(key)
    assert sorted(seen) == sorted(rows(url))


def test_the_order_is_the_same_on_every_start_and_for_any_workers(url: str) -> None:
    loader = Loader(url, workers=2, **OPTIONS)
    epochs = [keys(loader), keys(loader)]
    assert epochs[0] != epochs[1] and loader.epoch == 2 and len(epochs[0]) == len(loader)
    again = Loader(url, workers=0, **OPTIONS)
    assert [keys(again), keys(again)] == epochs
    again.set_epoch(1)
    assert keys(again) == epochs[1]
    script = (
        "import json, sys; from synthgen.loader import Loader\n"
        f"print(json.dumps([list(b.keys) for b in Loader({url!r}, workers=1, batch_size=5, window=3, seed=7)]))"
    )
    fresh = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert json.loads(fresh.stdout) == epochs[0]


def test_an_epoch_draws_nothing_from_the_job(url: str) -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    keys(Loader(url, workers=2, **OPTIONS))
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize("workers", [0, 2])
def test_two_nodes_see_each_sample_once(url: str, workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    seen = []
    for rank in ("0", "1"):
        monkeypatch.setenv("RANK", rank)
        seen.append(keys(Loader(url, workers=workers, **OPTIONS)))
    assert len(seen[0]) == len(seen[1])
    assert sorted(key for own in seen for batch in own for key in batch) == sorted(rows(url))


def test_more_ranks_and_workers_than_shards_share_too(url: str) -> None:
    own = [keys(Loader(url, workers=2, rank=r, world_size=9, even="keep", **OPTIONS)) for r in range(9)]
    assert sorted(key for batches in own for batch in batches for key in batch) == sorted(rows(url))
    repeated = [keys(Loader(url, workers=0, rank=r, world_size=9, **OPTIONS)) for r in range(9)]
    assert {sum(map(len, batches)) for batches in repeated} == {6}  # ceil(48 / 9)


def test_the_layout_of_torch_distributed_is_used(url: str, tmp_path: Path) -> None:
    store = torch.distributed.FileStore(str(tmp_path / "rendezvous"), 1)
    torch.distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        assert Loader(url).state_dict()["world_size"] == 1
    finally:
        torch.distributed.destroy_process_group()


@pytest.mark.parametrize(("workers", "resumed_with"), [(0, 2), (2, 0), (2, 1)])
def test_stopped_anywhere_and_restored_the_rest_is_the_same(
    url: str, reads: Reads, workers: int, resumed_with: int
) -> None:
    given = {**OPTIONS, "fields": ("image", "depth"), "rank": 1, "world_size": 2, "filter": "id >= 0"}
    whole = list(Loader(url, workers=0, **given))
    dice = random.Random(workers * 10 + resumed_with)
    for stop in dice.sample(range(1, len(whole)), 2):
        first = Loader(url, workers=workers, **given)
        for number, _ in enumerate(first, 1):
            if number == stop:
                break
        state = json.loads(json.dumps(first.state_dict()))
        assert len(json.dumps(state)) < 1000
        second = Loader(url, workers=resumed_with, **given)
        second.load_state_dict(state)
        second.set_epoch(state["epoch"])
        reads.forget()
        rest = list(second)
        assert len(rest) == len(whole) - stop
        assert all(same(a, b) for a, b in zip(rest, whole[stop:], strict=True))
        left = {key for batch in rest for key in batch.keys}
        assert reads.bytes() == sum(row.bytes for key, row in rows(url).items() if key in left)
        assert keys(second) == keys_of_epoch(url, 1, **given)


def keys_of_epoch(url: str, epoch: int, **given: object) -> list[list[str]]:
    loader = Loader(url, workers=0, **given)
    loader.set_epoch(epoch)
    return keys(loader)


def test_resuming_works_in_a_fresh_process(url: str) -> None:
    loader = Loader(url, workers=2, **OPTIONS)
    whole = keys(loader)
    stopped = Loader(url, workers=2, **OPTIONS)
    batches = iter(stopped)
    for _ in range(4):
        next(batches)
    script = (
        "import json, sys; from synthgen.loader import Loader\n"
        f"loader = Loader({url!r}, workers=1, batch_size=5, window=3, seed=7)\n"
        f"loader.load_state_dict(json.loads({json.dumps(stopped.state_dict())!r}))\n"
        "print(json.dumps([list(b.keys) for b in loader]))"
    )
    fresh = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert json.loads(fresh.stdout) == whole[4:]


@pytest.mark.parametrize(
    "other", [{"seed": 8}, {"batch_size": 6}, {"world_size": 2, "rank": 0}, {"filter": "id > 0"}, {"split": "val"}]
)
def test_a_state_of_another_job_is_refused(url: str, other: dict) -> None:
    state = Loader(url, **OPTIONS).state_dict()
    with pytest.raises(InputError, match=next(iter(other))):
        Loader(url, **{**OPTIONS, **other}).load_state_dict(state)


def test_a_state_of_another_data_set_is_refused(url: str, tmp_path: Path) -> None:
    other = made(tmp_path / "other", seed=1)
    with pytest.raises(InputError, match="dataset"):
        Loader(other, **OPTIONS).load_state_dict(Loader(url, **OPTIONS).state_dict())


@pytest.mark.parametrize("workers", [0, 2])
def test_what_a_filter_drops_is_not_read(url: str, reads: Reads, workers: int) -> None:
    def passes(code: dict) -> bool:
        return code["module_px_min"] > 1.5 and code["incidence_deg"] < 45

    wanted = {key: row for key, row in rows(url).items() if any(map(passes, row.record["annotations"]))}
    loader = Loader(url, filter=FILTER, workers=workers, **OPTIONS)
    reads.forget()
    assert sorted(key for batch in keys(loader) for key in batch) == sorted(wanted)
    assert loader.samples == len(wanted) < len(rows(url))
    assert reads.bytes() == sum(row.bytes for row in wanted.values())


def test_the_first_samples_can_be_had_alone(url: str, reads: Reads) -> None:
    wanted = sorted(rows(url))[:13]
    loader = Loader(url, first=13, workers=0, **OPTIONS)
    reads.forget()
    assert sorted(key for batch in keys(loader) for key in batch) == wanted
    assert reads.bytes() == sum(row.bytes for key, row in rows(url).items() if key in wanted)
    assert Loader(url, first=10_000, workers=0, filter=FILTER).samples == Loader(url, filter=FILTER).samples
    filtered = Loader(url, first=3, filter=FILTER, shuffle=False, workers=0)
    kept = Loader(url, filter=FILTER, shuffle=False, workers=0)
    assert [*chain(*keys(filtered))] == [*chain(*keys(kept))][:3]


def test_neighbours_are_read_at_once(url: str, reads: Reads) -> None:
    keys(Loader(url, shuffle=False, batch_size=8, workers=0))
    assert len(reads.tars()) == 6  # a shard holds 8


def test_nothing_damaged_reaches_a_batch(tmp_path: Path) -> None:
    url = made(tmp_path / "data", shots=4, per_shard=2)
    options = {"batch_size": 2, "workers": 0, "fields": ("image", "depth"), "shuffle": False}
    whole = list(Loader(url, filter="id >= 0", **options))
    dice = np.random.Generator(np.random.Philox(5))
    caught, files = 0, sorted(path for path in Path(url).rglob("*") if path.is_file())
    for path in files:
        data = path.read_bytes()
        for at in dice.integers(0, len(data), min(len(data), 150)) if data else ():
            flipped = bytearray(data)
            flipped[at] ^= 1 << int(dice.integers(8))
            path.write_bytes(flipped)
            caught += unharmed(url, whole, filter="id >= 0", **options)
        path.write_bytes(data)
    assert caught > 400
    for path in sorted(Path(url).glob("train/*.tar")):
        data = path.read_bytes()
        for cut in range(0, len(data), 512):  # each member's boundary is one of these
            path.write_bytes(data[:cut])
            unharmed(url, whole, filter="id >= 0", **options)
            if cut < last_sample_ends(url, path):
                with pytest.raises(DatasetError, match=path.name):
                    list(Loader(url, **options))
        path.write_bytes(data)


def unharmed(url: str, whole: list[Batch], **options: object) -> bool:
    """Read a data set that may be damaged; return whether that was noticed."""
    try:
        found = list(Loader(url, **options))
    except (InputError, UsageError) as error:
        assert str(error)
        return True
    assert len(found) == len(whole) and all(same(a, b) for a, b in zip(found, whole, strict=True))
    return False


def last_sample_ends(url: str, path: Path) -> int:
    shard = f"train/{path.name}"
    entry = next(e for e in reader.open_dataset(url).entries() if e.name == shard)
    from synthgen.dataset import row_index

    return max(row.offset + row.bytes for row in row_index.rows(reader.open_dataset(url).store, entry))


@pytest.mark.parametrize("workers", [0, 2])
def test_damage_names_shard_key_and_remedy(tmp_path: Path, workers: int) -> None:
    url = made(tmp_path / "data", shots=8)
    path = tmp_path / "data/train/train-000000.tar"
    data = bytearray(path.read_bytes())
    row = rows(url)["train-00000001-top"]
    data[row.offset + row.bytes // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(DatasetError, match=r"train-000000\.tar.*train-00000001-top.*generate"):
        list(Loader(url, workers=workers))
    path.unlink()
    with pytest.raises(DatasetError, match=r"train-000000\.tar"):
        list(Loader(url, workers=workers))


def test_images_of_several_sizes_come_as_lists(tmp_path: Path) -> None:
    url = made_by(two_sizes, tmp_path / "data", 4)
    for workers in (0, 2):
        batch = next(iter(Loader(url, fields=("image", "depth"), shuffle=False, workers=workers)))
        assert [tuple(image.shape) for image in batch.image] == [(1, 24, 32), (3, 20, 32)] * 4
        assert [tuple(depth.shape) for depth in batch.maps["depth"]] == [(24, 32), (20, 32)] * 4
        assert [image.dtype for image in batch.to("cpu").images] == [torch.uint8] * 8
        assert len(batch.targets) == len(batch) == 8
    own = Loader(url, batch_size=8, workers=1, collate=by_key, fields=("image", "record"))
    assert set(next(iter(own))) == set(rows(url))


def by_key(found: list[Sample]) -> dict[str, int]:
    assert all(sample.record["width"] and sample.image is not None and not sample.maps for sample in found)
    return {sample.key: len(sample.codes) for sample in found}


@pytest.mark.parametrize(
    ("given", "error", "named"),
    [
        ({"fields": ("image", "dept")}, InputError, "depth"),
        ({"fields": "image"}, InputError, "tuple"),
        ({"split": "test"}, UsageError, "train, val"),
        ({"filter": "module > 1"}, InputError, "module_px_min"),
        ({"filter": "module_px_min > 1e9"}, InputError, "loosen"),
        ({"batch_size": 0}, InputError, "batch_size"),
        ({"rank": 2, "world_size": 2}, InputError, "rank"),
        ({"even": "some"}, InputError, "repeat"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_senseless_arguments_are_refused(url: str, given: dict, error: type, named: str) -> None:
    with pytest.raises(error, match=named):
        Loader(url, **given)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_map_that_the_data_set_lacks_is_named(url: str, workers: int) -> None:
    with pytest.raises(DatasetError, match="no irradiance, only depth"):
        next(iter(Loader(url, fields=("irradiance",), workers=workers)))


def test_no_data_set_or_an_unfinished_one_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(DatasetError):
        Loader(str(tmp_path))
    half = shutil.copytree(url, tmp_path / "half")
    (half / "manifest.json").unlink()
    with pytest.raises(DatasetError, match="not finished"):
        Loader(str(half))


def test_a_worker_that_dies_is_reported(url: str) -> None:
    with pytest.raises(SynthgenError, match="worker process died"):
        list(Loader(url, workers=1, collate=die))


def die(found: list[Sample]) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_over_http_as_from_the_folder(url: str, reads: Reads) -> None:
    given = {**OPTIONS, "fields": ("image", "depth"), "filter": FILTER}
    local = list(Loader(url, workers=0, **given))
    with served(Path(url)) as (web, _):
        for workers in (0, 2):
            reads.forget()
            remote = list(Loader(web, workers=workers, **given))
            assert len(remote) == len(local) and all(same(a, b) for a, b in zip(remote, local, strict=True))
            kept = {key for batch in local for key in batch.keys}
            assert reads.bytes() == sum(row.bytes for key, row in rows(url).items() if key in kept)
        loader = Loader(web, workers=2, **given)
        for _ in loader:  # an iterator that is left early ends its workers and requests
            break
        assert loader.state_dict()["batch"] == 1


def test_over_s3_as_from_the_folder(url: str, new_bucket_url) -> None:
    bucket = made(new_bucket_url())
    given = {**OPTIONS, "fields": ("image", "depth"), "filter": FILTER}
    local = list(Loader(url, workers=0, **given))
    for workers in (0, 2):
        remote = list(Loader(bucket, workers=workers, **given))
        assert len(remote) == len(local) and all(same(a, b) for a, b in zip(remote, local, strict=True))


def test_what_was_fetched_is_kept_within_bounds(url: str, reads: Reads, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    with served(Path(url)) as (web, _):
        expected = list(Loader(web, workers=0, **OPTIONS))
        for workers in (0, 2):
            list(Loader(web, workers=workers, cache=str(folder), **OPTIONS))
        reads.forget()
        again = list(Loader(web, workers=2, cache=str(folder), **OPTIONS))
        assert reads.bytes() == 0
        assert all(same(a, b) for a, b in zip(again, expected, strict=True))
        files = [path for path in folder.rglob("*") if path.is_file()]
        for path in files[:10]:  # damaged on this disk: fetched again
            path.write_bytes(path.read_bytes()[:-1])
        again = list(Loader(web, workers=2, cache=str(folder), **OPTIONS))
        assert all(same(a, b) for a, b in zip(again, expected, strict=True))
        assert len(reads.tars()) <= 10 and reads.bytes() > 0
        small = tmp_path / "small"
        list(Loader(web, workers=0, cache=str(small), cache_bytes=50_000, **OPTIONS))
        Cache(str(small), 50_000).sweep()
        assert 0 < sum(path.stat().st_size for path in small.rglob("*") if path.is_file()) <= 50_000
