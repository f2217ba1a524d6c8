"""A person's number changes: which number replaces which, decided by rank."""
