"""What a recipient of the exchange runs: it takes notices in, looks persons up, and tells what to deduct for whom."""
