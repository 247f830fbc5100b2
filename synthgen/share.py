"""Where the shipped content lives: beside this package in a checkout, inside it in a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def path(name: str) -> Path:
    """Return the shipped folder `randomizers`, `usd_schemas` or `recipes`."""
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def module(name: str) -> str:
    """Return the import name of a shipped folder of Python modules."""
    return f"synthgen.{name}" if (_PACKAGE / name).is_dir() else name
