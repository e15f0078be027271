"""The Listeners' pages: the way to a certificate, how each one is, what they carry, and taking them from a file."""
