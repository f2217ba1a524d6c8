"""The nights: what each recipient registers and deducts after its run, held against what it must."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from jbplus.notices.notice import Notice
from jbplus.protocol.parties import PAYMENT_ACTORS, Party
from jbplus.registrations.rules import Registration
from jbplus.stand.service import Outcome
from tests.decade.exchange import Exchange
from tests.decade.oracle import Oracle, Totals, holds, takes_part
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
        days_for_a_stand: after how many days the next party's stand is put out.
        digest: of all that was so.
    """

    oracle: Oracle
    script: Script
    exchange: Exchange
    watcher: Watcher
    actors: dict[str, Actor]
    days_for_a_stand: int
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    _proves: Party | None = None
    _deducted: dict[str, dict[str, dict[int, int]]] = field(default_factory=dict)
    _meant: dict[str, dict[str, tuple[date, date | None]]] = field(default_factory=dict)
    _either: dict[str, set[str]] = field(default_factory=dict)

    def register(self, today: date, day: Day) -> None:
        """Have them register whom the day says."""
        by_term: dict[tuple[str, Registration], list[str]] = {}
        for term in day.terms:
            kbo = term.party.kbo
            if term.person in self._meant.get(kbo, {}) and term.person not in self.oracle.registered[kbo]:
                continue  # it moved on to another number of the person, and speaks of that
            # Whom a party has, under whatever number, it has without a gap.
            begin = min(term.begin, today) if self.oracle.is_active(kbo, term.person, today) else term.begin
            registration = Registration(begin, term.end, term.right)
            by_term.setdefault((kbo, registration), []).append(term.person)
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
        either |= {each for each in self.oracle.person(number) if each in meant and registered.get(each) != meant[each]}

    def put_stand_out(self, today: date, day: Day) -> None:
        """Put the stand of the party in turn out; of the others not, for the sake of time."""
        self._proves = None
        turn, rest = divmod(today.toordinal(), self.days_for_a_stand)
        if rest:
            return
        party, outcomes = PAYMENT_ACTORS[turn % len(PAYMENT_ACTORS)], list[Outcome]()
        publish = partial(self.exchange.publish_stand, party)
        self.exchange.life.survive(lambda: outcomes.append(publish()), day.deaths.get("stand"))
        is_put_out = takes_part(party.ends, today) and party not in self.script.held
        check(outcomes[-1] is (Outcome.PUBLISHED if is_put_out else Outcome.HELD_BACK), "a stand is put out or not")
        self._proves = party if is_put_out else None

    def sync(self, actor: Actor, today: date, day: Day) -> None:
        """Have a recipient do its run; what comes of it is what must."""
        kbo = actor.party.kbo
        actor.cannot_fetch, actor.api.is_down = kbo in day.cannot_fetch, kbo in day.api_is_down
        is_suspended = self.script.is_suspended(actor.party)
        actor.api.fail(day.api_fails.get(kbo, 0))
        hindered = day.server_is_down or actor.cannot_fetch or actor.api.is_down or is_suspended
        failures: list[str] = []
        proves = actor.party is self._proves and not hindered
        lost = self._lose(actor.party) if proves and day.loses and kbo not in day.api_fails else set()
        for _, notice in notices(self.exchange.server.held, actor.party):
            self.watcher.told(actor.party, [number for each in notice.notificaties for number in each.numbers])
        self.exchange.life.survive(lambda: failures.append(actor.sync()), day.deaths.get("sync"))
        reader = self.watcher.readers[kbo]
        for notice in actor.took:
            reader.take(notice, actor.party)
        actor.took.clear()
        actor.cannot_fetch = actor.api.is_down = False
        hindered = hindered or actor.api.has_failed
        actor.api.fail(0)
        before, deducts = self._deducted.get(kbo, {}), actor.deducts()
        self._deducted[kbo] = deducts
        if "sync" not in day.deaths:  # a run that dies tells its changes twice
            self._expect_changes(actor, before, deducts)
        if hindered:
            self._expect_no_worse(actor.party, before, deducts, today)
            return
        check(not failures[-1], f"{actor.party.key} could not do all: {failures[-1]}")
        active = self.oracle.active(kbo, today)
        self._expect_registered(actor.party, active, today)
        expected = self._expect_deducted(actor.party, deducts, active, is_proven=proves)
        if proves:
            self._expect_in_step(actor, lost)
        check(not reader.must, f"{actor.party.key} was not told of {reader.must.total()} records")
        reader.in_step = self.exchange.clock.now.timestamp()
        self.digest.update(repr((today, kbo, *expected, reader.numbers)).encode())

    def _expect_no_worse(
        self, party: Party, before: Mapping[str, Totals], deducts: Mapping[str, Totals], today: date
    ) -> None:
        """Who is hindered deducts what was so once, and still deducts what nothing told it to deduct no more."""
        kbo, now = party.kbo, self.exchange.clock.now.timestamp()
        in_step = self.watcher.readers[kbo].in_step
        for number, totals in deducts.items():
            since = 0 if number in self.watcher.unsure[kbo] | self.oracle.tangled else in_step
            check(totals in self.oracle.since(number, since, now), f"{party.key} made something up")
        gone = before.keys() - deducts.keys() - self.oracle.tangled
        for number in gone & (self._meant[kbo].keys() - self._either[kbo]):
            is_due = all(self.oracle.since(number, in_step, now)) and self.oracle.is_active(kbo, number, today)
            is_there = any(each in deducts for each in self.oracle.cluster(number))
            term = self.oracle.registered[kbo].get(number)
            has_ended = term is not None and not holds(term, today)
            check(is_there or has_ended or not is_due, f"{party.key} lost what it deducted")

    def _lose(self, party: Party) -> set[str]:
        """Lose a notice of mutations on its way; give the numbers that it told of."""
        for name, notice in notices(self.exchange.server.held, party):
            if isinstance(notice, Notice):
                del self.exchange.server.held[party.kbo, name]
                self.watcher.readers[party.kbo].take(notice, party)
                return {number for each in notice.notificaties for number in each.numbers}
        return set()

    def _expect_in_step(self, actor: Actor, lost: Collection[str]) -> None:
        """What differed is mended; nobody differed but for a lost notice, a doubt, an end, or several numbers.

        Of a doubt nobody is told, nor of an overtaken record that changes an end alone, nor that links ended; of a
        number that changed, who hears what depends on what it registers.
        """
        stands = actor.store.stands
        check(stands.waiting() is None, f"{actor.party.key} did not compare its stand")
        for one in stands.divergences():
            check(one.is_healed, f"{actor.party.key} is not in step: {one.kind}")
            is_untold = one.name in self.oracle.reports or one.name in self.oracle.redated
            has_others = len(self.oracle.cluster(one.name) | self.oracle.ever(one.name)) > 1
            is_excused = one.name in lost or is_untold or has_others
            check(is_excused, f"{actor.party.key} differed without a cause: {one.kind}")

    def _expect_changes(self, actor: Actor, before: Mapping[str, Totals], deducts: Mapping[str, Totals]) -> None:
        """What is told as changed changed so; and all that changed is told, but what was forgotten."""
        told = actor.changes()
        for (number, year), change in told.items():
            were = (before.get(number, {}).get(year, 0), deducts.get(number, {}).get(year, 0))
            check(change == were, f"{actor.party.key} told of a change that is none")
        for number, totals in deducts.items():
            if totals != (were_totals := before.get(number, {})):
                missing = {year for year, cents in totals.items() if cents != were_totals.get(year, 0)}
                check(all((number, year) in told for year in missing), f"{actor.party.key} did not tell of a change")

    def _expect_deducted(
        self, party: Party, deducts: Mapping[str, Totals], active: set[str], *, is_proven: bool
    ) -> tuple[int, int]:
        """Each person is deducted once, under one of its numbers, and nobody else is."""
        persons = {self.oracle.person(number) for number in active}
        wrong, cents, count, more = 0, 0, 0, 0
        now = self.exchange.clock.now.timestamp()
        for person in persons:
            totals = self.oracle.now(min(person))
            found = [deducts[number] for number in person if number in deducts]
            if person & (self.watcher.unsure[party.kbo] | self.oracle.tangled):
                more += len(found) - bool(totals)
                wrong += any(deducts[n] not in self.oracle.since(n, 0, now) for n in person if n in deducts)
                # What is registered was compared; a number that is known by notices alone was not.
                wrong += is_proven and any(deducts.get(n, totals) != totals for n in person & active)
                wrong += is_proven and bool(totals) and not found
            else:
                wrong += found != [totals] * bool(totals)
            cents += sum(totals.values())
            count += bool(totals)
        if wrong:
            raise DivergedError(f"{party.key} deducts otherwise of {wrong} of {count} persons")
        others = sum(number in self.oracle.tangled and not self.oracle.person(number) & active for number in deducts)
        check(len(deducts) == count + more + others, f"{party.key} deducts of whom it does not register")
        return count, cents

    def _expect_registered(self, party: Party, active: set[str], today: date) -> None:
        """A party registers, under some number, whom it means to, and nobody else."""
        meant = {number for number, term in self._meant.get(party.kbo, {}).items() if holds(term, today)}
        either = self._either.get(party.kbo, set())
        lost = sum(not self.oracle.ever(number) & active for number in meant - active - either - self.oracle.tangled)
        check(not lost, f"{party.key} does not register {lost} of those whom it means to")
        more = sum(not self.oracle.ever(number) & (meant | either) for number in active - meant - self.oracle.tangled)
        check(not more, f"{party.key} registers {more} whom it does not mean to")
