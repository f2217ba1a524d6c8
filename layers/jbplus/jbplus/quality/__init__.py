"""Reports of wrong or missing data, and what the source answers (Article 7)."""
