"""The sealed privacy log: verifying it, and proving its records (Article 6)."""
