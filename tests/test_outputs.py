"""Files that appear whole, folders that are claimed once, leftovers that are told from live work."""

import errno
import fcntl
import os

import pytest

from synthgen import outputs
from synthgen.errors import InputError, OutputError

IDENTITY = {"seed": 0, "recipe_sha256": "aa"}


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "sub" / "x"
    outputs.write(path, b"old")
    with pytest.raises(RuntimeError), outputs.published(path) as file:
        file.write(b"new")
        raise RuntimeError
    assert path.read_bytes() == b"old"
    assert os.listdir(path.parent) == ["x"]


def test_others_may_read_what_is_published(tmp_path):
    before = os.umask(0o022)
    try:
        outputs.write(tmp_path / "x", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o644


def test_leftovers_are_swept_and_work_in_progress_is_not(tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / ".tmp-train-000003.tar-00ff00ff").touch()
    with outputs.published(tmp_path / "train" / "train-000004.tar"):
        assert outputs.sweep(tmp_path) == ["train-000003.tar"]
    assert os.listdir(tmp_path / "train") == ["train-000004.tar"]


def test_a_lock_of_another_process_is_respected(tmp_path):
    path = tmp_path / ".tmp-x-1"
    with path.open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert outputs.sweep(tmp_path) == []
    assert outputs.sweep(tmp_path) == ["x"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EFBIG, errno.EIO])
def test_every_failure_names_the_place_and_a_remedy(tmp_path, number):
    with pytest.raises(OutputError) as raised, outputs.explained(tmp_path):
        raise OSError(number, os.strerror(number))
    assert str(raised.value).startswith(f"{tmp_path}: {os.strerror(number)}; ")
    assert raised.value.exit_code == 4


def test_a_folder_is_claimed_once_and_found_again(tmp_path):
    out = tmp_path / "new" / "deep"
    assert outputs.claim(out, IDENTITY) is False
    assert outputs.claim(out, IDENTITY) is True
    assert outputs.claim(out, IDENTITY, "always") is True
    assert outputs.read_identity(out) == IDENTITY


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
    outputs.claim(tmp_path, IDENTITY)
    with pytest.raises(InputError, match=said):
        outputs.claim(tmp_path, identity, resume)
    assert outputs.read_identity(tmp_path) == IDENTITY


def test_foreign_files_are_refused(tmp_path):
    (tmp_path / "thesis.doc").touch()
    with pytest.raises(InputError, match=r"thesis\.doc"):
        outputs.claim(tmp_path, IDENTITY)
    assert os.listdir(tmp_path) == ["thesis.doc"]


def test_always_wants_something_to_resume(tmp_path):
    with pytest.raises(InputError, match="nothing to resume"):
        outputs.claim(tmp_path / "new", IDENTITY, "always")
    assert not (tmp_path / "new").exists()


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "x").touch()
    with pytest.raises(OutputError, match="not a file"):
        outputs.claim(tmp_path / "x", IDENTITY)


def test_a_damaged_identity_is_named(tmp_path):
    (tmp_path / ".synthgen.json").write_text("{")
    with pytest.raises(InputError, match="damaged"):
        outputs.claim(tmp_path, IDENTITY)


def test_withdrawing_leaves_what_others_wrote(tmp_path):
    out = tmp_path / "out"
    outputs.claim(out, IDENTITY)
    outputs.withdraw(out)
    assert not out.exists()
    outputs.claim(out, IDENTITY)
    (out / "mine").touch()
    outputs.withdraw(out)
    assert os.listdir(out) == ["mine"]
