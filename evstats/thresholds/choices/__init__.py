"""Ways to choose a threshold, one file each; ``names`` has them by name."""
