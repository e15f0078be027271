"""Confidentiality and escalation profiles that come with Wingline, as TOML; escalation/profile.py reads them."""
