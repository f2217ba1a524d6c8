"""Suspensions, as WEWIS makes and lifts them (Article 8)."""
