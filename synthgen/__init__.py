"""Physically lit warehouse scenes in, WebDataset shards of labelled barcode images out."""

__version__ = "0.1.0"
