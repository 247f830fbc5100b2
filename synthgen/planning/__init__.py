"""Decide a shot: a recipe's distributions are drawn, its randomizers run, and impossible worlds are refused.

Nothing here reads USD or starts a kernel; `plan.shot` depends on the recipe, the seed and the index alone.
"""
