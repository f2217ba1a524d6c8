"""The days, one after another, and at each midnight what is so held against what must be so."""

import hashlib
import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from http import HTTPStatus

from jbplus.intake.wire import Released
from jbplus.protocol.parties import PAYMENT_ACTORS, WEWIS, Party
from jbplus.registrations.rules import Registration
from jbplus.statistics.publication import Publication
from jbplus_cli.samples.persons import TestPersons
from jbplus_recipient.errors import ProblemError
from tests.decade import START
from tests.decade.edges import KilledError
from tests.decade.exchange import Exchange
from tests.decade.figures import Cell, Telling, closed, figures
from tests.decade.oracle import (
    YEARS,
    AnyRecord,
    File,
    Oracle,
    Totals,
    holds,
    named,
    pseudonym,
    takes_part,
)
from tests.decade.reading import DivergedError, check, expect
from tests.decade.recipients import Actor, actors, read_any
from tests.decade.restoring import Restorer
from tests.decade.script import Day, Drop, Script
from tests.decade.tables import Clock
from tests.decade.watching import Watcher
from tests.support.oracles import retention_end

HOUR = 3600
_PART = re.compile(r"\.[0-9a-f]{8}\.\d{8}$")
_MOST_DAYS_LATE = 3
_LONGEST_BROKEN = timedelta(days=5)

