"""Identity, manifest and the checks of a finished folder."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from synthgen.dataset import identity, identity_file, manifest, stores
from synthgen.dataset.identity import Identity
from synthgen.dataset.receipts import Receipt
from synthgen.errors import DatasetError, InputError


def _identity(**changes) -> Identity:
    parts = {"recipe_sha256": "0" * 64, "seed": 0, "splits": {"val": 2, "train": 6}, "samples_per_shard": 2}
    return Identity(**{**parts, "code_version": "test", **changes})


def _receipt(name: str, samples: int = 4, failed=None, sha256: str = "") -> Receipt:
    return Receipt(
        name=name,
        bytes=10,
        sha256=sha256 or name,
        content_sha256=name,
        shots=2,
        samples=samples,
        first_key="key0",
        last_key=f"key{samples - 1}",
        failed=failed or {},
    )


def test_the_manifest_counts_shards_shots_samples_and_failures():
    identity = _identity(splits={"train": 4})
    names = [shard.name for shard in identity.shards]
    data = json.loads(manifest.build(identity, [_receipt(names[0]), _receipt(names[1], 2, {3: {"camera_inside": 20}})]))
    assert data["counts"] == {"shards": 2, "shots": 4, "samples": 6, "bytes": 20, "failed_shots": 1}
    assert data["shards"][1]["failed"] == {"3": {"camera_inside": 20}}
    assert (data["shards"][0]["first_key"], data["shards"][0]["last_key"]) == ("key0", "key3")


def test_the_manifest_names_no_host_no_time_and_no_folder():
    identity = _identity()
    data = json.loads(manifest.build(identity, [_receipt(shard.name) for shard in identity.shards]))
    assert set(data) == {
        "version", "recipe_sha256", "seed", "splits", "samples_per_shard", "code_version",
        "content_sha256", "counts", "eye_safety", "parts", "shards", "split_counts",
    }  # fmt: skip


@pytest.mark.parametrize("count", [3, 4, 5, 8, 9, 10])
def test_a_long_manifest_comes_in_parts_and_reads_the_same(tmp_path, monkeypatch, count):
    monkeypatch.setattr(manifest, "PART", 4)
    identity, store = _identity(splits={"train": 2 * count}), stores.at(str(tmp_path))
    data = json.loads(manifest.build(identity, (_receipt(shard.name) for shard in identity.shards), store.write))
    assert [entry.name for entry in manifest.entries(store, data)] == [shard.name for shard in identity.shards]
    assert sum(part["shards"] for part in data["parts"]) + len(data["shards"]) == count
    assert bool(data["parts"]) == (count > 4)
    assert all(part["shards"] <= 4 for part in data["parts"])
    assert data["counts"]["shards"] == count


def test_a_damaged_part_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(manifest, "PART", 2)
    identity, store = _identity(), stores.at(str(tmp_path))
    data = json.loads(manifest.build(identity, (_receipt(shard.name) for shard in identity.shards), store.write))
    path = tmp_path / data["parts"][1]["name"]
    path.write_bytes(path.read_bytes().replace(b"key3", b"key4"))
    with pytest.raises(DatasetError, match=r"part-000001\.json: damaged; run `synthgen finalize"):
        list(manifest.entries(store, data))


@pytest.mark.parametrize(
    "changes", [{"seed": 1}, {"recipe_sha256": "1" * 64}, {"splits": {"train": 8}}, {"code_version": "other"}]
)
def test_the_identity_sees_everything_that_data_follow_from(changes):
    assert _identity(**changes).sha256 != _identity().sha256
    assert _identity().sha256 == _identity(splits={"train": 6, "val": 2}).sha256


def test_identities_survive_their_file(tmp_path):
    store = stores.at(str(tmp_path))
    identity_file.claim(store, asdict(_identity()))
    assert Identity.of(store) == _identity()
    assert list(Identity.of(store).shards) == list(_identity().shards)


def test_a_folder_without_a_data_set_is_named(tmp_path):
    with pytest.raises(DatasetError, match="no synthgen data set"):
        manifest.finalize(stores.at(str(tmp_path)))


def test_another_version_of_the_format_is_refused(tmp_path):
    (tmp_path / ".synthgen.json").write_text('{"version": 99, "code_version": "9.9"}')
    with pytest.raises(DatasetError, match=r"9\.9"):
        Identity.of(stores.at(str(tmp_path)))


def test_nothing_to_make_is_refused():
    with pytest.raises(InputError, match="one or more"):
        identity.identify("", 0, {"train": 0}, 8)


def test_the_code_version_is_the_same_from_a_checkout_and_from_a_wheel(tmp_path, monkeypatch):
    """A wheel has the shelves inside the package."""

    def version_of(package: Path, shelves: Path) -> str:
        monkeypatch.setattr(identity.shelves, "PACKAGE", package)
        monkeypatch.setattr(identity.shelves, "path", lambda name: shelves / name)
        identity.code_version.cache_clear()
        return identity.code_version()

    for root in (tmp_path / "checkout", tmp_path / "wheel"):
        inner = root / "synthgen"
        shelves = root if root.name == "checkout" else inner
        for path, text in {
            inner / "a.py": "a",
            shelves / "randomizers/b.py": "b",
            shelves / "recipes/c.yaml": "c",
        }.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    try:
        checkout = version_of(tmp_path / "checkout/synthgen", tmp_path / "checkout")
        assert checkout == version_of(tmp_path / "wheel/synthgen", tmp_path / "wheel/synthgen")
        (tmp_path / "wheel/synthgen/a.py").write_text("changed")
        assert checkout != version_of(tmp_path / "wheel/synthgen", tmp_path / "wheel/synthgen")
    finally:
        identity.code_version.cache_clear()
