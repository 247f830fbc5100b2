"""Commands on streams without UTF-8: nothing that they print may end them."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from synthgen import cli
from synthgen.commands import plain_text

ROOT = Path(cli.__file__).parents[1]
ASCII = {"PYTHONIOENCODING": "ascii"}
C = {"LC_ALL": "C"}
BARE_C = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
RECIPE = """\
version: 1
scene: {warehouse: bench}
cameras:
  top: {mount: stand_tilted, sensor: imx264, lens: {focal_mm: 8, f_number: 5.6}, exposure_us: {uniform: [50, 90]}}
"""


def _run(folder: Path, env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[bytes]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "PYTHONIO", "PYTHONUTF8"))}
    return subprocess.run(
        [sys.executable, "-m", "synthgen", *arguments],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        check=False,
    )


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "tiny.yaml").write_text(RECIPE)
    (tmp_path / "grün.yaml").write_text(RECIPE.replace("  top:", "  träge:"), "utf-8")
    return tmp_path


WORDS = [
    (["--help"], 0),
    (["generate", "--help"], 0),
    (["plan", "tiny.yaml", "-n", "16"], 0),
    (["plan", "tiny.yaml", "-n", "16", "--json"], 0),
    (["check", "tiny.yaml"], 0),
    (["check", "grün.yaml"], 4),
    (["check", "日本.yaml"], 4),
    (["check", "--mounts", "scan_tunnel"], 0),
    (["safety", "limit", "--hazard", "blue-light", "--edition", "iec62471-2006", "--duration-s", "100"], 0),
    (["generate", "tiny.yaml", "-o", "größe", "-n", "2", "--größe", "3"], 2),
]
CASES = [(ASCII, *case) for case in WORDS] + [(env, *WORDS[n]) for env in (C, BARE_C) for n in (2, 5)]


@pytest.mark.parametrize(("env", "arguments", "code"), CASES, ids=range(len(CASES)))
def test_no_command_ends_on_its_own_words(folder, env, arguments, code):
    done = _run(folder, env, *arguments)
    assert b"internal error" not in done.stderr and b"codec" not in done.stderr
    assert done.returncode == code, done.stderr
    if env is ASCII:
        assert (done.stdout + done.stderr).isascii()


def test_bars_keep_their_shape_in_ascii(folder):
    line = next(
        line
        for line in _run(folder, ASCII, "plan", "tiny.yaml", "-n", "64").stdout.splitlines()
        if b"us_s" in line or b"exposure_s" in line
    )
    assert set(line.decode()[-16:]) <= set(" _.-:=+*#")
    assert b"#" in line


def test_a_name_that_is_no_text_is_usage(folder):
    done = _run(folder, BARE_C, "shot", "bench_card", "-i", "0", "-o", "größe.usda")
    assert done.returncode == 2
    assert b"PYTHONUTF8=1" in done.stderr


def _written(text: str, encoding: str) -> bytes:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding)
    plain_text.allow_any(stream, io.StringIO(), None)
    stream.write(text)
    stream.flush()
    return raw.getvalue()


def test_known_characters_have_a_spelling_and_others_their_code_point():
    assert _written("20 µs ≤ 3 × 10⁻⁷ W/m² · ▁█ …", "ascii") == b"20 us <= 3 x 10-7 W/m2 - _# ..."
    assert _written("日", "ascii") == b"\\u65e5"
    assert _written("20 µs ≤ 1", "latin-1") == "20 µs <= 1".encode("latin-1")
    assert _written("20 µs ≤ 1", "utf-8") == "20 µs ≤ 1".encode()


def test_bytes_of_a_file_name_are_written_as_they_were():
    name = b"gr\xfcn.yaml".decode("utf-8", "surrogateescape")
    assert _written(name, "utf-8") == _written(name, "ascii") == b"gr\xfcn.yaml"
    assert not plain_text.is_text(name) and plain_text.is_text("grün.yaml")