__all__ = ["DivergedError", "Life", "Lived"]


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
        restores: from which days on the tables are set back to a moment some days before, once each.
    """

    def __init__(self, seed: int, persons: int, rotates: int, restores: Sequence[int] = ()) -> None:
        self.oracle = Oracle()
        self.script = Script(seed, persons, self.oracle)
        self.clock = Clock()
        self.exchange = Exchange(self.clock)
        self.watcher = Watcher(self.oracle, self.exchange)
        self.readers = self.watcher.readers
        self.actors = actors(self.exchange, self.watcher)
        self.restorer = Restorer(self.exchange)
        self._restores = [START + timedelta(days=number) for number in restores]
        self._released = START
        self._published: dict[tuple[int, str], Publication] = {}
        self._told = Telling()
        self._held: list[Party] = []
        self._applied: list[tuple[int, list[AnyRecord]]] = []
        self._rotates = START + timedelta(days=rotates)
        self._meant: dict[str, dict[str, tuple[date, date | None]]] = {}
        self._either: dict[str, set[str]] = {}
        self._standing: dict[str, Drop] = {}
        self._touched: set[str] = set()
        self._left: dict[str, set[str]] = {}
        self._reports: Counter[str] = Counter()
        self._seen: set[str] = set()
        self._broken: dict[str, date] = {}
        self._quarantined: list[File] = []
        self._asked: list[tuple[date, str, str, str]] = []
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
        files = sum(map(len, self.oracle.taken))
        notices = sum(sum(reader.numbers) for reader in self.readers.values())
        return Lived(days, self._digest.hexdigest(), files, self.watcher.lookups, notices)

    def _live(self, today: date, day: Day) -> None:
        self.exchange.server.is_down, self.exchange.is_strict = day.server_is_down, day.is_strict
        self.watcher.dies = bool(day.deaths)
        self._before_dawn(today, day)
        self._morning(today, day)
        self._by_day(today, day)
        self._midnight(today + timedelta(days=1), day)

    def _before_dawn(self, today: date, day: Day) -> None:
        if today == self._rotates:
            self.clock.at(today, 2 * HOUR)
            self._rotate(today)
        if self._restores and today >= self._restores[0] and not self._quarantined:
            self.clock.at(today, 2.5 * HOUR)
            self._restore(today, day)
        self.clock.at(today, 3 * HOUR)
        made = len(self.exchange.log.entries)
        self._step("goodbye", day, self.exchange.let_ended_go)
        for party in PAYMENT_ACTORS:
            if party.ends == today:
                self.watcher.left(party, made)
        for drop in day.drops:
            self._standing[drop.name] = drop
            self.exchange.server.held["From_Vip", drop.name] = (drop.content, self.clock.now)
        if today.day in (10, 11):
            self.clock.at(today, 5 * HOUR)
            self._publish(today, day)

    def _morning(self, today: date, day: Day) -> None:
        self.clock.at(today, 7 * HOUR)
        self._keep_copies(today)
        self._step("visit", day, self.exchange.visit)
        self._step("intake", day, self.exchange.take_in)
        if not day.server_is_down:
            self._expect_files(today)
        if day.releases:
            self._release(today, day)
        self._expect_told(today)
        self.clock.at(today, 7 * HOUR + 30)
        self._keep_copies(today)
        self._step("tell", day, self.exchange.tell)

    def _by_day(self, today: date, day: Day) -> None:
        exchange = self.exchange
        self.clock.at(today, 12 * HOUR)
        for party, streams in day.suspended:
            exchange.suspend(party, streams)
        for party in day.lifted:
            exchange.lift(party)
        self._register(today, day)
        self._report(today, day)
        self.clock.at(today, 15 * HOUR)
        self._held = self.script.held
        for party in PAYMENT_ACTORS:
            if party not in self._held:
                self.readers[party.kbo].lift(party, self.oracle, today)
        self._step("later tell", day, exchange.tell)
        held = {party: self._notices_of(party) for party in self._held}
        self._step("later visit", day, exchange.visit)
        for party, before in held.items():
            check(self._notices_of(party) == before, f"{party.key} is suspended, and is sent notices")
        exchange.take_in()
        self._expect_reports(today)
        self._read_reports()

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
                self._reports[_said(drop.content, self._expect(drop.file, now))] += 1
        self._standing.clear()
        self._expect_reports(today)

    def _expect_told(self, today: date) -> None:
        """Say who must be told, once all files of the visit are in, and what was released."""
        for volgnummer, records in self._applied:
            expect(self.readers, self.oracle, volgnummer, records, today, held=self._held)
        self._applied.clear()

    def _expect_reports(self, today: date) -> None:
        bucket = self.exchange.bucket
        check(self.exchange.dock.events == [] and bucket.incoming == {}, "a file is not done with")
        new = [name for name in bucket.reports if name not in self._seen]
        self._seen.update(new)
        for report in [_of_report(bucket.reports[name]) for name in new]:
            if report in self._broken:
                del self._broken[report]
            else:
                self._reports[report] -= 1
        check(not any(self._reports.values()), "the reports are not those of the files")
        self._reports.clear()
        check(all(today - day < _LONGEST_BROKEN for day in self._broken.values()), "a file has no report")

    def _expect(self, file: File, now: float) -> dict[str, object]:
        meant = file
        if self.exchange.is_strict:
            file = replace(file, records=tuple(replace(record, bad=True) for record in file.records))
        applied, count = self.oracle.take(file, now), len(file.records)
        missing = [
            {"van": first, "tot": last} for first, last in self.oracle.missing(of_successions=file.is_of_successions)
        ]
        if applied is None:
            return {"status": "reedsVerwerkt", "gelezen": count, "missing": missing}
        if self.exchange.is_strict:
            self._quarantined.append(meant)
        bad = sum(record.bad for record in file.records)
        self._touched.update(number for _, record in file.good for number in named(record))
        self._applied.append((file.volgnummer, applied))
        return {
            "status": "gedeeltelijkVerwerkt" if bad else "verwerkt",
            "gelezen": count,
            "toegepast": len(applied),
            "verouderd": count - bad - len(applied),
            "geweigerd": bad,
            "missing": missing,
        }

    def _release(self, today: date, day: Day) -> None:
        """Hand in again what was refused by mistake; it keeps its rank, and what is bad stays."""
        now, quarantined = self.clock.now.timestamp(), self.exchange.bucket.quarantined
        ours = {(f.volgnummer, f.is_of_successions): f for f in self._quarantined}
        parts = sorted(name for name in quarantined if _PART.search(name) and _file_of(quarantined[name]) in ours)
        told: list[tuple[int, list[AnyRecord]]] = []
        for file in self._quarantined:
            told.append((file.volgnummer, self.oracle.apply(file, now)))
            self._touched.update(number for _, record in file.good for number in named(record))
        self._quarantined.clear()
        done: list[Released] = []

        def release() -> None:
            done[:] = [self.exchange.release(name) for name in parts if name in quarantined]

        self._step("release", day, release)
        expected = (sum(len(records) for _, records in told), sum(len(list(file.good)) for file in ours.values()))
        found = (sum(each.toegepast for each in done), sum(each.toegepast + each.verouderd for each in done))
        check(found == expected or "release" in day.deaths, "what was released is not what was refused")
        left = sum(max(content.count(b"\n") - 1, 0) for name, content in quarantined.items() if name in parts)
        bad = sum(record.bad for file in ours.values() for record in file.records)
        check(left == bad, "what is still bad is not in quarantine any more")
        self._applied += told
        self._released = today

    # By day

    def _register(self, today: date, day: Day) -> None:
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
            self._step("register", day, partial(self.actors[kbo].register, numbers, registration))
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

    def _report(self, today: date, day: Day) -> None:
        """Have parties report on data, and WEWIS answer."""
        for report in day.reports:
            is_active = self.oracle.is_active(report.party.kbo, report.person, today)
            ids: list[str | None] = []
            self._step("report", day, partial(self.actors[report.party.kbo].report, report.person, ids.append))
            check((ids[-1] is not None) == is_active, "a report was taken that may not be, or the other way round")
            if ids[-1] is not None:
                end = retention_end(today, YEARS)
                self.oracle.reports.setdefault(report.person, {}).setdefault(ids[-1], (report.party.kbo, "gemeld", end))
                self._asked += [(due, report.person, ids[-1], status) for due, status in report.answers]
        for _, person, report_id, status in [each for each in self._asked if each[0] <= today]:
            self._step("answer", day, partial(self.exchange.answer_report, report_id, status))
            reporter, _, end = self.oracle.reports[person][report_id]
            self.oracle.reports[person][report_id] = (reporter, status, end)
        self._asked = [each for each in self._asked if each[0] > today]

    def _notices_of(self, party: Party) -> set[str]:
        return {name for folder, name in self.exchange.server.held if folder == party.kbo}

    def _read_reports(self) -> None:
        held = self.exchange.server.held
        for folder, name in [key for key in held if key[0] == WEWIS.kbo]:
            content, _ = held.pop((folder, name))
            check(content == self.exchange.bucket.reports[name.removesuffix(".json")], "a report was sent otherwise")

    # At night

    def _rotate(self, today: date) -> None:
        keys = [b"k" * 32, *(str(version).encode() * 32 for version in range(2, 4))]
        versions = {pseudonym(keys[:v], number): v for number in self.script.all for v in range(1, len(keys) + 1)}
        waits = itertools.count()

        def meanwhile() -> None:
            # Each party once in each phase.
            if (wait := next(waits)) % 4 == 0:
                self._ask(PAYMENT_ACTORS[wait // 4 % len(PAYMENT_ACTORS)], self.script.all, today)

        self.exchange.rotate(lambda name: versions[name], meanwhile)

    def _keep_copies(self, today: date) -> None:
        if self._restores and today >= self._restores[0] - timedelta(days=12):
            self.restorer.take()

    def _restore(self, today: date, day: Day) -> None:
        """Set persons and ledger back to a morning some days ago, and have in again what came since."""
        back = today - timedelta(days=5)
        if back <= max(self._released, START + timedelta(days=1)):
            return  # what was released since is in no file: for that there is fsck
        del self._restores[0]
        at = self.clock.now
        self.clock.at(back, 7 * HOUR + 45)
        moment, self.clock.now = self.clock.now, at
        before, self.exchange.is_strict = self.exchange.is_strict, False

        def meanwhile() -> None:
            if self.exchange.keys.standing.moment is not None:
                body = {"insz": self.script.all[0], "doel": "socialeToeslag"}
                status, _ = self.exchange.call(PAYMENT_ACTORS[0], "/v1/verrichtingen/get", body)
                check(status == HTTPStatus.SERVICE_UNAVAILABLE, "a lookup was answered while the tables are set back")

        refused: list[Sequence[int]] = []
        self._step("restore", day, lambda: refused.append(self.restorer.run(moment, meanwhile)))
        check(not refused[-1], "a file was refused that was taken before")
        self.exchange.is_strict = before
        # What came in again has reports again.
        self._seen.update(self.exchange.bucket.reports)
        taken = tuple(set(ledger.by_volgnummer) for ledger in (self.exchange.ledger, self.exchange.successions))
        check(taken == self.oracle.taken, "after a restore the ledger is not what it was")
        self._expect_ends(self.script.all, at.timestamp())

    def _publish(self, today: date, day: Day) -> None:
        """Publish; each month's figures are what may be told of it then, and never change."""
        self._step("publish", day, self.exchange.publish)
        kept, now = self.exchange.statistics.kept, self.clock.now.timestamp()
        check(all(kept.get(key) == each for key, each in self._published.items()), "published figures were changed")
        new = {key: each for key, each in kept.items() if key not in self._published}
        months = {(year, f"{month[0]:04d}-{month[1]:02d}"): month for year, month in closed(today)}
        check(set(months) == set(kept), "a month is not published that has closed, or the other way round")
        if new:
            persons = dict.fromkeys(self.oracle.person(number) for number in sorted(self.oracle.numbers))
            said = [self.oracle.said(min(person)) for person in persons]
            bodies = [[body for _, body in each.live] for each in said if each.end is not None and each.end > now]
            cells = [Cell(year, months[year, month], i) for year, month in new for i in "12"]
            for cell, told in figures(bodies, cells).items():
                found = new[cell.year, f"{cell.month[0]:04d}-{cell.month[1]:02d}"].cells[cell.instalment]
                check(self._told.agrees(cell, told, found), "figures are not those that may be told")
        self._published |= new

    def _ask(self, party: Party, numbers: Sequence[str], today: date, most: int = 20) -> None:
        """Have a party look some of its persons up; who answers is watched."""
        asked = [number for number in numbers if self.oracle.is_active(party.kbo, number, today)][:most]
        if asked and takes_part(party.ends, today) and not self.script.is_suspended(party):
            self._look_up(party, asked)

    def _look_up(self, party: Party, numbers: Sequence[str]) -> None:
        """Have a party look persons up beside its books."""
        before = {kbo: set(numbers) for kbo, numbers in self.watcher.unsure.items()}
        self.actors[party.kbo].api.lookup(numbers, after_notice=False)
        self.watcher.unsure = before

    def _midnight(self, today: date, day: Day) -> None:
        exchange = self.exchange
        self.clock.at(today)
        now = self.clock.now.timestamp()
        gone = self.oracle.pass_midnight(now)
        exchange.expire(self.script.delay)
        for actor in self.actors.values():
            if takes_part(actor.party.ends, today):
                self._sync(actor, today, day)
                self._ask(actor.party, gone, today, 100)
                if actor.party is PAYMENT_ACTORS[today.toordinal() % len(PAYMENT_ACTORS)]:
                    self._probe(actor.party)
            else:
                self._expect_gone(actor.party, today)
                check(_code_of_refusal(actor) == "40005", f"{actor.party.key} left, and is answered")
        self.watcher.expect_log()
        self._expect_ends(self._touched | set(gone) if today.day > 1 else self.script.all, now)
        self._touched.clear()

    def _probe(self, party: Party) -> None:
        """Have a party look up whoever comes along: registered or not, linked, or unknown."""
        if self.script.is_barred(party):
            check(_code_of_refusal(self.actors[party.kbo]) == "40006", f"{party.key} is suspended, and is answered")
        elif not self.script.is_suspended(party):
            self._look_up(party, self.script.some())

    def _sync(self, actor: Actor, today: date, day: Day) -> None:
        kbo = actor.party.kbo
        actor.cannot_fetch, actor.api.is_down = kbo in day.cannot_fetch, kbo in day.api_is_down
        hindered = day.server_is_down or actor.cannot_fetch or actor.api.is_down
        done: list[bool] = []
        waiting = self.exchange.server.held.items()
        for notice in [read_any(name, content) for (folder, name), (content, _) in waiting if folder == kbo]:
            self.watcher.told(actor.party, [number for each in notice.notificaties for number in each.numbers])
        self._step("sync", day, lambda: done.append(actor.sync()))
        reader = self.readers[kbo]
        for notice in actor.took:
            reader.take(notice, actor.party)
        actor.took.clear()
        actor.cannot_fetch = actor.api.is_down = False
        deducts: Mapping[str, Totals] = actor.deducts()
        now = self.clock.now.timestamp()
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
        self._digest.update(repr((today, kbo, *expected, reader.numbers)).encode())

    def _expect_deducted(self, party: Party, deducts: Mapping[str, Totals], today: date) -> tuple[int, int]:
        """Each person is deducted once, under one of its numbers, and nobody else is."""
        active = self.oracle.active(party.kbo, today)
        persons = {self.oracle.person(number) for number in active}
        wrong, cents, count, more = 0, 0, 0, 0
        now = self.clock.now.timestamp()
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

    def _expect_gone(self, party: Party, today: date) -> None:
        """Within a day after a party left, nothing of it is there."""
        if party.ends is not None and today > party.ends + timedelta(days=1):
            left = any(kbo == party.kbo for _, kbo in self.exchange.registrations.items)
            check(not left, f"{party.key} left, and its registrations are there")
            check(not self.exchange.waits_for(party), f"{party.key} left, and something waits for it")
        found = self._notices_of(party)
        check(found == self._left.setdefault(party.kbo, found), f"{party.key} left, and something is sent to it")

    def _expect_ends(self, numbers: Sequence[str] | set[str], now: float) -> None:
        for number in numbers:
            known = self.oracle.numbers.get(number)
            stored, end = self.exchange.stored(number), self.oracle.end(number) if known else None
            if stored is not None or number not in self.oracle.may_be_gone:
                self._expect_end(None if stored is None else stored.expires_at, end, now)
            links = self.exchange.stored_links(number)
            cluster = self.oracle.cluster(number)
            olds = [each for each in sorted(cluster) if each in self.oracle.links]
            self._expect_end(
                None if links is None else links.expires_at, self.oracle.end_of_links(olds[0]) if olds else None, now
            )

    def _expect_end(self, stored: int | None, end: int | None, now: float) -> None:
        if end is None or end <= now:
            check(stored is None or stored <= now, "somebody is kept for too long")
            over = end is not None and end + _MOST_DAYS_LATE * 86_400 <= now
            check(not over or stored is None, "what has ended is still there")
        else:
            check(stored is not None, "somebody is gone too soon")
            check(stored == end, f"a person's end is not {YEARS} years later")


def _code_of_refusal(actor: Actor) -> str | None:
    try:
        actor.api.lookup([TestPersons(0).number(0)], after_notice=False)
    except ProblemError as error:
        return error.problem.code
    return None


def _said(content: bytes, told: dict[str, object]) -> str:
    return json.dumps({"sha256": hashlib.sha256(content).hexdigest(), **told}, sort_keys=True)


def _of_report(content: bytes) -> str:
    report = json.loads(content)
    told = {"sha256": report["sha256"], "status": report["status"]}
    if report["status"] != "geweigerd":
        told["missing"] = report["ontbrekendeVolgnummers"]
        told |= (
            report["aantallen"] if report["status"] != "reedsVerwerkt" else {"gelezen": report["aantallen"]["gelezen"]}
        )
    return json.dumps(told, sort_keys=True)


def _file_of(part: bytes) -> tuple[int, bool]:
    context = json.loads(part.partition(b"\n")[0])["context"]
    return context["volgnummer"], context["naam"] == "PubliceerNummeropvolging"
