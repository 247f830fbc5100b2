"""Fixtures that many tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def assets() -> Path:
    """Return the folder of models that others made, or skip (docs/contract.md section 10)."""
    folder = Path(os.environ.get("SYNTHGEN_ASSETS", ROOT.parent / "shared" / "assets"))
    if not folder.is_dir():
        pytest.skip("SYNTHGEN_ASSETS names no folder of outside models")
    return folder
