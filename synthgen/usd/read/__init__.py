"""Reads a stage as values: the only way that the simulation learns of it."""
