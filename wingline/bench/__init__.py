"""What one machine bears, side by side with the bare machine: `wingline bench` (docs/scale.md)."""
