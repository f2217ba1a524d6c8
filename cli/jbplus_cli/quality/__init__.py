"""Reports on the quality of the data, and their answers (Article 7)."""
