"""The published figures, as a table and as a chart (Article 2 b)."""
