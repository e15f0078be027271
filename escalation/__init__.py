"""When life is in danger: who is told what, in which order, until somebody has spoken to the person."""
