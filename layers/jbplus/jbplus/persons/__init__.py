"""What is kept of a person: by pseudonym, decided by rank, until the end of the term (Article 3)."""
