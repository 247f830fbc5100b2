"""Identity, manifest and the checks of a finished folder."""

import json
from pathlib import Path

import pytest

from synthgen import manifest, shards
from synthgen.errors import DatasetError, InputError


def _identity(**changes) -> manifest.Identity:
    parts = {"recipe_sha256": "0" * 64, "seed": 0, "splits": {"val": 2, "train": 6}, "samples_per_shard": 2}
    return manifest.Identity(**{**parts, "code_version": "test", **changes})


def _receipt(name: str, samples: int = 4, failed=None) -> shards.Receipt:
    keys = tuple(f"key{i}" for i in range(samples))
    return shards.Receipt(
        name=name, bytes=10, sha256=name, content_sha256=name, shots=2, samples=samples, keys=keys, failed=failed or {}
    )


def test_the_manifest_does_not_depend_on_the_order_of_receipts(tmp_path):
    identity = _identity()
    receipts = [_receipt(shard.name) for shard in identity.shards]
    first = manifest.publish(tmp_path, identity, receipts)
    assert manifest.publish(tmp_path, identity, receipts[::-1]) == first


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
        "content_sha256", "counts", "eye_safety", "shards", "split_counts",
    }  # fmt: skip


@pytest.mark.parametrize(
    "changes", [{"seed": 1}, {"recipe_sha256": "1" * 64}, {"splits": {"train": 8}}, {"code_version": "other"}]
)
def test_the_identity_sees_everything_that_data_follow_from(changes):
    assert _identity(**changes).sha256 != _identity().sha256
    assert _identity().sha256 == _identity(splits={"train": 6, "val": 2}).sha256


def test_identities_survive_their_file(tmp_path):
    from dataclasses import asdict

    from synthgen import outputs

    outputs.claim(tmp_path, asdict(_identity()))
    assert manifest.Identity.of(tmp_path) == _identity()
    assert manifest.Identity.of(tmp_path).shards == _identity().shards


def test_a_folder_without_a_data_set_is_named(tmp_path):
    with pytest.raises(DatasetError, match="no synthgen data set"):
        manifest.finalize(tmp_path)


def test_another_version_of_the_format_is_refused(tmp_path):
    (tmp_path / ".synthgen.json").write_text('{"version": 99, "code_version": "9.9"}')
    with pytest.raises(DatasetError, match=r"9\.9"):
        manifest.Identity.of(tmp_path)


def test_nothing_to_make_is_refused():
    with pytest.raises(InputError, match="one or more"):
        manifest.identify("", 0, {"train": 0}, 8)


def test_the_code_version_is_the_same_from_a_checkout_and_from_a_wheel(tmp_path, monkeypatch):
    """A wheel has the shelves inside the package."""

    def version_of(package: Path, shelves: Path) -> str:
        monkeypatch.setattr(manifest, "__file__", str(package / "manifest.py"))
        monkeypatch.setattr(manifest.share, "path", lambda name: shelves / name)
        manifest.code_version.cache_clear()
        return manifest.code_version()

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
        manifest.code_version.cache_clear()
