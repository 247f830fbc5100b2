"""Printed labels: a design is laid out on a grid of texels, drawn, worn, and placed on a face."""
