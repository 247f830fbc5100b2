"""Stores that are claimed once, found again, and left alone when they are another's."""

import os
from pathlib import Path

import pytest

from synthgen.dataset import identity_file, stores
from synthgen.errors import InputError, OutputError

IDENTITY = {"seed": 0, "recipe_sha256": "aa"}


def _store(path: Path) -> stores.Store:
    return stores.at(str(path))


def test_a_folder_is_claimed_once_and_found_again(tmp_path):
    out = tmp_path / "new" / "deep"
    assert identity_file.claim(_store(out), IDENTITY) is False
    assert identity_file.claim(_store(out), IDENTITY) is True
    assert identity_file.claim(_store(out), IDENTITY, "always") is True
    assert identity_file.read(_store(out)) == IDENTITY


@pytest.mark.parametrize(
    ("resume", "identity", "said"),
    [
        ("if-possible", {**IDENTITY, "seed": 1}, "seed 0 -> 1"),
        ("always", {**IDENTITY, "recipe_sha256": "bb"}, "recipe_sha256 aa -> bb"),
        ("never", IDENTITY, "a data set is here already"),
        ("sometimes", IDENTITY, "choose one of"),
    ],
)
def test_another_data_set_is_refused_and_left_alone(tmp_path, resume, identity, said):
    identity_file.claim(_store(tmp_path), IDENTITY)
    with pytest.raises(InputError, match=said):
        identity_file.claim(_store(tmp_path), identity, resume)
    assert identity_file.read(_store(tmp_path)) == IDENTITY


def test_foreign_files_are_refused(tmp_path):
    (tmp_path / "thesis.doc").touch()
    with pytest.raises(InputError, match=r"thesis\.doc"):
        identity_file.claim(_store(tmp_path), IDENTITY)
    assert os.listdir(tmp_path) == ["thesis.doc"]


def test_always_wants_something_to_resume(tmp_path):
    with pytest.raises(InputError, match="nothing to resume"):
        identity_file.claim(_store(tmp_path / "new"), IDENTITY, "always")
    assert not (tmp_path / "new").exists()


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "x").touch()
    with pytest.raises(OutputError, match="not a file"):
        identity_file.claim(_store(tmp_path / "x"), IDENTITY)


def test_a_damaged_identity_is_named(tmp_path):
    (tmp_path / ".synthgen.json").write_text("{")
    with pytest.raises(InputError, match="damaged"):
        identity_file.claim(_store(tmp_path), IDENTITY)


def test_withdrawing_leaves_what_others_wrote(tmp_path):
    out = tmp_path / "out"
    identity_file.claim(_store(out), IDENTITY)
    identity_file.withdraw(_store(out))
    assert not out.exists()
    identity_file.claim(_store(out), IDENTITY)
    (out / "mine").touch()
    identity_file.withdraw(_store(out))
    assert os.listdir(out) == ["mine"]
