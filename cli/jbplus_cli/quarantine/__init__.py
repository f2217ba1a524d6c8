"""What the intake refused and keeps: looked at, and handed in again (Article 7)."""
