"""Hearing a caller without keeping a word: audio in, flags out, everything else dies with the call."""
