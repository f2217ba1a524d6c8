"""Suspending a party, wholly or in part (Article 8)."""
