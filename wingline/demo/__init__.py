"""A prison of its own on loopback, real phones in it, and one call from the cell to the nurse."""
