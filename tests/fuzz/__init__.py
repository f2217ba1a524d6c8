"""Bytes that nobody meant: damaged mutation files, and what must hold of the reader whatever it is given."""
