"""The values of a shot: things, materials, lights and cameras with their poses, in SI units; NumPy only.

A `Shot` is decided by `planning`; a `scene_description` is what `usd.read` found on a stage. Neither knows USD or Warp.
"""
