"""Optical radiation limits as functions: IEC 62471, ICNIRP 2013 and Directive 2006/25/EC, IEC 60825-1 for lasers.

Nothing here knows a scene or a device. What is unverified, and why: docs/eye-safety.md.
"""
