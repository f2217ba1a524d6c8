"""The nights: what each recipient registers and deducts after its run, held against what it must."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from jbplus.protocol.parties import Party
from jbplus.registrations.rules import Registration
from tests.decade.exchange import Exchange
from tests.decade.oracle import Oracle, Totals, holds
from tests.decade.reading import DivergedError, check
from tests.decade.recipients import Actor, notices
from tests.decade.script import Day, Script
from tests.decade.watching import Watcher


@dataclass
class Nights:
    """Has the recipients register, and do what they do each night.

    Attributes:
        oracle: what must be so.
        script: who is suspended.
        exchange: whose folders and API they use.
        watcher: watches their calls.
        actors: the recipients, by KBO number.
        digest: of all that was so.
    """

    oracle: Oracle
    script: Script
    exchange: Exchange
    watcher: Watcher
    actors: dict[str, Actor]
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    _meant: dict[str, dict[str, tuple[date, date | None]]] = field(default_factory=dict)
    _either: dict[str, set[str]] = field(default_factory=dict)

    def register(self, today: date, day: Day) -> None:
        """Have them register whom the day says."""
        by_term: dict[tuple[str, Registration], list[str]] = {}
        for term in day.terms:
            kbo = term.party.kbo
            if term.person in self._meant.get(kbo, {}) and term.person not in self.oracle.registered[kbo]:
                continue  # it moved on to another number of the person, and speaks of that
            active = self.oracle.registers(term.party.kbo, term.person, today)
            begin = min(term.begin, today) if active else term.begin
            registration = Registration(begin, term.end, term.right)
            by_term.setdefault((term.party.kbo, registration), []).append(term.person)
        for (kbo, registration), numbers in by_term.items():
            self.exchange.life.survive(
                partial(self.actors[kbo].register, numbers, registration), day.deaths.get("register")
            )
            for number in numbers:
                self._mean(kbo, number, (registration.begin, registration.end))

    def _mean(self, kbo: str, number: str, term: tuple[date, date | None]) -> None:
        """A party means to register a person under a number.

        What it meant of a number that it moved on from is open then: should the succession be taken back, who knows.
        """
        meant, either = self._meant.setdefault(kbo, {}), self._either.setdefault(kbo, set())
        meant[number] = term
        either.discard(number)
        registered = self.oracle.registered[kbo]
        either |= {each for each in self.oracle.person(number) if each in meant and each not in registered}

    def sync(self, actor: Actor, today: date, day: Day) -> None:
        """Have a recipient do its run; what comes of it is what must."""
        kbo = actor.party.kbo
        actor.cannot_fetch, actor.api.is_down = kbo in day.cannot_fetch, kbo in day.api_is_down
        hindered = day.server_is_down or actor.cannot_fetch or actor.api.is_down
        done: list[bool] = []
        for _, notice in notices(self.exchange.server.held, actor.party):
            self.watcher.told(actor.party, [number for each in notice.notificaties for number in each.numbers])
        self.exchange.life.survive(lambda: done.append(actor.sync()), day.deaths.get("sync"))
        reader = self.watcher.readers[kbo]
        for notice in actor.took:
            reader.take(notice, actor.party)
        actor.took.clear()
        actor.cannot_fetch = actor.api.is_down = False
        deducts: Mapping[str, Totals] = actor.deducts()
        now = self.exchange.clock.now.timestamp()
        if hindered or self.script.is_suspended(actor.party):
            for number, totals in deducts.items():
                since = 0 if number in self.watcher.unsure[kbo] | self.oracle.tangled else reader.in_step
                check(totals in self.oracle.since(number, since, now), f"{actor.party.key} made something up")
            return
        check(bool(done and done[-1]), f"{actor.party.key} could not do all")
        self._expect_registered(actor.party, today)
        expected = self._expect_deducted(actor.party, deducts, today)
        check(not reader.must, f"{actor.party.key} was not told of {reader.must.total()} records")
        reader.in_step = now
        self.digest.update(repr((today, kbo, *expected, reader.numbers)).encode())

    def _expect_deducted(self, party: Party, deducts: Mapping[str, Totals], today: date) -> tuple[int, int]:
        """Each person is deducted once, under one of its numbers, and nobody else is."""
        active = self.oracle.active(party.kbo, today)
        persons = {self.oracle.person(number) for number in active}
        wrong, cents, count, more = 0, 0, 0, 0
        now = self.exchange.clock.now.timestamp()
        for person in persons:
            totals = self.oracle.now(min(person))
            found = [deducts[number] for number in person if number in deducts]
            if person & (self.watcher.unsure[party.kbo] | self.oracle.tangled):
                more += len(found) - bool(totals)
                wrong += any(deducts[n] not in self.oracle.since(n, 0, now) for n in person if n in deducts)
            else:
                wrong += found != [totals] * bool(totals)
            cents += sum(totals.values())
            count += bool(totals)
        if wrong:
            raise DivergedError(f"{party.key} deducts otherwise of {wrong} of {count} persons")
        others = sum(number in self.oracle.tangled and not self.oracle.person(number) & active for number in deducts)
        check(len(deducts) == count + more + others, f"{party.key} deducts of whom it does not register")
        return count, cents

    def _expect_registered(self, party: Party, today: date) -> None:
        """A party registers, under some number, whom it means to, and nobody else."""
        meant = {number for number, term in self._meant.get(party.kbo, {}).items() if holds(term, today)}
        active, either = self.oracle.active(party.kbo, today), self._either.get(party.kbo, set())
        lost = sum(not self.oracle.person(number) & active for number in meant - either - self.oracle.tangled)
        check(not lost, f"{party.key} does not register {lost} of those whom it means to")
        more = sum(not self.oracle.person(number) & (meant | either) for number in active - self.oracle.tangled)
        check(not more, f"{party.key} registers {more} whom it does not mean to")
