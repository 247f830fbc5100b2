"""Tone maps of surfaces and print on goods, image files, and PNG encoding."""
