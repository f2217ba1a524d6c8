"""Static gates: what is looked at without running anything, beside lint and types."""
