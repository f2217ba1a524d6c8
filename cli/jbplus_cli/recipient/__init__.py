"""A recipient's side of the exchange: its notices fetched, its persons kept (Article 6)."""
