"""What can go wrong on our side; the edges turn every foreign error into one of these."""


class UnavailableError(Exception):
    """A store, the secret or the privacy log is throttled or out of reach: nothing is answered, try again.

    The message names the operation and the foreign error's code, never a key or a value.
    """


class LogUnavailableError(UnavailableError):
    """The privacy log takes no record: the call it belongs to must not be answered."""


class ThrottledError(UnavailableError):
    """A store asks for fewer requests: pause, then try again."""


class ConflictError(Exception):
    """Somebody else wrote the same items in the meantime: read again, then write again."""


class WithoutTtlError(Exception):
    """An item of a person was about to be written without its end (Article 3 b); it was not."""


class UnknownIdError(Exception):
    """What a caller names by its id is not there (any more)."""


class ObjectMissingError(Exception):
    """An object that was announced is not in the bucket (any more)."""
