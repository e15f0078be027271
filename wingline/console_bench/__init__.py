"""`wingline bench console`: how quick the console is with a year of data and many people (docs/console-figures.md)."""
