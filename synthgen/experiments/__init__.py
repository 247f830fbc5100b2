"""Samples made again to learn something: replays, removed causes of misses, benchmarks."""
