"""Getting what Wingline needs onto this machine: below one folder, checked, and the same for root and anybody else."""
