"""Experiments that render again: replays of samples, causes of misses taken away, benchmarks."""
