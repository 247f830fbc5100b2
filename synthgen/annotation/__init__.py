"""The labels of a sample: where each code lies in the image, how well it is lit and seen, and its JSON record."""
