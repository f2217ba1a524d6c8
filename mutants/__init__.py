"""Breaks the product on purpose, one place at a time, and tells which breakages no test notices."""
