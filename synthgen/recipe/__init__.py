"""Recipes: YAML in, a frozen model out, or every fault at once with its file and line."""

from synthgen.recipe.load import from_text, load, resolved
from synthgen.recipe.model import Recipe
from synthgen.recipe.randomizer_entry import Entry

__all__ = ["Entry", "Recipe", "from_text", "load", "resolved"]
