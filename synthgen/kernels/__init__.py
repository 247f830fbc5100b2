"""Warp functions and kernels, nothing else: this folder imports Warp and itself.

Rules of the folder:

* A kernel's arguments stand in two groups, `# In:` and `# Out:`; it writes only its outs, each exactly once, also for
  pixels that hit nothing, so outputs need not be cleared first.
* One thread a pixel (or point), no atomics: an image is the same whatever the tiling.
* No allocation, no launch, no file; the caller passes `device` and, on the CPU, splits rows over threads.
* No gradients (`enable_backward` False, a third of the compile time) and IEEE arithmetic.
* Sums of more than some thousand terms are two-level or float64: a plain float32 sum drifts by 0.1 %.
"""
