"""Oversight: the quarterly report and the audit, for who watches over the line (domain.md 6, layers 7 and 8)."""
