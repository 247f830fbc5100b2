"""Recipes: YAML in, a frozen model out, or every fault at once with its file and line."""

from synthgen.recipe.check import check, require_possible
from synthgen.recipe.entry import Entry
from synthgen.recipe.load import from_text, load, resolved
from synthgen.recipe.model import OUTPUTS, Recipe

__all__ = ["OUTPUTS", "Entry", "Recipe", "check", "from_text", "load", "require_possible", "resolved"]
