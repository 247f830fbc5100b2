"""Check a data set: every byte of it, and some samples rendered again.

integrity   damaged, missing and foreign files, each named with its remedy
rerender    k random samples made again from the recipe
difference  how far two versions of a sample lie apart
"""
