"""Who is on duty: shifts, cover and gaps."""
