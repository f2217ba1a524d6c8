"""Looking persons up (Articles 2, 4 and 6)."""
