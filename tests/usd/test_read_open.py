"""Opening files from any source: errors that say what to do, and no crash on damage."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from synthgen.errors import StageError
from synthgen.usd.read import open_stage as opening
from synthgen.usd.read.description import describe
from synthgen.usd.read.open_stage import asset_bytes, open_stage
from tests.stage_text import HEAD, stage

BODY = """def Mesh "m" {
    point3f[] points = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]
    int[] faceVertexCounts = [4]
    int[] faceVertexIndices = [0, 1, 2, 3]
}
def SphereLight "l" {
    float inputs:radius = 0.1
}
def Camera "c" {
    float focalLength = 50
}
def PointInstancer "p" {
    point3f[] positions = [(0, 0, 0), (1, 0, 0)]
    int[] protoIndices = [0, 0]
    rel prototypes = </m>
}
"""


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("none.usda", None, "no such file"),
        ("a.txt", b"hello", "is not USD"),
        ("a.usda", b"", "is empty"),
        ("a.usda", b"hello", "not a readable USD file"),
        ("a.usda", b'#usda 1.0\ndef Mesh "m" {', "not a readable USD file"),
        ("a.usdc", b"PXR-USDC" + bytes(100), "not a readable USD file"),
        ("a.usdz", b"PK\x03\x04", "not a readable USD file"),
        ("a.usda", b"#usda 1.0\n(\n    subLayers = [@a.usda@]\n)\n", "includes itself"),
        ("a.usda", b'#usda 1.0\ndef "x" (\n    references = @a.usda@</x>\n) {\n}\n', "includes itself"),
    ],
)
def test_errors_name_the_file_and_the_remedy(tmp_path: Path, name: str, content: bytes | None, word: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(StageError, match=word) as caught:
        open_stage(tmp_path / name)
    assert name in str(caught.value)
    assert ";" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_folders_pipes_and_huge_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StageError, match="is a folder"):
        open_stage(tmp_path)
    os.mkfifo(tmp_path / "p.usda")
    with pytest.raises(StageError, match="not a regular file"):
        open_stage(tmp_path / "p.usda")
    (tmp_path / "a.usda").write_text(HEAD)
    monkeypatch.setattr(opening, "MAX_BYTES", 10)
    with pytest.raises(StageError, match="larger than"):
        open_stage(tmp_path / "a.usda")


def test_missing_references_become_warnings_and_nothing_reaches_stderr(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.usda").write_text(HEAD + 'def Cube "c" (\n    references = @gone.usd@\n)\n{\n}\n')
    found = describe(open_stage(tmp_path / "a.usda"))
    assert len(found.instances) == 1
    assert any("gone.usd" in line for line in found.warnings)
    assert capfd.readouterr().err == ""


def test_asset_bytes_reads_files_and_names_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"abc")
    assert asset_bytes(str(tmp_path / "x.bin")) == b"abc"
    with pytest.raises(StageError, match=r"y\.bin"):
        asset_bytes(str(tmp_path / "y.bin"))


@pytest.mark.parametrize("suffix", [".usda", ".usdc"])
def test_damaged_files_give_an_error_or_a_description(tmp_path: Path, suffix: str) -> None:
    whole = tmp_path / f"whole{suffix}"
    opened = stage(BODY)
    opened.GetRootLayer().Export(str(whole))
    content = np.frombuffer(whole.read_bytes(), np.uint8)
    rng = np.random.Generator(np.random.Philox(key=7))
    outcomes = {"error": 0, "read": 0}
    for turn in range(120):
        damaged = content[: rng.integers(1, content.size)].copy() if turn % 3 == 0 else content.copy()
        for at in rng.integers(0, damaged.size, rng.integers(0, 6)):
            damaged[at] = rng.integers(0, 256)
        path = tmp_path / f"{turn}{suffix}"
        path.write_bytes(damaged.tobytes())
        try:
            describe(open_stage(path))
            outcomes["read"] += 1
        except StageError as error:
            assert path.name in str(error)
            outcomes["error"] += 1
    assert min(outcomes.values()) > 5


NUMBERS = ("nan", "inf", "-inf", "0", "-1", "1e30", "-1e30", "2147483647", "1e-30")


def test_strange_numbers_everywhere_give_a_finite_description() -> None:
    rng = np.random.Generator(np.random.Philox(key=11))
    words = (
        BODY.replace("(", "( ").replace(")", " )").replace("[", "[ ").replace("]", " ]").replace(",", " ,").split(" ")
    )
    places = [i for i, word in enumerate(words) if word.strip().isdigit()]
    for _ in range(150):
        changed = list(words)
        for at in rng.choice(places, 2):
            changed[at] = NUMBERS[rng.integers(len(NUMBERS))]
        text = " ".join(changed)
        try:
            opened = stage(text)
        except Exception as error:
            assert "parse" in str(error).lower() or "expected" in str(error).lower()
            continue
        found = describe(opened)
        for instance in found.instances:
            assert np.isfinite(instance.world_from_mesh).all()
            assert np.isfinite(instance.mesh.points_m).all()
            assert np.isfinite(instance.mesh.normals).all()
        for light in found.lights:
            assert np.isfinite(light.strength)
            assert np.isfinite(light.world_from_light).all()
        for camera in found.cameras:
            assert np.isfinite([camera.fx_px, camera.fy_px, camera.cx_px, camera.cy_px]).all()
