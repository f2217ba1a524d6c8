"""Whose data are in doubt: what became of the reports on a person (Article 7)."""
