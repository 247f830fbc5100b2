"""Eye safety of a scene: where eyes can be, what reaches them, remedies, and the report that an officer signs.

The limits themselves are functions of `photobiology`.
"""
