"""Registering and looking up persons, as a recipient does (Articles 2 and 6)."""
