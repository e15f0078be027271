"""Health: how the machinery of the line is, for technicians. Nobody is in it (issue 6)."""
