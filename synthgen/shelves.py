"""Where the shipped content lives: beside this package in a checkout, inside it in a wheel."""

from pathlib import Path

PACKAGE = Path(__file__).parent
"""The folder of the package."""


def path(name: str) -> Path:
    """Return the shipped folder `randomizers`, `usd_schemas` or `recipes`."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


def module(name: str) -> str:
    """Return the import name of a shipped folder of Python modules."""
    return f"synthgen.{name}" if (PACKAGE / name).is_dir() else name
