"""Files that appear whole, and leftovers that are told from live work."""

import errno
import fcntl
import os

import pytest

from synthgen import atomic_files
from synthgen.errors import OutputError


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "sub" / "x"
    atomic_files.write(path, b"old")
    with pytest.raises(RuntimeError), atomic_files.published(path) as file:
        file.write(b"new")
        raise RuntimeError
    assert path.read_bytes() == b"old"
    assert os.listdir(path.parent) == ["x"]


def test_others_may_read_what_is_published(tmp_path):
    before = os.umask(0o022)
    try:
        atomic_files.write(tmp_path / "x", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o644


def test_leftovers_are_swept_and_work_in_progress_is_not(tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / ".tmp-train-000003.tar-00ff00ff").touch()
    with atomic_files.published(tmp_path / "train" / "train-000004.tar"):
        assert atomic_files.sweep(tmp_path) == ["train-000003.tar"]
    assert os.listdir(tmp_path / "train") == ["train-000004.tar"]


def test_a_lock_of_another_process_is_respected(tmp_path):
    path = tmp_path / ".tmp-x-1"
    with path.open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert atomic_files.sweep(tmp_path) == []
    assert atomic_files.sweep(tmp_path) == ["x"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EFBIG, errno.EIO])
def test_every_failure_names_the_place_and_a_remedy(tmp_path, number):
    with pytest.raises(OutputError) as raised, atomic_files.explained(tmp_path):
        raise OSError(number, os.strerror(number))
    assert str(raised.value).startswith(f"{tmp_path}: {os.strerror(number)}; ")
    assert raised.value.exit_code == 4


def test_a_file_is_created_once(tmp_path):
    path = tmp_path / "sub" / "x"
    assert atomic_files.create(path, b"first") is True
    assert atomic_files.create(path, b"second") is False
    assert path.read_bytes() == b"first"
    assert os.listdir(path.parent) == ["x"]
