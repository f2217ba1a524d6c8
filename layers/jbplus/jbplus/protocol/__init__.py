"""What the protocol of 4 March 2025 fixes for everybody: parties, purposes, numbers of persons, days."""
