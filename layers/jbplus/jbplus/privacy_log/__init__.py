"""Who looked up whom, for what, on what ground (Articles 6 and 9)."""
