"""What lies beside the shards for other loaders; the loaders themselves open it in tests_data/test_loaders.py."""

import doctest
import hashlib
import io
import json
import struct
import tarfile
from itertools import chain
from pathlib import Path

import fake_renderer
import pyarrow.compute as pc
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from synthgen.barcodes.symbologies import SYMBOLOGIES
from synthgen.dataset import reader, sample, sidecars, stores
from synthgen.dataset.sidecars import card, energon, facts, fields, front_matter, licence, long_json
from synthgen.dataset.sidecars import parquet as tables
from synthgen.errors import DatasetError
from synthgen.generation import driver
from synthgen.recipe.model import DatasetPart

WRITTEN = {
    "README.md", "LICENSE", "croissant.json", "samples.parquet", "codes.parquet", "train-index.json", "val-index.json",
    "train.wids.json", "val.wids.json", ".nv-meta/dataset.yaml", ".nv-meta/split.yaml", ".nv-meta/.info.json",
}  # fmt: skip


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data set of 24 shots, two samples each, in which every shot of the shard train-000001 has failed."""
    folder = tmp_path_factory.mktemp("sidecars") / "out"
    driver.run(fake_renderer.order(shots=24, infeasible=(4, 5, 6, 7)), folder)
    return folder


@pytest.fixture(scope="module")
def found(out: Path) -> reader.Dataset:
    return reader.open_dataset(str(out))


def _again(found: reader.Dataset, store: stores.Store, notes: list[str] | None = None) -> None:
    """Write the sidecars of a data set, from its rows, into a store that has a copy of the rows."""
    recipe = found.store.read("recipe.resolved.yaml").decode()
    sidecars.write(store, found.identity, found.entries, recipe, (notes if notes is not None else []).append)


def _copy_of_the_rows(out: Path, folder: Path) -> stores.Store:
    store = stores.at(str(folder))
    for path in (out / ".index").iterdir():
        store.write(f".index/{path.name}", path.read_bytes())
    return store


def _joined(rows: list[list[float]]) -> list[float]:
    return list(chain.from_iterable(rows))


def _visible(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


# One shard


def test_shard_indexes_say_where_tarfile_finds_the_members(out):
    tar_path = out / "train/train-000000.tar"
    with tarfile.open(tar_path) as tar:
        members = tar.getmembers()
    starts = [info.offset for info in members if info.name.endswith(".depth.npy")]
    end = members[-1].offset_data + -(-members[-1].size // 512) * 512
    data = tar_path.with_suffix(".tar.idx").read_bytes()
    assert struct.unpack(f"<{len(starts) + 1}Q", data) == (*starts, end)
    head, *lines = tar_path.with_suffix(".idx").read_text().splitlines()
    assert head == f"v1.2 {len(starts)}"
    told = [tuple(line.split()[i : i + 4]) for line in lines for i in range(0, len(line.split()), 4)]
    assert told == [(i.name.partition(".")[2], str(i.offset_data), str(i.size), i.name) for i in members]


# Long JSON and YAML

_plain = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(min_size=1), _plain), st.lists(_plain), st.dictionaries(st.text(min_size=1), _plain))
@settings(max_examples=50, deadline=None)
def test_long_json_is_the_json_of_the_whole(members, values, pairs):
    file = io.BytesIO()
    inner = {"kept": 1, "list": long_json.Array(iter(values))}
    long = {"array": long_json.Array(iter(values)), "object": long_json.Object(pairs.items()), "inner": inner}
    long_json.write(file, {**members, **long})
    expected = {**members, "array": values, "object": pairs, "inner": {"kept": 1, "list": values}}
    assert json.loads(file.getvalue()) == expected


_names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1) | st.sampled_from(
    ["yes", "off", "null", "1e5", "0x1f", "a: b", "- a", "#", "n<1K", "y", "~", "12:30", "a b"]
)


@given(
    st.recursive(
        st.booleans() | st.integers() | st.text(st.characters(codec="ascii", exclude_categories=["C"])) | _names,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3),
        max_leaves=12,
    )
)
@settings(max_examples=150, deadline=None)
def test_front_matter_reads_back_as_it_was(value):
    assert yaml.safe_load(front_matter.yaml({"value": value})) == {"value": value}


# The table of fields


def test_a_samples_json_has_the_fields_of_the_table_and_no_other(found):
    def names(values, described):
        assert set(values) <= {field.name for field in described}
        for field in described:
            if field.name in values and field.parts:
                inner = values[field.name]
                for one in inner if field.shape else [inner]:
                    names(one, field.parts)

    for row in found.rows():
        names(row.record, fields.RECORD)
        assert set(row.record) == {field.name for field in fields.RECORD}
        for code in row.record["annotations"]:
            assert set(code) == {field.name for field in fields.CODE}


def test_every_map_that_a_sample_may_have_is_described():
    kinds = {name: sample.ARRAY_TYPES[name].name for name in sample.ARRAY_TYPES}
    assert {name: field.type for name, field in fields.MAPS.items()} == kinds
    assert {field.name for field in fields.MAPS.values()} == {f"{name}.npy" for name in kinds}


def test_shapes_follow_from_sizes():
    assert facts.shape("raw.npy", 128 + 2 * 3 * 8 * 6, (8, 6)) == (8, 6, 3)
    assert facts.shape("instances.npy", 128 + 4 * 8 * 6, (8, 6)) == (8, 6)
    assert facts.shape("depth.npy", 1000, (0, 0)) == ()


def test_maps_of_one_shape_are_arrays_and_others_lists():
    one, many = (
        {field["name"]: field for field in front_matter.features({"depth.npy", "normals.npy"}, shapes)}
        for shapes in ({"depth.npy": (24, 32), "normals.npy": (24, 32, 3)}, {})
    )
    assert one["depth.npy"]["dtype"] == {"array2_d": {"shape": [24, 32], "dtype": "float32"}}
    assert one["normals.npy"]["dtype"] == {"array3_d": {"shape": [24, 32, 3], "dtype": "float32"}}
    assert many["depth.npy"] == {"name": "depth.npy", "list": {"list": "float32"}}
    assert many["normals.npy"] == {"name": "normals.npy", "list": {"list": {"list": "float32"}}}


# The whole directory


def test_everything_is_written_and_nothing_half(out):
    names = _visible(out)
    assert names >= WRITTEN
    assert not [name for name in names if ".tmp-" in name]


def test_the_card_is_what_hugging_face_reads(out, found):
    _, head, text = (out / "README.md").read_text().split("---\n", 2)
    given_ = yaml.safe_load(head)
    assert given_["license"] == "unknown"
    assert given_["configs"][0]["data_files"] == [
        {"split": "train", "path": "train/*.tar"},
        {"split": "val", "path": "val/*.tar"},
    ]
    info = given_["dataset_info"]
    assert {split["name"]: split["num_examples"] for split in info["splits"]} == found.splits
    assert {field["name"] for field in info["features"]} == {
        "png", "json", "shot.json", "depth.npy", "__key__", "__url__",
    }  # fmt: skip
    assert all(split["num_bytes"] > 0 for split in info["splits"])
    for word in (found.identity.recipe_sha256, found.identity.code_version, "Eye safety", "## Known limits"):
        assert word in text


def test_lists_of_shards_count_what_the_manifest_counts_and_leave_out_the_empty(out, found):
    for split, count in found.splits.items():
        shards = [entry for entry in found.entries(split) if entry.samples]
        wids = json.loads((out / f"{split}.wids.json").read_bytes())
        assert [(shard["url"], shard["nsamples"]) for shard in wids["shardlist"]] == [
            (entry.name, entry.samples) for entry in shards
        ]
        detr = json.loads((out / f"{split}-index.json").read_bytes())
        assert (detr["split"], detr["num_samples"]) == (split, count)
        assert detr["samples_per_shard"] == [entry.samples for entry in shards]
        codes = [code for row in found.rows(split) for code in row.record["annotations"]]
        assert detr["annotated_category_ids"] == sorted({code["category_id"] for code in codes})
        assert [category["name"] for category in detr["categories"]] == list(SYMBOLOGIES)
    info = json.loads((out / ".nv-meta/.info.json").read_bytes())
    assert info["shard_counts"] == {entry.name: entry.samples for entry in found.entries() if entry.samples}
    meta = yaml.safe_load((out / ".nv-meta/split.yaml").read_text())
    assert meta["exclude"] == ["train/train-000001.tar"]
    assert len(json.loads((out / "train.wids.json").read_bytes())["shardlist"]) == 4


def test_energon_names_every_shard_by_braces():
    given_ = yaml.safe_load(energon.splits({"train": 12, "val": 1}, []))
    assert given_ == {
        "split_parts": {"train": ["train/train-{000000..000011}.tar"], "val": ["val/val-{000000..000000}.tar"]},
        "exclude": [],
    }


def test_croissant_has_the_hash_of_every_file_that_it_lists(out):
    listed = json.loads((out / "croissant.json").read_bytes())["distribution"]
    hashes = {part["@id"]: part["sha256"] for part in listed if part["@type"] == "cr:FileObject"}
    assert len(hashes) == 7  # five shards with samples, two tables
    for name, sha256 in hashes.items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == sha256
    assert [part["containedIn"] for part in listed if part["@type"] == "cr:FileSet"] == [
        [{"@id": name} for name in hashes if name.endswith(".tar")]
    ]


# Tables


def test_samples_parquet_has_a_row_a_sample(out, found):
    read = parquet.read_table(out / tables.SAMPLES)
    assert read.schema.names == [column.name for column in tables.COLUMNS[tables.SAMPLES]]
    for got, row in zip(read.to_pylist(), found.rows(), strict=True):
        record, sizes = row.record, [code["module_px_min"] for code in row.record["annotations"]]
        assert (got["key"], got["offset"], got["bytes"], got["sha256"]) == (row.key, row.offset, row.bytes, row.sha256)
        assert (got["camera"], got["shot_index"], got["split"]) == (
            record["camera"]["name"], record["shot_index"], record["split"],
        )  # fmt: skip
        assert got["camera_world_from_camera"] == _joined(record["camera"]["world_from_camera"])
        assert (got["exposure_s"], got["exposure_gain_dn_e"]) == (record["exposure"]["exposure_s"], None)
        assert (got["safety_edition"], got["safety_at"]) == (record["safety"]["edition"], record["safety"]["at"])
        assert (got["codes"], got["module_px_most"]) == (len(sizes), max(sizes, default=None))


def test_codes_parquet_has_every_value_of_every_annotation(out, found):
    codes = [(row.key, code) for row in found.rows() for code in row.record["annotations"]]
    rows = parquet.read_table(out / tables.CODES).to_pylist()
    for got, (key, code) in zip(rows, codes, strict=True):
        assert got["key"] == key
        assert got["quad_px"] == _joined(code["quad_px"])
        assert [got["quad_visible_px"]] == code["segmentation"]
        flat = {name: value for name, value in code.items() if not isinstance(value, list)}
        assert {name: got[name] for name in flat} == flat
        assert set(code) - set(got) == {"segmentation"}


def test_a_filter_finds_the_codes_that_python_finds(out, found):
    condition = (pc.field("module_px_min") > 1.5) & (pc.field("incidence_deg") < 45)
    got = parquet.read_table(out / tables.CODES, filters=condition)["id"].to_pylist()
    codes = [code for row in found.rows() for code in row.record["annotations"]]
    wanted = [c["id"] for c in codes if c["module_px_min"] > 1.5 and c["incidence_deg"] < 45]
    assert got == wanted and 0 < len(got) < len(codes)


def test_tables_are_written_in_groups_of_rows(out, found, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "ROWS", 6)
    monkeypatch.setattr(tables, "_LOOSE", 3)
    store = _copy_of_the_rows(out, tmp_path)
    _again(found, store)
    written = parquet.ParquetFile(tmp_path / tables.SAMPLES)
    assert written.metadata.num_row_groups == -(-sum(found.splits.values()) // 6)
    assert written.read() == parquet.read_table(out / tables.SAMPLES)


# Whatever happens


def test_the_same_data_set_gives_the_same_bytes(out, found, tmp_path):
    store = _copy_of_the_rows(out, tmp_path)
    _again(found, store)
    for name in WRITTEN:
        assert (tmp_path / name).read_bytes() == (out / name).read_bytes(), name


def test_a_damaged_row_ends_it_before_anything_is_in_place(out, found, tmp_path):
    store = _copy_of_the_rows(out, tmp_path)
    (tmp_path / ".index/val-000000.jsonl.gz").write_bytes(b"damaged")
    before = _visible(tmp_path)
    with pytest.raises(DatasetError, match="val-000000"):
        _again(found, store)
    assert _visible(tmp_path) == before


def test_without_pyarrow_all_but_the_tables_is_written_and_a_note_says_what_is_missing(
    out, found, tmp_path, monkeypatch
):
    monkeypatch.setattr(tables, "installed", lambda: False)
    store, notes = _copy_of_the_rows(out, tmp_path), []
    _again(found, store, notes)
    assert _visible(tmp_path) & WRITTEN == WRITTEN - {tables.SAMPLES, tables.CODES}
    assert len(notes) == 1 and "pip install 'synthgen[data]'" in notes[0]
    assert "codes.parquet" not in (tmp_path / "README.md").read_text() + (tmp_path / "croissant.json").read_text()


def test_a_table_that_was_there_before_pyarrow_went_is_not_left_to_lie(out, found, tmp_path, monkeypatch):
    store = _copy_of_the_rows(out, tmp_path)
    _again(found, store)
    monkeypatch.setattr(tables, "installed", lambda: False)
    _again(found, store)
    assert not (tmp_path / tables.CODES).exists()


# Licence and names


def test_the_licence_lists_the_assets_that_a_recipe_brings():
    recipe = json.dumps({"scene": {"usd": "plant.usdc", "clutter": {"usd": ["b.usd", "a.usda"]}}, "x": ["b.usd", 3]})
    assert licence.assets(recipe) == ["a.usda", "b.usd", "plant.usdc"]
    text = licence.text(recipe).decode()
    assert "\n  plant.usdc" in text
    assert "names none" in licence.text("not JSON").decode()


@pytest.mark.parametrize(
    ("written", "name", "hub", "croissant"),
    [
        (None, "not stated", {"license": "unknown"}, "not stated"),
        ("CC0-1.0", "CC0-1.0", {"license": "cc0-1.0"}, "https://spdx.org/licenses/CC0-1.0.html"),
        ("cc-by-4.0", "CC-BY-4.0", {"license": "cc-by-4.0"}, "https://spdx.org/licenses/CC-BY-4.0.html"),
        ("ODbL-1.0", "ODbL-1.0", {"license": "odbl"}, "https://spdx.org/licenses/ODbL-1.0.html"),
        (
            "ACME: internal use only",
            "ACME: internal use only",
            {"license": "other", "license_name": "acme-internal-use-only", "license_link": "LICENSE"},
            "ACME: internal use only",
        ),
    ],
)
def test_every_description_states_the_licence_of_the_recipe_and_no_other(
    out, found, tmp_path, written, name, hub, croissant
):
    section = {} if written is None else {"licence": written}
    recipe = json.dumps({"version": 1, "dataset": section})
    sidecars.write(_copy_of_the_rows(out, tmp_path), found.identity, found.entries, recipe)
    _, head, text = (tmp_path / "README.md").read_text().split("---\n", 2)
    given_ = yaml.safe_load(head)
    assert {key: given_[key] for key in given_ if key.startswith("license")} == hub
    assert f"Licence of the rest: {name}, see `LICENSE`." in text
    assert json.loads((tmp_path / "croissant.json").read_bytes())["license"] == croissant
    legal = (tmp_path / "LICENSE").read_text()
    assert f"Licence: {name}." in legal and ("`licence:` under `dataset:`" in legal) == (written is None)
    assert legal.startswith(f"SPDX-License-Identifier: {name}\n") == croissant.startswith("https")
    for other in {"CC0", "cc0-1.0", "waives"} if name != "CC0-1.0" else {"waives"}:
        assert not [path for path in _visible(tmp_path) if other.encode() in (tmp_path / path).read_bytes()]


def test_the_recipe_and_the_descriptions_agree_on_what_is_not_stated():
    assert DatasetPart().licence == licence.NOT_STATED


def test_hub_names_are_what_the_hub_takes():
    names = [licence.of(json.dumps({"dataset": {"licence": text}})).hub for text in ("Ünsere Lizenz", "--", "A  b.1")]
    assert [name["license_name"] for name in names] == ["nsere-lizenz", "own", "a-b.1"]


def test_examples_in_docstrings_hold():
    failed, tried = doctest.testmod(licence)
    assert tried and not failed


def test_the_title_tells_scene_size_and_seed(found):
    counted = facts.Facts(splits={"train": facts.Split(samples=3)})
    recipe = '{"scene": {"warehouse": "scan_tunnel"}}'
    assert card.title(found.identity, counted, recipe) == "synthgen scan tunnel, 3 samples, seed 0"
    assert card.title(found.identity, counted, "version: 1\n") == "synthgen scene, 3 samples, seed 0"
