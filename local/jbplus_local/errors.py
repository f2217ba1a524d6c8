"""What can go wrong with the local stack."""


class LocalStackError(Exception):
    """The local stack cannot start or go on; the text says what to do."""
