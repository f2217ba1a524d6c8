"""Mutation files on their way: delivered, and answered by a report (Articles 3 and 7)."""
