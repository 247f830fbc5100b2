"""Read a stage as NumPy values, from which everything is simulated."""
