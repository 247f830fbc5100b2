"""Author a shot as a stage: prims, materials, lamps and labels, in a layer that the next shot replaces."""
