"""Watching the exchange, delivering failed events again, and visiting the dropserver (Article 5)."""
