"""Barcode symbols: payload to modules and back, GS1 syntax, and whether a reader can decode a view of one."""
