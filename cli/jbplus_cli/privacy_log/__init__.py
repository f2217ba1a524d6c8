"""Who looked up whom (Articles 6 and 9)."""
