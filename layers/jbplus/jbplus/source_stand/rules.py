"""What the source's stand says of each verrichting that is live. Pure functions.

A mark tells whether two bodies are the same, and nothing else to who lacks the key: amounts are few, and days too. It
is bound to the `referte`, or equal amounts would show, and the most frequent one would be known.
"""

import hashlib
import hmac
from collections.abc import Iterator
from typing import NamedTuple, Self

from jbplus.persons.state import Payment, PersonState, Rank

_DIGITS = 32


class Line(NamedTuple):
    """What the stand says of a verrichting; lines are in the order of their fields.

    Attributes:
        referte: its name.
        mark: of what it says: 32 hexadecimal digits.
        rank: of the record that says what is now so.
    """

    referte: str
    mark: str
    rank: Rank

    @property
    def text(self) -> str:
        """The line as one text; texts are in the order of the lines."""
        return f"{self.referte}\t{self.mark}\t{self.rank.volgnummer:016d}\t{self.rank.position:08d}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what `text` gave."""
        referte, mark, volgnummer, position = text.split("\t")
        return cls(referte, mark, Rank(int(volgnummer), int(position)))


def mark_of(key: bytes, referte: str, payment: Payment) -> str:
    """Make the mark of a body: 32 hexadecimal digits.

    The maatregel is the same for all, and left out.

    Args:
        key: the key of the stand.
        referte: the name of the verrichting.
        payment: what is now so.
    """
    body = (referte, payment.fiscal_year, payment.instalment, f"{payment.amount:.2f}", payment.day.isoformat())
    return _digits(key, "\n".join(map(str, body)))


def mark_of_key(key: bytes) -> str:
    """Make the mark by which who has a key knows whether a stand was made with it; it tells nothing of the key."""
    return _digits(key, "sleutel")


def lines_of(state: PersonState, key: bytes) -> Iterator[Line]:
    """Give what the stand says of a person: the payments and recoveries that are live."""
    for referte, entry in state.entries.items():
        if entry.payment is not None and entry.body_rank is not None:
            yield Line(referte, mark_of(key, referte, entry.payment), entry.body_rank)


def _digits(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), hashlib.sha256).hex()[:_DIGITS]
