"""The stack that the command works with: where it is, its doors, and everything else outside the command."""
