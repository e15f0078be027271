"""Breaks a prison of its own by chance, while people call, and afterwards looks whether every promise was kept."""
