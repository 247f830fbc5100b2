"""Exposure of eyes in a scene: where it is worst, what causes it, how long it is allowed.

surfaces   a lamp's face as flat tiles, seen from a place
sight      which part of each tile an eye sees past everything else, traced
levels     tiles to ratios of all eight hazards, single pulse and averages
search     the worst position within a zone
mirror     one reflection off glossy surfaces
zones      a zone's whole result; assess: the scene's
"""
