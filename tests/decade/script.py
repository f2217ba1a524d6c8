"""What happens in the world, drawn day by day from one seed: nothing that the product does changes what is drawn."""

import json
import random
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from jbplus.protocol.calendar import BRUSSELS
from jbplus.protocol.parties import PAYMENT_ACTORS, Party
from jbplus.protocol.purposes import Right
from jbplus.suspensions.rules import Stream
from jbplus_cli.samples.persons import TestPersons
from tests.decade import START
from tests.decade.edges import Death
from tests.decade.oracle import Body, File, Link, Oracle, Record, Succession, counting, join, joined, takes_part

_MARGIN = 45
"""Days around the end of a person's term in which nothing new is said: what comes in between may depend on order."""

_LARGEST = 8
"""The numbers that are linked with each other, at most; the exchange has room for more."""

_MOST_PAYMENTS = 10
"""What stands of a person at once, about: the premium is paid for two years."""

STEPS = (
    *("restore", "goodbye", "publish", "visit", "intake", "release", "tell", "register", "report", "answer"),
    *("later tell", "stand", "later visit", "sync"),
)


@dataclass(frozen=True, slots=True)
class Drop:
    """What WEWIS puts on the dropserver: a file as it is meant, or bytes that are none."""

    name: str
    content: bytes
    file: File | None


@dataclass(frozen=True, slots=True)
class Term:
    """A registration: who of whom, from when to when."""

    party: Party
    person: str
    begin: date
    end: date | None
    right: Right


@dataclass(frozen=True, slots=True)
class Report:
    """A quality report: who tells it of whom, and what WEWIS makes of it how many days later."""

    party: Party
    person: str
    answers: tuple[tuple[date, str], ...]


@dataclass(slots=True)
class Day:
    """One day.

    Attributes:
        is_strict: whether the stack is deployed, by mistake, so that it refuses all persons of this world.
        releases: whether what such a mistake refused is handed in again.
        loses: whether a notice is lost at the party whose stand is put out.
        api_fails: which call of a party's night, from 1, gets no answer.
    """

    drops: list[Drop] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    suspended: list[tuple[Party, tuple[Stream, ...]]] = field(default_factory=list)
    lifted: list[Party] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    deaths: dict[str, Death] = field(default_factory=dict)
    is_strict: bool = False
    releases: bool = False
    loses: bool = False
    server_is_down: bool = False
    cannot_fetch: frozenset[str] = frozenset()
    api_is_down: frozenset[str] = frozenset()
    api_fails: Mapping[str, int] = field(default_factory=dict)


