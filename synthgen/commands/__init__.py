"""The commands, a file each; what they compute lives elsewhere and is imported when a command runs."""
