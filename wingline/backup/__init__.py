"""Backups of a site, sealed with age, and what brings one back (docs/backups.md)."""
