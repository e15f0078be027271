"""Counts and durations of the line for a Prometheus on this machine; of nobody (docs/metrics.md)."""
