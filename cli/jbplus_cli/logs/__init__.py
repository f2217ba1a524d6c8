"""What the functions log."""
