"""The values of a shot: what stands where, of what, lit how and seen by which camera; all in SI units, NumPy only.

A `Shot` is decided by `planning`; a `scene_description` is what `usd.read` found on a stage. Neither knows USD or Warp.
"""
