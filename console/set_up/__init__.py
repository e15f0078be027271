"""Set-up: what a technician does before a line is used, step by step, and what is still to be done (issue 6)."""
