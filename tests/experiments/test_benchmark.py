"""What `bench` says of PNG files: measured on real images, and the pixels come back."""

import io

import numpy as np
from PIL import Image

from synthgen.experiments import benchmark
from synthgen.textures import png


def test_the_encoders_are_timed_on_the_same_images_and_both_give_the_pixels_back():
    rng = np.random.Generator(np.random.Philox(key=1))
    images = [np.clip(rng.normal(90, 12, (240, 320)), 0, 255).astype(np.uint8) for _ in range(3)]
    found = benchmark.encoding(images)
    assert found.encoder == png.encoder()
    assert found.mb_s > 0
    assert found.ratio > 1, "our encoder is there to be faster than Pillow"
    assert 0.5 < found.size_ratio < 1.5
    for encode in (png.encode, benchmark._pillow):
        assert (np.asarray(Image.open(io.BytesIO(encode(images[0])))) == images[0]).all()
    assert f"{found.ratio:.1f} x Pillow level 1" in found.as_text()
