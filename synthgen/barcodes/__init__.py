"""Barcode symbols: payload to modules and back, GS1 syntax, and the prediction whether a view of a code decodes."""
