"""What reports of every kind are made of: blocks, pages, charts, numbers in words, pictures of samples.

document           a report's blocks of plain text, tables and drawings
html_page, pdf     how blocks look; signs: the verdict's signs in both
svg, colours       drawings as text
axes, charts       where values lie in a drawing; charts that several reports draw
numbers            numbers, shares and times in words
intervals          how far a count may lie from what it estimates
pictures           images inside a page
contact_sheet, overlays    samples with their labels, maps in false colour
"""
