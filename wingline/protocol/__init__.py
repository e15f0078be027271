"""Tries a profile out: who is told what and when, on a clock that a scenario moves."""
