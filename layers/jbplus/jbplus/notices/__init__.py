"""Telling recipients which persons to look up again, after each mutation file (C2 and Article 6)."""
