"""The exchange as one recipient sees it: it registers its persons, and looks them up for one purpose."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from jbplus.protocol.parties import Party
from jbplus.registrations.rules import Registration
from jbplus.stand.wire import PairAnswer
from jbplus_recipient.answers import LookupItem, RegistrationItem
from jbplus_recipient.exchange import Exchange, Question, Term


class Service(Protocol):
    """Registers and looks up; every method raises ExchangeError when it cannot."""

    def register(self, numbers: Sequence[str], registration: Registration) -> Iterable[RegistrationItem]:
        """Register up to a hundred different persons; what became of each."""

    def unregister(self, number: str) -> None:
        """Delete the registration of a person; fine when there is none."""

    def lookup(self, numbers: Sequence[str], *, after_notice: bool) -> Iterable[LookupItem]:
        """Look up to a hundred different persons up; what became of each."""

    def registration(self, number: str) -> Registration | None:
        """Give the own registration of a person, None when there is none."""

    def open(self, ranges: Sequence[str]) -> Iterable[PairAnswer]:
        """Open up to 64 ranges of the own stand."""


@dataclass(frozen=True, slots=True)
class PartyService:
    """The exchange over HTTP, for one party and one purpose.

    Attributes:
        exchange: the API.
        party: who registers and asks.
        question: what lookups are for.
    """

    exchange: Exchange
    party: Party
    question: Question

    def register(self, numbers: Sequence[str], registration: Registration) -> Iterable[RegistrationItem]:
        """Register persons (Article 6)."""
        term = Term(registration.begin, registration.end)
        return self.exchange.register(numbers, registrar=self.party, term=term, right=registration.right)

    def unregister(self, number: str) -> None:
        """Delete the registration of a person (Article 6)."""
        self.exchange.unregister(number, registrar=self.party)

    def registration(self, number: str) -> Registration | None:
        """Give the own registration of a person (Article 6)."""
        found = self.exchange.registration(number, registrar=self.party)
        if found.periode is None or found.recht is None:
            return None
        return Registration(found.periode.begin, found.periode.einde, found.recht)

    def open(self, ranges: Sequence[str]) -> Iterable[PairAnswer]:
        """Open ranges of the own stand."""
        return self.exchange.open_stand(ranges, registrar=self.party)

    def lookup(self, numbers: Sequence[str], *, after_notice: bool) -> Iterable[LookupItem]:
        """Look persons up (Article 2 b); the privacy log keeps whether a notice was the ground."""
        question = replace(self.question, after_mutation=after_notice)
        return self.exchange.lookup(numbers, asker=self.party, question=question)
