"""The days, one after another, and at each midnight what is so held against what must be so."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

from jbplus.privacy_log.rules import LogOutcome, Service
from jbplus.protocol.parties import PAYMENT_ACTORS, WEWIS, Party
from jbplus.registrations.rules import Registration
from jbplus_cli.samples.persons import TestPersons
from jbplus_recipient.answers import LookupItem, Refused
from jbplus_recipient.errors import ProblemError
from tests.decade import START
from tests.decade.oracle import YEARS, File, Oracle, Record, Totals, pseudonym, takes_part
from tests.decade.script import Day, Drop, Script
from tests.decade.world import Actor, Clock, Exchange, KilledError, actors

HOUR = 3600
_MOST_DAYS_LATE = 3
_LONGEST_BROKEN = timedelta(days=5)


class DivergedError(AssertionError):
    """The product and the oracle do not agree. It names the day and what differs."""


Told = tuple[int, str, str, str]
"""A notification: volgnummer, referte, type, person."""


@dataclass
class _Reader:
    """What one recipient must have been told, and when it last was in step.

    Attributes:
        must: what it must be told.
        may: what it may be told: it no longer registers the person, and may not have then.
        number: of its last notice.
        in_step: the last midnight at which all had reached it.
    """

    must: Counter[Told] = field(default_factory=Counter)
    may: Counter[Told] = field(default_factory=Counter)
    number: int = 0
    in_step: float = 0


@dataclass(frozen=True)
class Lived:
    """How a life ended: the number of its days, and a digest of all that was so at its midnights."""

    days: int
    digest: str
    files: int
    lookups: int
    notices: int


class Life:
    """A world from its first day on.

    Args:
        seed: decides all that happens.
        persons: how many there are.
        rotates: on which day, from 0, the key is rotated.
    """

    def __init__(self, seed: int, persons: int, rotates: int) -> None:
        self.oracle = Oracle()
        self.script = Script(seed, persons, self.oracle)
        self.clock = Clock()
        self.exchange = Exchange(self.clock)
        self.actors = actors(self.exchange, self._answered)
        self._rotates = START + timedelta(days=rotates)
        self._readers = {party.kbo: _Reader() for party in PAYMENT_ACTORS}
        self._standing: dict[str, Drop] = {}
        self._touched: set[str] = set()
        self._left: dict[str, set[str]] = {}
        self._reports: Counter[str] = Counter()
        self._broken: dict[str, date] = {}
        self._answers = 0
        self._lookups = self._notices = 0
        self._dies = False
        self._digest = hashlib.sha256()

    def live(self, days: int, follow: Callable[[int], object] = lambda _: None) -> Lived:
        """Live so many days.

        Raises:
            DivergedError: what is so is not what must be so.
        """
        for number in range(days):
            today = START + timedelta(days=number)
            try:
                self._live(today, self.script.day(today))
            except DivergedError as error:
                raise DivergedError(f"day {number} ({today}): {error}") from error
            follow(number + 1)
        return Lived(days, self._digest.hexdigest(), len(self.oracle.taken), self._lookups, self._notices)

    def _live(self, today: date, day: Day) -> None:
        exchange = self.exchange
        exchange.server.is_down = day.server_is_down
        self._dies = bool(day.deaths)
        if today == self._rotates:
            self.clock.at(today, 2 * HOUR)
            self._rotate(today)
        self.clock.at(today, 3 * HOUR)
        self._step("goodbye", day, exchange.let_ended_go)
        for drop in day.drops:
            self._standing[drop.name] = drop
            exchange.server.held["From_Vip", drop.name] = (drop.content, self.clock.now)
        self.clock.at(today, 7 * HOUR)
        self._step("visit", day, exchange.visit)
        self._step("intake", day, exchange.take_in)
        if not day.server_is_down:
            self._expect_files(today)
        self._step("tell", day, exchange.tell)
        self.clock.at(today, 12 * HOUR)
        for party, streams in day.suspended:
            exchange.suspend(party, streams)
        for party in day.lifted:
            exchange.lift(party)
        self._register(today, day)
        self.clock.at(today, 15 * HOUR)
        self._step("later tell", day, exchange.tell)
        held = {party: self._notices_of(party) for party in self.script.held}
        self._step("later visit", day, exchange.visit)
        for party, before in held.items():
            _check(self._notices_of(party) == before, f"{party.key} is suspended, and is sent notices")
        exchange.take_in()
        self._expect_reports(today)
        self._read_reports()
        self._midnight(today + timedelta(days=1), day)

    def _step(self, name: str, day: Day, step: Callable[[], object]) -> None:
        """Do a step, which dies at a write when that is its fate, and is done again then."""
        death = day.deaths.get(name)
        if death is not None:
            self.exchange.life.begin(death.at, after=death.after)
            with suppress(KilledError):
                step()
        self.exchange.life.begin()
        step()

    # In the morning

    def _expect_files(self, today: date) -> None:
        """Say what must have become of the files of this morning; one that is not whole may come whole yet."""
        now = self.clock.now.timestamp()
        for drop in sorted(self._standing.values(), key=lambda drop: (len(drop.content), drop.name)):
            if drop.file is None:
                self._broken[_said(drop.content, {"status": "geweigerd"})] = today
            else:
                self._reports[_said(drop.content, self._expect(drop.file, now, today))] += 1
        self._standing.clear()
        self._expect_reports(today)

    def _expect_reports(self, today: date) -> None:
        bucket = self.exchange.bucket
        _check(self.exchange.dock.events == [] and bucket.incoming == {}, "a file is not done with")
        reports = Counter(_of_report(content) for content in bucket.reports.values())
        for report in [report for report in self._broken if report in reports]:
            self._reports[report] += 1
            del self._broken[report]
        _check(reports == self._reports, "the reports are not those of the files")
        _check(all(today - day < _LONGEST_BROKEN for day in self._broken.values()), "a file has no report")

    def _expect(self, file: File, now: float, today: date) -> dict[str, object]:
        applied = self.oracle.take(file, now)
        count = len(file.records)
        if applied is None:
            return {"status": "reedsVerwerkt", "gelezen": count}
        bad = sum(record.bad for record in file.records)
        self._touched |= {record.insz for record in file.records}
        self._expect_notices(file.volgnummer, applied, today)
        return {
            "status": "gedeeltelijkVerwerkt" if bad else "verwerkt",
            "gelezen": count,
            "toegepast": len(applied),
            "verouderd": count - bad - len(applied),
            "geweigerd": bad,
        }

    def _expect_notices(self, volgnummer: int, applied: Sequence[Record], today: date) -> None:
        for party in PAYMENT_ACTORS:
            for record in applied:
                if takes_part(party.ends, today) and self.oracle.is_active(party.kbo, record.insz, today):
                    told = (volgnummer, record.referte, record.type, record.insz)
                    self._readers[party.kbo].must[told] += 1

    # By day

    def _register(self, today: date, day: Day) -> None:
        by_term: dict[tuple[str, Registration], list[str]] = {}
        for term in day.terms:
            active = self.oracle.is_active(term.party.kbo, term.person, today)
            begin = min(term.begin, today) if active else term.begin
            registration = Registration(begin, term.end, term.right)
            by_term.setdefault((term.party.kbo, registration), []).append(term.person)
        for (kbo, registration), numbers in by_term.items():
            self._step("register", day, partial(self.actors[kbo].register, numbers, registration))
            for number in numbers:
                self.oracle.registered.setdefault(kbo, {})[number] = (registration.begin, registration.end)
                self._perhaps(kbo, number)

    def _perhaps(self, kbo: str, person: str) -> None:
        """A registration changed: what was not told by now may be left out."""
        reader = self._readers[kbo]
        for told in [told for told in reader.must if told[3] == person]:
            reader.may[told] += reader.must.pop(told)

    def _notices_of(self, party: Party) -> set[str]:
        return {name for folder, name in self.exchange.server.held if folder == party.kbo}

    def _read_reports(self) -> None:
        held = self.exchange.server.held
        for folder, name in [key for key in held if key[0] == WEWIS.kbo]:
            content, _ = held.pop((folder, name))
            _check(content == self.exchange.bucket.reports[name.removesuffix(".json")], "a report was sent otherwise")

    def _rotate(self, today: date) -> None:
        keys = [b"k" * 32, *(str(version).encode() * 32 for version in range(2, 4))]
        versions = {pseudonym(keys[:v], number): v for number in self.script.persons for v in range(1, len(keys) + 1)}
        waits = iter(range(10**6))

        def meanwhile() -> None:
            actor = self.actors[PAYMENT_ACTORS[next(waits) % len(PAYMENT_ACTORS)].kbo]
            asked = sorted(self.oracle.active(actor.party.kbo, today))[:20]
            if asked and takes_part(actor.party.ends, today) and not self.script.is_suspended(actor.party):
                items = actor.api.lookup(asked, after_notice=False)
                said = {item.insz: _nets(item) for item in items if not isinstance(item, Refused)}
                _check(said == {each: self.oracle.now(each) for each in asked}, "amid a rotation")

        self.exchange.rotate(lambda name: versions[name], meanwhile)

    # At midnight

    def _midnight(self, today: date, day: Day) -> None:
        exchange = self.exchange
        self.clock.at(today)
        now = self.clock.now.timestamp()
        gone = self.oracle.pass_midnight(self.script.persons, now)
        exchange.expire(self.script.delay)
        for actor in self.actors.values():
            for person in self.oracle.registered.get(actor.party.kbo, {}):
                if self.oracle.registered[actor.party.kbo][person][1] == today - timedelta(days=1):
                    self._perhaps(actor.party.kbo, person)
            if takes_part(actor.party.ends, today):
                self._sync(actor, today, day)
            else:
                self._expect_gone(actor.party, today)
                _check(_is_refused(actor), f"{actor.party.key} left, and is answered")
        self._expect_forgotten(gone, today)
        self._expect_log()
        self._expect_ends(self._touched | set(gone) if today.day > 1 else self.script.persons, now)
        self._touched.clear()

    def _sync(self, actor: Actor, today: date, day: Day) -> None:
        kbo = actor.party.kbo
        actor.cannot_fetch, actor.api.is_down = kbo in day.cannot_fetch, kbo in day.api_is_down
        hindered = day.server_is_down or actor.cannot_fetch or actor.api.is_down
        done: list[bool] = []
        self._step("sync", day, lambda: done.append(actor.sync()))
        self._read_notices(actor)
        actor.cannot_fetch = actor.api.is_down = False
        reader = self._readers[kbo]
        deducts: Mapping[str, Totals] = actor.deducts()
        now = self.clock.now.timestamp()
        if hindered or self.script.is_suspended(actor.party):
            for person, totals in deducts.items():
                _check(self.oracle.is_active(kbo, person, today), f"{actor.party.key} keeps whom it does not register")
                _check(totals in self.oracle.since(person, reader.in_step, now), f"{actor.party.key} made something up")
            return
        _check(bool(done and done[-1]), f"{actor.party.key} could not do all")
        expected: Mapping[str, Totals] = {
            person: totals for person in self.oracle.active(kbo, today) if (totals := self.oracle.now(person))
        }
        if deducts != expected:
            wrong = sum(deducts.get(each) != expected.get(each) for each in {**deducts, **expected})
            raise DivergedError(f"{actor.party.key} deducts otherwise of {wrong} of {len(expected)} persons")
        _check(not reader.must, f"{actor.party.key} was not told of {reader.must.total()} records")
        reader.in_step = now
        reader.may.clear()
        self._digest.update(repr((today, kbo, len(expected), _sum(expected), reader.number)).encode())

    def _read_notices(self, actor: Actor) -> None:
        reader = self._readers[actor.party.kbo]
        for notice in actor.took:
            _check(
                notice.context.volgnummer == reader.number + 1, f"{actor.party.key}'s notices are not in their order"
            )
            reader.number += 1
            self._notices += 1
            for each in notice.notificaties:
                told = (each.volgnummer, each.referte, each.type, each.insz)
                for book in (reader.must, reader.may):
                    if book[told]:
                        book[told] -= 1
                        if not book[told]:
                            del book[told]
                        break
                else:
                    raise DivergedError(f"{actor.party.key} was told what it may not know, or twice")
        actor.took.clear()

    def _expect_forgotten(self, gone: Sequence[str], today: date) -> None:
        """Nothing is answered any more of whose term is over, though DynamoDB may not have deleted it."""
        for actor in self.actors.values():
            asked = [person for person in gone if self.oracle.is_active(actor.party.kbo, person, today)][:100]
            if asked and takes_part(actor.party.ends, today) and not self.script.is_suspended(actor.party):
                items = actor.api.lookup(asked, after_notice=False)
                said = [item.verrichtingen for item in items if not isinstance(item, Refused)]
                _check(said == [()] * len(asked), "what has ended is answered")

    def _expect_gone(self, party: Party, today: date) -> None:
        """Within a day after a party left, nothing of it is there."""
        if party.ends is not None and today > party.ends + timedelta(days=1):
            left = any(kbo == party.kbo for _, kbo in self.exchange.registrations.items)
            _check(not left, f"{party.key} left, and its registrations are there")
            _check(not self.exchange.waits_for(party), f"{party.key} left, and something waits for it")
        found = self._notices_of(party)
        _check(found == self._left.setdefault(party.kbo, found), f"{party.key} left, and something is sent to it")

    def _answered(self, party: Party, numbers: Sequence[str], items: Sequence[LookupItem], after: bool) -> None:  # noqa: FBT001
        """Each answer has its record, which was written before it."""
        entries = self.exchange.log.entries[-len(numbers) :]
        self._answers += len(numbers)
        self._lookups += len(numbers)
        for number, item, entry in zip(numbers, items, entries, strict=True):
            outcome = LogOutcome.NOT_REGISTERED if isinstance(item, Refused) else LogOutcome.EMPTY
            if not isinstance(item, Refused) and item.verrichtingen:
                outcome = LogOutcome.ANSWERED
            said = (entry.service, entry.caller.asker.kbo, entry.outcome, entry.after_mutation, entry.moment)
            _check(said == (Service.LOOKUP, party.kbo, outcome, after, self.clock.now), "an answer without its record")
            keys = self.exchange.keys.keys[: entry.key_version]
            _check(entry.subject == pseudonym(keys, number), "a record about somebody else")
            _check(entry.purpose == "socialeToeslag", "a record of another purpose")

    def _expect_log(self) -> None:
        entries = [each for each in self.exchange.logged() if each.service is Service.LOOKUP]
        refused = {LogOutcome.SUSPENDED, LogOutcome.PURPOSE_NOT_ALLOWED}
        answered = [each for each in entries if each.outcome not in refused]
        more = len(answered) - self._answers
        _check(more >= 0 and (more == 0 or self._dies), f"{more} records more than answers")
        self._answers = 0

    def _expect_ends(self, persons: Sequence[str] | set[str], now: float) -> None:
        for person in persons:
            stored, end = self.exchange.stored(person), self.oracle.end(person)
            if end is None or end <= now:
                _check(stored is None or stored.expires_at <= now, "somebody is kept for too long")
                over = end is not None and end + _MOST_DAYS_LATE * 86_400 <= now
                _check(not over or stored is None, "what has ended is still there")
            else:
                _check(stored is not None, "somebody is gone too soon")
                _check(stored is not None and stored.expires_at == end, f"a person's end is not {YEARS} years later")


def _is_refused(actor: Actor) -> bool:
    try:
        actor.api.lookup([TestPersons(0).number(0)], after_notice=False)
    except ProblemError as error:
        return error.problem.code == "40005"
    return False


def _nets(item: LookupItem) -> Totals:
    assert not isinstance(item, Refused)
    return {total.fiscaal_jaar: max(0, int(total.netto * 100)) for total in item.netto_per_fiscaal_jaar}


def _sum(expected: Mapping[str, Totals]) -> int:
    return sum(sum(totals.values()) for totals in expected.values())


def _said(content: bytes, told: dict[str, object]) -> str:
    return json.dumps({"sha256": hashlib.sha256(content).hexdigest(), **told}, sort_keys=True)


def _of_report(content: bytes) -> str:
    report = json.loads(content)
    told = {"sha256": report["sha256"], "status": report["status"]}
    counts = report["aantallen"]
    if report["status"] == "reedsVerwerkt":
        told["gelezen"] = counts["gelezen"]
    elif report["status"] != "geweigerd":
        told |= counts
    return json.dumps(told, sort_keys=True)


def _check(is_so: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as an assertion
    if not is_so:
        raise DivergedError(otherwise)
