"""Who has a file on whom (Articles 2 and 6)."""
