"""Authors a shot as a stage: prims, materials, lamps, labels, in the layer that each shot replaces."""
