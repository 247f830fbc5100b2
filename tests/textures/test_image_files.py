"""Image files as texels: every mode that Pillow opens, and messages for what it does not."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest
from PIL import Image

from synthgen.errors import StageError
from synthgen.textures import image_files

GREY = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20


def save(folder, image, name="t.png"):
    image.save(folder / name)
    return str(folder / name)


def test_a_grey_image_keeps_its_values_rows_from_the_top(tmp_path):
    found = image_files.texels(save(tmp_path, Image.fromarray(GREY)))
    assert found.shape == (3, 4, 1) and found.dtype == np.uint8
    np.testing.assert_array_equal(found[..., 0], GREY)


@pytest.mark.parametrize(("mode", "channels"), [("LA", 2), ("RGB", 3), ("RGBA", 4)])
def test_channels_are_kept(tmp_path, mode, channels):
    image = Image.fromarray(GREY).convert(mode)
    found = image_files.texels(save(tmp_path, image))
    assert found.shape == (3, 4, channels)
    np.testing.assert_array_equal(found[..., 0], GREY)


def test_palettes_become_colours_and_their_transparency_alpha(tmp_path):
    image = Image.fromarray(GREY).convert("P")
    assert image_files.texels(save(tmp_path, image)).shape == (3, 4, 3)
    image.info["transparency"] = 0
    image.save(tmp_path / "t.png", transparency=0)
    assert image_files.texels(str(tmp_path / "t.png")).shape == (3, 4, 4)


def test_sixteen_bits_are_scaled(tmp_path):
    values = np.array([[0, 257, 65535]], np.uint16)
    found = image_files.texels(save(tmp_path, Image.fromarray(values)))
    np.testing.assert_array_equal(found[0, :, 0], [0, 1, 255])


def test_floats_are_cut_to_one(tmp_path):
    values = np.array([[0.0, 0.5, 1.0, 7.0]], np.float32)
    found = image_files.texels(save(tmp_path, Image.fromarray(values), "t.tiff"))
    np.testing.assert_array_equal(found[0, :, 0], [0, 128, 255, 255])


def test_one_bit_is_black_and_white(tmp_path):
    found = image_files.texels(save(tmp_path, Image.fromarray(GREY > 100)))
    assert set(np.unique(found)) == {0, 255}


def test_an_image_inside_a_package(tmp_path):
    save(tmp_path, Image.fromarray(GREY))
    with zipfile.ZipFile(tmp_path / "box.usdz", "w") as package:
        package.write(tmp_path / "t.png", "textures/t.png")
    found = image_files.texels(f"{tmp_path}/box.usdz[textures/t.png]")
    np.testing.assert_array_equal(found[..., 0], GREY)


@pytest.mark.parametrize("content", [None, b"", b"no image at all", b"\x89PNG\r\n\x1a\n damaged"])
def test_what_is_no_image_is_refused_by_name(tmp_path, content):
    path = tmp_path / "bad.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StageError, match=r"bad\.png"):
        image_files.texels(str(path))


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(image_files, "MAX_PIXELS", 11)
    with pytest.raises(StageError, match="4 x 3 texels"):
        image_files.texels(save(tmp_path, Image.fromarray(GREY)))
