"""What can be broken: a class for each kind, with how it is done and how it is undone."""
