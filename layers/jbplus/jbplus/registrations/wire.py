"""What is answered about registrations (Article 6)."""

from datetime import date
from typing import Annotated

from pydantic import Field

from jbplus.protocol.purposes import Right
from jbplus.registrations.rules import RegistrationResult
from jbplus.wire import OnlyTrue, Unknown, Wire


class RegisteredItem(Wire):
    """What registering one person did; `vervangen` when another number took this one's place.

    The `handle` is the exchange's own name of the registration; an exchange without handles answers none.
    """

    insz: str
    resultaat: Annotated[RegistrationResult | Unknown[str], Field(union_mode="left_to_right")]
    handle: str | None = None
    vervangen: OnlyTrue | None = None


class PeriodAnswer(Wire):
    """From when to when a registration holds."""

    begin: date
    einde: date | None = None


class RegistrationAnswer(Wire):
    """The party's own registration of a person; the number alone when there is none."""

    insz: str
    periode: PeriodAnswer | None = None
    recht: Right | None = None
