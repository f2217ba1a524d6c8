"""What stands in AWS's place, in a process of its own: it answers at once, and records what it was asked."""
