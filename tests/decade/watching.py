"""Watches each call of the API: what is answered is what must be so, and is logged."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from jbplus.privacy_log.rules import LogEntry, LogOutcome, Service
from jbplus.protocol.calendar import BRUSSELS
from jbplus.protocol.parties import PAYMENT_ACTORS, Party
from jbplus.registrations.rules import Registration
from jbplus_recipient.answers import LookupItem, Person, Refused
from tests.decade.exchange import Exchange
from tests.decade.oracle import Body, Oracle, Said, pseudonym
from tests.decade.reading import Reader, check


@dataclass
class Watcher:
    """Holds each answer against the oracle, and tells the oracle who registered whom.

    Attributes:
        oracle: what must be so.
        exchange: whose log is read.
        readers: what the recipients must be told.
        unsure: the numbers of persons of whom a party was told under a number that it does not know: it cannot tell
            whose that is, unless one of its own was replaced or has the payment (contract §8).
        answers: how many lookups were answered since the log was counted.
        lookups: how many there were.
        dies: whether a process may die today, so that a record has no answer.
    """

    oracle: Oracle
    exchange: Exchange
    readers: dict[str, Reader] = field(default_factory=lambda: {party.kbo: Reader() for party in PAYMENT_ACTORS})
    unsure: dict[str, set[str]] = field(default_factory=lambda: {party.kbo: set() for party in PAYMENT_ACTORS})
    answers: int = 0
    lookups: int = 0
    dies: bool = False

    @property
    def today(self) -> date:
        """The day in Brussels."""
        return self.exchange.clock.now.astimezone(BRUSSELS).date()

    def registered(self, party: Party, numbers: Sequence[str], registration: Registration, made: int) -> None:
        """A party registered persons: those that were not so registered before are logged."""
        own, term = self.oracle.registered.setdefault(party.kbo, {}), (registration.begin, registration.end)
        entries = self.exchange.log.entries[made:]
        subjects = {entry.subject for entry in entries if _is(entry, party, Service.REGISTRATION)}
        for number in numbers:
            is_logged = self._subject(number) in subjects
            check(is_logged or own.get(number) == term or self.dies, "a registration without its record")
            own[number] = term

    def unregistered(self, party: Party, number: str, made: int) -> None:
        """A party deleted a registration, which is logged."""
        entries = [each for each in self.exchange.log.entries[made:] if _is(each, party, Service.REGISTRATION)]
        expected = [(self._subject(number), LogOutcome.DELETED)] * (number in self.oracle.registered.get(party.kbo, {}))
        is_logged = [(each.subject, each.outcome) for each in entries] == expected
        check(is_logged or self.dies, "a registration was deleted without its record")
        self.oracle.registered.get(party.kbo, {}).pop(number, None)

    def left(self, party: Party, made: int) -> None:
        """A party left: each of its registrations is deleted, and that is logged."""
        entries = [each for each in self.exchange.log.entries[made:] if _is(each, party, Service.REGISTRATION)]
        deleted = {each.subject for each in entries if each.outcome is LogOutcome.DELETED}
        missing = {self._subject(number) for number in self.oracle.registered.get(party.kbo, {})} - deleted
        check(not missing, "a registration of a party that left was deleted without its record")

    def told(self, party: Party, numbers: Sequence[str]) -> None:
        """A party was told of numbers; of those that it does not register it may not know whose they are."""
        for number in numbers:
            if number not in self.oracle.registered.get(party.kbo, {}):
                self.unsure[party.kbo] |= self.oracle.cluster(number)

    def _subject(self, number: str) -> str:
        return self.exchange.pseudonyms().names(number)[0].person

    def answered(self, party: Party, numbers: Sequence[str], items: Sequence[LookupItem], after_notice: bool) -> None:  # noqa: FBT001
        """Each answer is what must be so, and has its record, which was written before it."""
        entries = self.exchange.log.entries[-len(numbers) :]
        self.answers += len(numbers)
        self.lookups += len(numbers)
        for number, item, entry in zip(numbers, items, entries, strict=True):
            if self.oracle.registers(party.kbo, number, self.today):
                self.unsure[party.kbo] -= self.oracle.person(number)
            outcome = self._outcome(party, number, item)
            said = (entry.service, entry.caller.asker.kbo, entry.outcome, entry.after_mutation, entry.moment)
            check(
                said == (Service.LOOKUP, party.kbo, outcome, after_notice, self.exchange.clock.now),
                "an answer without its record",
            )
            keys = self.exchange.keys.keys[: entry.key_version]
            check(entry.subject == pseudonym(keys, number), "a record about somebody else")
            ground = None if outcome is LogOutcome.NOT_REGISTERED else party.kbo
            check((entry.purpose, entry.registered_by) == ("socialeToeslag", ground), "a record of another ground")

    def _outcome(self, party: Party, number: str, item: LookupItem) -> LogOutcome:
        """Check an answer; give what the log must say of it."""
        now = self.exchange.clock.now.timestamp()
        is_active = self.oracle.is_active(party.kbo, number, self.today)
        if isinstance(item, Refused):
            check(not is_active, f"{party.key} is refused whom it registers")
            check(item.problem.code == "40003", f"{party.key} is refused for another reason")
            return LogOutcome.NOT_REGISTERED
        check(is_active, f"{party.key} is answered about whom it does not register")
        said = self.oracle.said(number)
        if said.end is None or said.end <= now:
            said = Said()
        last = None if said.end is None else datetime.fromtimestamp(said.end - 1, UTC).astimezone(BRUSSELS).date()
        check((item.volgnummer, item.bewaar_tot) == (said.volgnummer, last), "an answer with another number or end")
        check(_live(item) == said.live, "an answer with other payments")
        check(_nets(item) == _sums(said), "an answer with other sums")
        check(bool(item.vervangen) == self.oracle.is_replaced(number), "an answer about a number that was replaced")
        check(item.in_onderzoek == self.oracle.in_doubt(number, party.kbo, now), "an answer with another doubt")
        return LogOutcome.ANSWERED if said.live else LogOutcome.EMPTY

    def expect_log(self) -> None:
        """Every lookup that was answered is in the log once; one that was not answered may be there."""
        entries = [each for each in self.exchange.logged() if each.service is Service.LOOKUP]
        refused = {LogOutcome.SUSPENDED, LogOutcome.PURPOSE_NOT_ALLOWED}
        more = sum(each.outcome not in refused for each in entries) - self.answers
        check(more >= 0 and (more == 0 or self.dies), f"{more} records more than answers")
        self.answers = 0


def _is(entry: LogEntry, party: Party, service: Service) -> bool:
    return (entry.service, entry.caller.asker.kbo) == (service, party.kbo)


def _live(item: Person) -> tuple[tuple[str, Body], ...]:
    found = [
        (
            each.referte,
            Body(
                each.fiscaal_jaar, each.bedragtype, int(each.verrichtingbedrag * 100), each.effectieve_verrichtingsdatum
            ),
        )
        for each in item.verrichtingen
    ]
    order = [(body.year, body.instalment, body.day, referte) for referte, body in found]
    check(order == sorted(order), "an answer in another order")
    return tuple(sorted(found))


def _nets(item: Person) -> dict[int, tuple[Decimal, Decimal, Decimal]]:
    return {
        each.fiscaal_jaar: (each.betaald * 100, each.teruggevorderd * 100, each.netto * 100)
        for each in item.netto_per_fiscaal_jaar
    }


def _sums(said: Said) -> dict[int, tuple[Decimal, Decimal, Decimal]]:
    found: dict[int, tuple[Decimal, Decimal, Decimal]] = {}
    for _, body in said.live:
        paid, back, net = found.get(body.year, (Decimal(0), Decimal(0), Decimal(0)))
        more, less = Decimal(max(body.cents, 0)), Decimal(min(body.cents, 0))
        found[body.year] = (paid + more, back + less, net + body.cents)
    return found
