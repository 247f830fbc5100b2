"""Describe a data set before a model is trained on it: counts, distributions, faults of frames, leaks, gates, a page.

census     one pass over the index: everything that needs no pixels, in constant memory
draw_check what the recipe asks for against what the shots hold
frames     black, saturated and flat frames, near-duplicates: pixels of some evenly spread samples
leakage    payloads and outside files that several splits share
findings   all of these together, as numbers with names; gates compare them with bounds
page       the report as one HTML file; charts and pictures draw for it
"""
