"""What reports of every kind draw with: pages, charts, numbers, pictures of samples."""