@dataclass
class Script:
    """Draws the days.

    Attributes:
        seed: decides all.
        count: how many persons there are.
        oracle: what is so, by which nothing impossible is drawn.
    """

    seed: int
    count: int
    oracle: Oracle

    def __post_init__(self) -> None:
        self._rng = random.Random(f"ten years {self.seed}")  # noqa: S311 - a world, no secret
        numbers = TestPersons(self.seed)
        self.persons = [numbers.number(index) for index in range(self.count)]
        self._new = [numbers.number(self.count + index) for index in range(self.count // 2)]
        self.all = [*self.persons, *self._new]
        self._volgnummers = [0, 0]
        self._referte = self._name = 0
        self._late: list[tuple[date, Drop]] = []
        self._waiting: list[tuple[date, frozenset[str]]] = []
        self._strict_since: date | None = None
        self._mended: set[tuple[str, str]] = set()
        self._overtaken: list[Record] = []
        self._overtaken_links: list[Succession] = []
        self._suspended: dict[str, tuple[date, frozenset[Stream]]] = {}
        self._paid_by: dict[str, list[Party]] = {}

    def _chance(self, of: float) -> bool:
        return self._rng.random() < of

    def day(self, today: date) -> Day:
        """Draw a day."""
        day = Day()
        day.drops += self._drops(today)
        day.terms += self._load() if today == START else self._terms(today)
        for term in day.terms:
            paying = [each for each in self._paid_by.get(term.person, []) if each is not term.party]
            self._paid_by[term.person] = [*paying, term.party] if term.end is None else paying
        self._suspensions(today, day)
        day.reports += self._reports(today)
        self._strictness(today, day)
        day.deaths = {step: Death(1 + int(20 * self._rng.random() ** 2), self._chance(0.5)) for step in self._dying()}
        day.loses = self._chance(0.2)
        day.server_is_down = self._chance(0.03)
        day.cannot_fetch = frozenset(party.kbo for party in PAYMENT_ACTORS if self._chance(0.02))
        day.api_is_down = frozenset(party.kbo for party in PAYMENT_ACTORS if self._chance(0.015))
        day.api_fails = {party.kbo: self._rng.randrange(1, 7) for party in PAYMENT_ACTORS if self._chance(0.03)}
        return day

    def delay(self) -> float:
        """Draw how late DynamoDB deletes, in seconds."""
        return self._rng.random() * 2 * 86_400

    def some(self) -> list[str]:
        """Draw some numbers, each once."""
        return self._rng.sample(self.all, 8)

    def _dying(self) -> list[str]:
        return [step for step in STEPS if self._chance(0.03)]

    # WEWIS's files

    def _drops(self, today: date) -> Iterator[Drop]:
        if today == START:
            yield self._drop(self._backlog(), today)
        yield from (drop for day, drop in self._late if day == today)
        self._late = [each for each in self._late if each[0] > today]
        yield from self._sent(self._file(today), today)
        if (self._overtaken_links or self._chance(0.15)) and (successions := self._successions(today)):
            yield from self._sent(self._next(today, successions, of_successions=True), today)

    def _sent(self, file: File, today: date) -> Iterator[Drop]:
        """Send a file: mostly at once and as it is."""
        drop = self._drop(file, today)
        if self._chance(0.05 if file.is_of_successions else 0.03):
            self._later(drop, today, 1, 5)
            self._overtaken += [record for _, record in file.good if isinstance(record, Record)]
            self._overtaken_links += [record for _, record in file.good if isinstance(record, Succession)]
        elif self._chance(0.03):
            yield self._drop(file, today, broken=True)
            self._later(drop, today, 1, 2)
        else:
            yield drop
            if self._chance(0.04):
                # The same file once more: by its own name, or another.
                self._later(drop if self._chance(0.5) else self._drop(file, today), today, 1, 3)

    def _later(self, drop: Drop, today: date, least: int, most: int) -> None:
        self._late.append((today + timedelta(days=self._rng.randrange(least, most + 1)), drop))

    def _drop(self, file: File, today: date, *, broken: bool = False) -> Drop:
        self._name += 1
        content = json.dumps(
            {
                "context": {
                    "naam": "PubliceerNummeropvolging" if file.is_of_successions else "PubliceerMutatieJobbonusPlus",
                    "versie": "01.00.0000",
                    "referte": str(uuid.UUID(int=file.volgnummer + file.is_of_successions * 2**64)),
                    "volgnummer": file.volgnummer,
                    "tijdstip": datetime.combine(file.day, time(5, 30), BRUSSELS).isoformat(),
                    "afzender": "0316380841",
                    "aantal": len(file.records),
                },
                "opvolgingen" if file.is_of_successions else "mutaties": [
                    _succession(record) if isinstance(record, Succession) else _wire(record) for record in file.records
                ],
            }
        ).encode()
        kind = "nummeropvolging" if file.is_of_successions else "mutatiejobbonusplus"
        name = f"werk.publiceer{kind}-0100_{today:%Y%m%d}{self._name % 10**9:09d}.json"
        return Drop(name, content[:-9] if broken else content, None if broken else file)

    def _next(self, today: date, records: Sequence[Record | Succession], *, of_successions: bool = False) -> File:
        self._volgnummers[of_successions] += 1
        return File(self._volgnummers[of_successions], today, tuple(records), of_successions)

    def _file(self, today: date) -> File:
        most = 40 if self._chance(0.02) else 2 + self.count // 400
        # What stands in a file that is late is spoken of again before it comes.
        records = [self._again(record, today) for record in self._overtaken if self._chance(0.7)]
        self._overtaken.clear()
        for _ in range(self._rng.randrange(most + 1)):
            records += self._records(today)
        self._wait_for([record.insz for record in records if record.type == "03"], today)
        return self._next(today, records)

    def _again(self, record: Record, today: date) -> Record:
        if record.body is None or self._chance(0.4):
            # Of somebody who had ended, it has its day: else it would matter whether that was deleted by now.
            has_body = self._chance(0.5) or self._has_ended(record.insz, today)
            return Record(record.insz, record.referte, "03", record.body if has_body else None)
        return Record(record.insz, record.referte, "02", record.body._replace(cents=record.body.cents * 2))

    def _backlog(self) -> File:
        records = []
        for person in self.persons:
            for _ in range(self._rng.choice([0, 1, 1, 2, 3])):
                day = START - timedelta(days=self._rng.randrange(_MARGIN, 5 * 365 - _MARGIN))
                if self._chance(0.1):
                    day = date(2024, 2, 29)
                body = self._body(day)._replace(day=day)
                if day != date(2024, 2, 29) and self._chance(0.4):
                    # Most are paid together, and some of them are paid back so.
                    cents = -15_000 if self._chance(0.2) else self._rng.choice([60_000, 60_000, 45_050])
                    body = Body(2026, "1", cents, date(2027, 3, 3))
                records.append(Record(person, self._new_referte(), "01", body))
        return self._next(START, records)

    def _records(self, today: date) -> list[Record]:  # noqa: PLR0911 - one for each thing that happens
        person = self._somebody()
        what, choice = self._rng.random(), self._rng.random()
        # Of somebody with several numbers it may be said under another one than before.
        under = self._rng.choice(sorted(self.oracle.person(person)))
        if not self._may_be_spoken_of(person, today) or not self._may_be_spoken_of(under, today):
            return []
        live = [] if self._has_ended(person, today) else self._live(person)
        if what < 0.5 or not live:
            return self._paid(person, today)
        referte, body = live[int(choice * len(live))]
        if what < 0.6:
            return self._paid(person, today, body)
        if what < 0.75:
            cents = body.cents // 2 if abs(body.cents) > 100 else body.cents * 3
            return [Record(under, referte, "02", body._replace(cents=cents))]
        if what < 0.9:
            return [Record(under, referte, "03", body if self._chance(0.3) else None)]
        if what < 0.95:
            return [Record(person, referte, "01", body)]
        other = under if under != person else self._somebody()
        if other == person or not self._may_be_spoken_of(other, today) or self._has_ended(other, today):
            return []
        if sum(referte in self.oracle.numbers.get(each, {}) for each in self.oracle.person(person)) > 1:
            return []
        if other in self.oracle.person(person) and self.oracle.is_bridge(person, referte):
            return []  # whether the one record is applied alone, or with the other, is a matter of where a chunk ends
        # Under the wrong person: annulled there, and said anew under the right one; there it is not spoken of again.
        self._mended.add((person, referte))
        return [Record(person, referte, "03"), Record(other, referte, "01", body)]

    def _somebody(self) -> str:
        """Choose a number; often one of several that a person has."""
        linked = [number for old, link in self.oracle.links.items() for number in (old, link.new) if number is not None]
        return self._rng.choice(linked if linked and self._chance(0.3) else self.persons)

    def _live(self, person: str) -> list[tuple[str, Body]]:
        return [
            (referte, each.body)
            for referte, each in sorted(self.oracle.numbers.get(person, {}).items())
            if each.body is not None and (person, referte) not in self._mended
        ]

    def _paid(self, person: str, today: date, back: Body | None = None) -> list[Record]:
        """Pay somebody, or have a payment paid back; nobody is paid more often than anybody is."""
        if sum(len(self._live(number)) for number in self.oracle.person(person)) >= _MOST_PAYMENTS:
            return []
        if back is None:
            return [Record(person, self._new_referte(), "01", self._body(today), bad=self._chance(0.02))]
        cents = -(back.cents if self._chance(0.4) else 15000) if back.cents > 0 else -5000
        return [Record(person, self._new_referte(), "01", self._body(today, cents, back.year))]

    def _is_near(self, end: int | None, today: date) -> bool:
        return end is not None and abs(end - _midnight(today)) < _MARGIN * 86_400

    def _may_be_spoken_of(self, number: str, today: date) -> bool:
        """Tell whether what is said of a number today means the same in whatever order it comes."""
        whole, alone = self.oracle.end(number), self.oracle.alone(number)
        if self._is_near(whole, today) or self._is_near(alone, today):
            return False
        return self._is_over(whole, today) or not self._is_over(alone, today)

    def _has_ended(self, person: str, today: date) -> bool:
        return self._is_over(self.oracle.end(person), today)

    def _is_over(self, end: int | None, today: date) -> bool:
        return end is not None and end < _midnight(today)

    # Numbers that change

    def _successions(self, today: date) -> list[Succession]:
        # What is late is taken back before it comes.
        late = [each for each in self._overtaken_links if each.type == "01" and self._chance(0.7)]
        records = [Succession(each.insz, each.new, f"OPV-{self._new_referte()}", "03") for each in late]
        self._overtaken_links.clear()
        links = dict(self.oracle.links)
        for _ in range(self._rng.choice([1, 1, 2, 3])):
            old, new, kind = self._change_of_number()
            bad = self._chance(0.03)
            rank = (self._volgnummers[True] + 1, len(records))
            after = {**links, old: Link(new if kind == "01" else None, rank, today)}
            # Who moved on to the number before would not hear of another one: the source takes that back first.
            is_repointed = kind == "01" and old in links and links[old].new is not None
            if old != new and not is_repointed and self._may_be_linked(old, new, links, after, today):
                records.append(Succession(old, new, f"OPV-{self._new_referte()}", kind, bad))
                links = links if bad else after
        self._wait_for([number for each in records for number in (each.insz, each.new)], today)
        return records

    def _wait_for(self, numbers: Iterable[str], today: date) -> None:
        """Link none of these until a late file is in: which of them have ended must be sure."""
        self._waiting = [each for each in self._waiting if each[0] > today]
        self._waiting.append((today + timedelta(days=16), frozenset(numbers)))

    def _change_of_number(self) -> tuple[str, str, str]:
        """Draw who changes: mostly to a new number; or on from one, to somebody's, back in a circle, or taken back."""
        linked = [(old, link.new) for old, link in self.oracle.links.items() if link.new is not None]
        what = self._rng.random()
        if linked and what < 0.5:
            old, new = self._rng.choice(linked)
            if what < 0.2:
                return old, new, "03"
            if what < 0.26:
                return new, old, "01"
            return (
                (new, self._rng.choice(self._new), "01") if what < 0.4 else (self._rng.choice(self.persons), new, "01")
            )
        new = self._rng.choice(self._new if self._chance(0.8) else self.persons)
        return self._rng.choice(self.persons), new, "01"

    def _may_be_linked(self, old: str, new: str, before: dict[str, Link], after: dict[str, Link], today: date) -> bool:
        """Tell whether nobody's data end by it, or ended lately, whichever of two files comes first."""
        pairs = [(each, link.new) for links in (before, after) for each, link in links.items() if link.new is not None]
        pairs.append((old, new))
        cluster = next(each for each in joined(pairs) if old in each)
        if len(cluster) > _LARGEST or any(cluster & numbers for _, numbers in self._waiting):
            return False
        known = {number: self.oracle.numbers.get(number, {}) for number in cluster}
        ends = [self.oracle.alone(number) for number in sorted(cluster)]
        for links in (before, after):
            replaced = counting(links)
            persons = joined([*replaced.items(), *((number, number) for number in cluster)])
            said = [join({each: known[each] for each in one}, replaced) for one in persons if one <= cluster]
            ends += [each.end for each in said]
            # A payment that was spoken of under two numbers would be two payments of two persons.
            refertes = [referte for one in persons if one <= cluster for referte in {r for n in one for r in known[n]}]
            if len(refertes) > len(set(refertes)):
                return False
        return all(end is None or end > _midnight(today) + _MARGIN * 86_400 for end in ends)

    def _new_referte(self) -> str:
        self._referte += 1
        return f"JBP-{self._referte:07d}"

    def _body(self, today: date, cents: int | None = None, year: int | None = None) -> Body:
        day = today - timedelta(days=self._rng.randrange(25))
        if cents is None:
            cents = self._rng.choice([60000, 60000, 30000, 45050, 1])
        return Body(year or max(2022, day.year - self._rng.randrange(3)), self._rng.choice("12"), cents, day)

    # Recipients

    def _load(self) -> Iterator[Term]:
        for person in self.persons:
            draw = self._rng.random()
            count = 0 if draw < 0.1 else 1 if draw < 0.85 else 2
            for party in self._rng.sample(PAYMENT_ACTORS, count):
                yield Term(party, person, START - timedelta(days=30), None, Right.RUNNING)

    def _terms(self, today: date) -> list[Term]:
        drawn: dict[tuple[str, str], Term] = {}
        for _ in range(self._rng.randrange(2 + self.count // 500)):
            party, person = self._rng.choice(PAYMENT_ACTORS), self._somebody()
            begin = today + timedelta(days=self._rng.choice([0, 0, 0, -400, 4]))
            end = self._rng.choice([None, None, None, today, today + timedelta(days=9), today + timedelta(days=300)])
            right = self._rng.choice([*Right])
            if takes_part(party.ends, today):
                term = Term(party, person, min(begin, end or begin), end, right)
                for each in (term, *self._leavings(term, today)):
                    drawn.setdefault((each.party.kbo, each.person), each)
        return list(drawn.values())

    def _leavings(self, term: Term, today: date) -> Iterator[Term]:
        """Who is registered by a payment actor to stay mostly leaves the one that paid for it until now."""
        for party in [] if term.end else self._paid_by.get(term.person, []):
            last = today + timedelta(days=self._rng.choice([0, 9]))
            if party is not term.party and takes_part(party.ends, today) and self._chance(0.9):
                yield Term(party, term.person, today, last, term.right)

    def _suspensions(self, today: date, day: Day) -> None:
        for party in PAYMENT_ACTORS:
            begins, length = self._chance(1 / 90), 1 + self._rng.randrange(12)
            streams: Sequence[Stream] = self._rng.choice([[*Stream], [Stream.MUTATIONS], [Stream.CONSULTATION]])
            if self._suspended.get(party.kbo, (None,))[0] == today:
                day.lifted.append(party)
                del self._suspended[party.kbo]
            elif begins and party.kbo not in self._suspended and takes_part(party.ends, today):
                day.suspended.append((party, tuple(streams)))
                self._suspended[party.kbo] = today + timedelta(days=length), frozenset(streams)

    def _reports(self, today: date) -> Iterator[Report]:
        while self._chance(0.1 + self.count / 20_000):
            party, person = self._rng.choice(PAYMENT_ACTORS), self._somebody()
            first = today + timedelta(days=self._rng.randrange(1, 20))
            second = first + timedelta(days=self._rng.randrange(1, 30))
            ends = self._rng.choice(["gecorrigeerd", "ongegrond"])
            answers = [(first, "inOnderzoek"), (second, ends)][self._rng.randrange(2) : self._rng.choice([1, 2, 2, 2])]
            if takes_part(party.ends, today):
                yield Report(party, person, tuple(answers))

    def _strictness(self, today: date, day: Day) -> None:
        """Deploy the stack wrongly for a day, now and then, and make up for it some days later."""
        if self._strict_since is None:
            day.is_strict = today != START and self._chance(0.03)
            self._strict_since = today if day.is_strict else None
        elif today > self._strict_since and self._chance(0.5):
            day.releases, self._strict_since = True, None

    @property
    def held(self) -> list[Party]:
        """The parties that are suspended from notices today."""
        return [party for party in PAYMENT_ACTORS if self._is_suspended_from(Stream.MUTATIONS, party)]

    def is_barred(self, party: Party) -> bool:
        """Tell whether a party may look nobody up today."""
        return self._is_suspended_from(Stream.CONSULTATION, party)

    def _is_suspended_from(self, stream: Stream, party: Party) -> bool:
        return party.kbo in self._suspended and stream in self._suspended[party.kbo][1]

    def is_suspended(self, party: Party) -> bool:
        """Tell whether a party is suspended from anything today."""
        return party.kbo in self._suspended


def _midnight(day: date) -> float:
    return datetime.combine(day, time(), BRUSSELS).timestamp()


def _succession(record: Succession) -> dict[str, object]:
    kind = "02" if record.bad else record.type
    return {"referte": record.referte, "type": kind, "oud": record.insz, "nieuw": record.new}


def _wire(record: Record) -> dict[str, object]:
    said: dict[str, object] = {"referte": record.referte, "type": record.type, "insz": record.insz}
    if record.body is not None:
        sign = "-" if record.body.cents < 0 else ""
        euros, cents = divmod(abs(record.body.cents), 100)
        said["verrichting"] = {
            "maatregel": "Jobbonus plus",
            "fiscaalJaar": record.body.year,
            "bedragtype": "3" if record.bad else record.body.instalment,
            "verrichtingbedrag": f"{sign}{euros}.{cents:02d}",
            "effectieveVerrichtingsdatum": record.body.day.isoformat(),
        }
    return said
