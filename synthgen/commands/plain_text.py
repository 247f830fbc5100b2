"""Text on streams that cannot write every character, such as a terminal or a log without UTF-8.

Characters that commands print and the stream's encoding lacks are written in ASCII, others by their code
point with a backslash.
"""

from __future__ import annotations

import codecs
import io
from typing import Any

HANDLER = "synthgen_plain"
"""Name of the error handler of encoders."""
_ASCII = {
    **dict(zip("▁▂▃▄▅▆▇█", "_.-:=+*#", strict=True)),
    **dict(zip("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789", strict=True)),
    **{"µ": "u", "μ": "u", "°": " deg", "±": "+-", "≤": "<=", "≥": ">=", "×": "x", "÷": "/", "→": "->"},
    **{"–": "-", "—": "-", "·": "-", "…": "...", "“": '"', "”": '"', "‘": "'", "’": "'", "•": "*"},
    **{"▲": "!", "✓": "ok", "✗": "x", "─": "-", "━": "-", "│": "|"},
    **dict.fromkeys("╭╮╰╯╸╺", "+"),
}


def allow_any(*streams: Any) -> None:
    """Make text streams write what their encoding lacks in ASCII, where they would raise UnicodeEncodeError."""
    codecs.register_error(HANDLER, _plain)
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=HANDLER)


def is_text(text: str) -> bool:
    """Return whether a command line's word is text; bytes that are none come as halves of surrogate pairs."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    """Return what is written for the characters that an encoder lacks, and where it goes on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = error.object[error.start : error.end]
    if all("\udc80" <= char <= "\udcff" for char in found):  # bytes of a file name that are no text: as they were
        return bytes(ord(char) - 0xDC00 for char in found), error.end
    return "".join(_ASCII.get(char) or char.encode("ascii", "backslashreplace").decode() for char in found), error.end
