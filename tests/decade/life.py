"""The days, one after another, and at each midnight what is so held against what must be so."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path

from jbplus.protocol.parties import PAYMENT_ACTORS, Party
from jbplus.statistics.publication import Publication
from jbplus_cli.samples.persons import TestPersons
from jbplus_recipient.errors import ProblemError
from tests.decade import START
from tests.decade.exchange import Exchange
from tests.decade.figures import Cell, Telling, closed, figures
from tests.decade.files import Files
from tests.decade.nights import Nights
from tests.decade.oracle import YEARS, Oracle, pseudonym, takes_part
from tests.decade.reading import DivergedError, check
from tests.decade.recipients import Actor, actors
from tests.decade.restoring import Restorer
from tests.decade.script import Day, Script
from tests.decade.tables import Clock
from tests.decade.watching import Watcher
from tests.support.oracles import retention_end

HOUR = 3600
_MOST_DAYS_LATE = 3

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
        output: where the recipients write.
        days_for_a_stand: after how many days the next party's stand is put out.
    """

    def __init__(
        self,
        seed: int,
        persons: int,
        rotates: int,
        *,
        restores: Sequence[int],
        output: Path,
        days_for_a_stand: int = 1,
    ) -> None:
        self.oracle = Oracle()
        self.script = Script(seed, persons, self.oracle)
        self.clock = Clock()
        self.exchange = Exchange(self.clock)
        self.watcher = Watcher(self.oracle, self.exchange)
        self.readers = self.watcher.readers
        self.actors = actors(self.exchange, self.watcher, output)
        self.files = Files(self.oracle, self.exchange, self.readers)
        self.nights = Nights(self.oracle, self.script, self.exchange, self.watcher, self.actors, days_for_a_stand)
        self.restorer = Restorer(self.exchange)
        self._restores = [START + timedelta(days=number) for number in restores]
        self._rotates = START + timedelta(days=rotates)
        self._published: dict[tuple[int, str], Publication] = {}
        self._told = Telling()
        self._held: list[Party] = []
        self._left: dict[str, set[str]] = {}
        self._asked: list[tuple[date, str, str, str]] = []

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
        return Lived(days, self.nights.digest.hexdigest(), files, self.watcher.lookups, notices)

    def _live(self, today: date, day: Day) -> None:
        self.exchange.server.is_down, self.exchange.is_strict = day.server_is_down, day.is_strict
        self.watcher.dies = bool(day.deaths)
        self._before_dawn(today, day)
        self._morning(today, day)
        self._by_day(today, day)
        self._midnight(today + timedelta(days=1), day)

    def _step(self, name: str, day: Day, step: Callable[[], object]) -> None:
        self.exchange.life.survive(step, day.deaths.get(name))

    def _before_dawn(self, today: date, day: Day) -> None:
        if today == self._rotates:
            self.clock.at(today, 2 * HOUR)
            self._rotate(today, day)
        if self._restores and today >= self._restores[0] and not self.files.quarantined:
            self.clock.at(today, 2.5 * HOUR)
            self._restore(today, day)
        self.clock.at(today, 3 * HOUR)
        made = len(self.exchange.log.entries)
        self._step("goodbye", day, self.exchange.let_ended_go)
        for party in PAYMENT_ACTORS:
            if party.ends == today:
                self.watcher.left(party, made)
        for drop in day.drops:
            self.files.put(drop)
        if today.day in (10, 11):
            self.clock.at(today, 5 * HOUR)
            self._publish(today, day)

    def _morning(self, today: date, day: Day) -> None:
        self.clock.at(today, 7 * HOUR)
        self._keep_copies(today)
        self._step("visit", day, self.exchange.visit)
        self._step("intake", day, self.exchange.take_in)
        if not day.server_is_down:
            self.files.expect_results(today)
        if day.releases:
            self.files.release(today, day.deaths.get("release"))
        self.files.expect_told(today, self._held)
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
        self.nights.register(today, day)
        self._report(today, day)
        self.clock.at(today, 15 * HOUR)
        self._held = self.script.held
        for party in PAYMENT_ACTORS:
            if party not in self._held:
                self.readers[party.kbo].lift(party, self.oracle, today)
        self._step("later tell", day, exchange.tell)
        self.nights.put_stand_out(today, day)
        held = {party: self._notices_of(party) for party in self._held}
        self._step("later visit", day, exchange.visit)
        for party, before in held.items():
            check(self._notices_of(party) == before, f"{party.key} is suspended, and is sent notices")
        exchange.take_in()
        self.files.expect_reports(today)
        self.files.read_reports()

    def _report(self, today: date, day: Day) -> None:
        """Have parties report on data, and WEWIS answer."""
        for report in day.reports:
            is_active = self.oracle.is_active(report.party.kbo, report.person, today)
            ids: list[str | None] = []
            self.exchange.life.survive(
                partial(self.actors[report.party.kbo].report, report.person, ids.append), day.deaths.get("report")
            )
            check((ids[-1] is not None) == is_active, "a report was taken that may not be, or the other way round")
            if ids[-1] is not None:
                end = retention_end(today, YEARS)
                self.oracle.reports.setdefault(report.person, {}).setdefault(ids[-1], (report.party.kbo, "gemeld", end))
                self._asked += [(due, report.person, ids[-1], status) for due, status in report.answers]
        for _, person, report_id, status in [each for each in self._asked if each[0] <= today]:
            self.exchange.life.survive(
                partial(self.exchange.answer_report, report_id, status), day.deaths.get("answer")
            )
            reporter, _, end = self.oracle.reports[person][report_id]
            self.oracle.reports[person][report_id] = (reporter, status, end)
        self._asked = [each for each in self._asked if each[0] > today]

    def _notices_of(self, party: Party) -> set[str]:
        return {name for folder, name in self.exchange.server.held if folder == party.kbo}

    # At night

    def _rotate(self, today: date, day: Day) -> None:
        keys = [b"k" * 32, *(str(version).encode() * 32 for version in range(2, 4))]
        versions = {pseudonym(keys[:v], number): v for number in self.script.all for v in range(1, len(keys) + 1)}
        waits = itertools.count()

        def meanwhile() -> None:
            # Each party once in each phase; whose suspension ends today still is suspended.
            wait = next(waits)
            party = PAYMENT_ACTORS[wait // 4 % len(PAYMENT_ACTORS)]
            if wait % 4 == 0 and party not in day.lifted:
                self._ask(party, self.script.all, today)

        self.exchange.rotate(lambda name: versions[name], meanwhile)

    def _keep_copies(self, today: date) -> None:
        if self._restores and today >= self._restores[0] - timedelta(days=12):
            self.restorer.take()

    def _restore(self, today: date, day: Day) -> None:
        """Set persons and ledger back to a morning some days ago, and have in again what came since."""
        back = today - timedelta(days=5)
        if back <= max(self.files.released, START + timedelta(days=1)):
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
        self.exchange.life.survive(
            lambda: refused.append(self.restorer.run(moment, meanwhile)), day.deaths.get("restore")
        )
        check(not refused[-1], "a file was refused that was taken before")
        self.exchange.is_strict = before
        self.files.see_reports()
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
                self.nights.sync(actor, today, day)
                self._ask(actor.party, gone, today, 100)
                if actor.party is PAYMENT_ACTORS[today.toordinal() % len(PAYMENT_ACTORS)]:
                    self._probe(actor.party)
            else:
                self._expect_gone(actor.party, today)
                check(_code_of_refusal(actor) == "40005", f"{actor.party.key} left, and is answered")
        self.watcher.expect_log()
        self._expect_ends(self.files.touched | set(gone) if today.day > 1 else self.script.all, now)
        self.files.touched.clear()

    def _probe(self, party: Party) -> None:
        """Have a party look up whoever comes along: registered or not, linked, or unknown."""
        if self.script.is_barred(party):
            check(_code_of_refusal(self.actors[party.kbo]) == "40006", f"{party.key} is suspended, and is answered")
        elif not self.script.is_suspended(party):
            self._look_up(party, self.script.some())

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
            self._expect_end(None if stored is None else stored.expires_at, self.oracle.gone.get(number, end), now)
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
