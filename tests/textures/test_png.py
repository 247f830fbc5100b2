"""Pillow reads back what the encoder wrote."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from synthgen.textures import png

SHAPES = st.one_of(
    st.tuples(st.integers(1, 20), st.integers(1, 20)),
    st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(3)),
)


def _decoded(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


@settings(max_examples=60, deadline=None)
@given(arrays(np.uint8, SHAPES), st.booleans())
def test_any_decoder_reads_the_same_pixels_from_either_deflate(image, fast):
    known = png.isal_zlib
    try:
        png.isal_zlib = known if fast else None
        found = _decoded(png.encode(image))
    finally:
        png.isal_zlib = known
    assert found.dtype == np.uint8
    assert np.array_equal(found, image)


@pytest.mark.parametrize(("axis", "kind"), [(0, 2), (1, 1)])
def test_the_filter_follows_the_smoother_direction(axis, kind):
    """Rows that repeat take filter Up (2), columns that repeat take Sub (1)."""
    noise = np.random.Generator(np.random.Philox(key=1)).integers(0, 255, 64, np.uint8)
    image = np.broadcast_to(noise[None, :] if axis == 0 else noise[:, None], (64, 64))
    data = png.encode(image)
    length = struct.unpack(">I", data[33:37])[0]
    lines = np.frombuffer(zlib.decompress(data[41 : 41 + length]), np.uint8).reshape(64, 65)
    assert set(lines[:, 0]) == {kind}
    assert np.array_equal(_decoded(data), image)


def test_views_that_are_not_contiguous_are_encoded_as_they_look():
    image = np.arange(200, dtype=np.uint8).reshape(10, 20)
    assert np.array_equal(_decoded(png.encode(image[::-2, ::3])), image[::-2, ::3])


@pytest.mark.parametrize("image", [np.zeros((2, 2)), np.zeros((2, 2, 2), np.uint8), np.zeros((0, 4), np.uint8)])
def test_what_is_no_8_bit_image_is_refused(image):
    with pytest.raises(ValueError, match="found"):
        png.encode(image)
