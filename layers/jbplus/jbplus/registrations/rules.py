"""A registration: a party's word that it has a file on a person (Article 6, the reference repertory)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from jbplus.protocol.purposes import Right


@dataclass(frozen=True, slots=True)
class Registration:
    """The registration of one person by one party; there is at most one of each pair.

    Attributes:
        begin: first calendar day, in Brussels.
        end: last calendar day, inclusive, in Brussels; None while it is open.
        right: the state of the person's right at this party.
    """

    begin: date
    end: date | None
    right: Right

    def is_active(self, day: date) -> bool:
        """Tell whether the registration is active on a calendar day in Brussels (Article 6)."""
        return self.begin <= day and (self.end is None or day <= self.end)


class RegistrationResult(StrEnum):
    """What registering did; values as on the wire (`resultaat`)."""

    REGISTERED = "geregistreerd"
    CHANGED = "gewijzigd"
    UNCHANGED = "ongewijzigd"
