"""A log that nobody can rewrite unseen: segments under lock, and checkpoints that all parties hold (Article 6)."""
