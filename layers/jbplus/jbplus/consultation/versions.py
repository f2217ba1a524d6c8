"""The mark of what an answer says (`versie`), by which a party and the exchange see that they are in step.

It is keyed by party and registration: it tells neither what is known nor whether anything is, and no two parties see
the same one. It is the same as long as the answer says the same.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import date

from jbplus.persons.state import PersonState


@dataclass(frozen=True, slots=True)
class Answered:
    """What is answered for one person.

    Attributes:
        state: what is known; empty when nothing is, or no longer.
        kept_until: the last calendar day in Brussels that it is kept; None when nothing is known.
        is_in_doubt: whether the party hears that the source looks into a report on the person (Article 7).
        is_replaced: whether another number took the place of the one that was asked about.
        version: the mark of all this, for the party that asks; None when another party's registration is the ground,
            or one without a handle.
    """

    state: PersonState = field(default_factory=PersonState)
    kept_until: date | None = None
    is_in_doubt: bool = False
    is_replaced: bool = False
    version: str | None = field(default=None, compare=False)

    @property
    def content(self) -> str:
        """All that the answer says, as one text: equal answers have equal ones.

        The totals follow from the payments; the number is who asks about.
        """
        return json.dumps(
            [
                self.state.volgnummer,
                None if self.kept_until is None else self.kept_until.isoformat(),
                self.is_in_doubt,
                self.is_replaced,
                [
                    [referte, paid.fiscal_year, paid.instalment, f"{paid.amount:.2f}", paid.day.isoformat()]
                    for referte, paid in self.state.payments
                ],
            ],
            separators=(",", ":"),
        )


def version_of(answered: Answered, key: bytes, handle: str) -> str:
    """Make the mark of an answer: 32 hexadecimal digits.

    Args:
        answered: the answer.
        key: the party's (`Pseudonyms.key_of_versions`).
        handle: the registration that is its ground.
    """
    return hmac.new(key, f"{handle}\n{answered.content}".encode(), hashlib.sha256).hexdigest()[:32]
