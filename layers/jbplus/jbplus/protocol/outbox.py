"""Where a party's files stand until they are fetched or sent (C2)."""

from typing import Final, Protocol

STAND_PREFIX: Final = "werk.publiceerstandjobbonusplus-0100"
"""What the name of a stand begins with."""


class Outbox(Protocol):
    """Keeps what is put out for each party, encrypted at rest."""

    def put_out(self, party: str, name: str, content: bytes) -> None:
        """Put a file out for a party, by its KBO number; the same name again replaces it."""
        ...
