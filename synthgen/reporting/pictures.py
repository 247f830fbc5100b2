"""Images inside a report: JPEG in a data URI, so that the page stays one file."""

from __future__ import annotations

import base64
import io

from PIL import Image

from synthgen.reporting.svg import Svg, tag

QUALITY = 82


def data_uri(image: Image.Image, quality: int = QUALITY) -> str:
    """Return the image as a data URI; grey images stay grey."""
    stream = io.BytesIO()
    kept = image if image.mode in ("L", "RGB") else image.convert("RGB")
    kept.save(stream, "jpeg", quality=quality, optimize=True)
    return f"data:image/jpeg;base64,{base64.b64encode(stream.getvalue()).decode()}"


def embedded(image: Image.Image, words: str, quality: int = QUALITY) -> Svg:
    """Return the image as a drawing of its own size, with words for who does not see it."""
    inner = tag("image", href=data_uri(image, quality), width=image.width, height=image.height)
    size = {"viewBox": f"0 0 {image.width} {image.height}", "width": image.width, "height": image.height}
    return tag("svg", tag("title", words), inner, xmlns="http://www.w3.org/2000/svg", **size)
