"""Proves the whole chain of a line, link by link, and says what to do about each that does not hold."""
