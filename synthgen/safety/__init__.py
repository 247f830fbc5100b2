"""Optical radiation safety: IEC 62471, ICNIRP 2013 and Directive 2006/25/EC for lamps, IEC 60825-1 for lasers.

Nothing here traces rays: these are functions on numbers and arrays. What is unverified, and why: docs/eye-safety.md.
"""
