"""Small stages as text, for tests that read them."""

from __future__ import annotations

from pxr import Usd

import synthgen.usd  # noqa: F401  registers the schemas before the first stage

HEAD = '#usda 1.0\n(\n    defaultPrim = "World"\n    metersPerUnit = 1\n    upAxis = "Z"\n)\n'


def stage(body: str, head: str = HEAD) -> Usd.Stage:
    """Return an in-memory stage, metres, Z up unless `head` says otherwise; ` }` may end a line, which usda forbids."""
    opened = Usd.Stage.CreateInMemory()
    opened.GetRootLayer().ImportFromString(head + body.replace(" }", "\n}"))
    return opened
