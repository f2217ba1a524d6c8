"""What the hot paths cost, and whether the memory stays bounded: `make bench`."""
