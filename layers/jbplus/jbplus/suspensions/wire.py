"""What is answered about suspensions (Article 8)."""

from datetime import datetime

from jbplus.protocol.purposes import Purpose
from jbplus.suspensions.rules import Stream, Suspension
from jbplus.wire import Wire


class SuspensionAnswer(Wire):
    """A suspension; `opgehevenOp` when it was lifted, `doelen` when it does not cover all."""

    id: str
    partij: str
    stromen: tuple[Stream, ...]
    doelen: tuple[Purpose, ...] | None = None
    reden: str
    vanaf: datetime
    opgeheven_op: datetime | None = None

    @classmethod
    def of(cls, suspension: Suspension) -> "SuspensionAnswer":
        """Say a suspension on the wire."""
        return cls(
            id=suspension.id,
            partij=suspension.party,
            stromen=suspension.streams,
            doelen=suspension.purposes or None,
            reden=suspension.reason,
            vanaf=suspension.begin,
            opgeheven_op=suspension.lifted,
        )


class SuspensionsAnswer(Wire):
    """Suspensions, the one that begins first first."""

    items: tuple[SuspensionAnswer, ...]
