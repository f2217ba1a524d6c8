"""What must be so, said again from the contract: plain dictionaries and days, and no code of the product.

It lives along with the world: what has ended is taken away at its moment, where the product has a rule on the days of
records. Amounts are in cents, moments in epoch seconds, days in Brussels.
"""

import hashlib
import hmac
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from tests.support.oracles import brussels_midnight, end_of_next_day, retention_end

YEARS = 5
_LONGEST_CHAIN = 3

Totals = Mapping[int, int]
"""What is to be deducted, in cents, by fiscal year; a year of which nothing is left is 0."""

Rank = tuple[int, int]
"""The number of a file and a place in it: the higher decides."""

Person = frozenset[str]
"""All numbers of one person."""


class Body(NamedTuple):
    """A payment, or a recovery where the amount is below zero."""

    year: int
    instalment: str
    cents: int
    day: date


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a mutation file; one that is bad is refused, and nothing else is known of it."""

    insz: str
    referte: str
    type: str
    body: Body | None = None
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Succession:
    """A record of a succession file: `new` replaces `insz`, or no longer does."""

    insz: str
    new: str
    referte: str
    type: str
    bad: bool = False


AnyRecord = Record | Succession


@dataclass(frozen=True, slots=True)
class File:
    """A file as WEWIS means it."""

    volgnummer: int
    day: date
    records: tuple[AnyRecord, ...]
    is_of_successions: bool = False

    @property
    def good(self) -> Iterator[tuple[int, AnyRecord]]:
        """The records that are applied, each with its place."""
        return ((place, record) for place, record in enumerate(self.records) if not record.bad)


class State(NamedTuple):
    """What was to be deducted of a person from a moment on, and the end of it then."""

    since: float
    totals: Totals
    end: float


_NOTHING = State(0, {}, math.inf)


@dataclass(slots=True)
class Known:
    """What is known of one referte under one number; what has ended has no body, and was not annulled."""

    rank: Rank
    body: Body | None
    day: date
    dated_by: Rank | None
    ended: bool = False

    @property
    def annulled(self) -> bool:
        """Whether a record took it back."""
        return self.body is None and not self.ended


class Link(NamedTuple):
    """What replaces a number; nothing, when that was taken back."""

    new: str | None
    rank: Rank
    day: date


class Said(NamedTuple):
    """What is answered of a person: its payments with their refertes, the highest number, and the end of it all."""

    live: tuple[tuple[str, Body], ...] = ()
    volgnummer: int | None = None
    end: int | None = None
    ended: frozenset[str] = frozenset()


@dataclass(slots=True)
class Oracle:
    """Knows what each recipient must deduct, and what must be gone.

    Attributes:
        numbers: what is known under each number, by referte.
        links: what replaces each number.
        taken: the numbers of the files that were taken, in each series.
        registered: whom each party registered, and from when to when.
        reports: the quality reports on each number: who reported, how far it has come, and until when it counts.
        tangled: numbers that changed there and back, or came together from several sides: of those it depends on what a
            recipient heard of before, under which of them it registers the person in the end.
        redated: numbers of which an overtaken record told the day of an annulled payment.
        states: what was so of each number, and since which moment; the last one is so now.
        gone: when all had ended of numbers, of whose persons nothing was said since: their items are deleted after it.
        parted: with which numbers those were one person whose links ended.
    """

    numbers: dict[str, dict[str, Known]] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    taken: tuple[set[int], set[int]] = field(default_factory=lambda: (set(), set()))
    registered: dict[str, dict[str, tuple[date, date | None]]] = field(default_factory=dict)
    reports: dict[str, dict[str, tuple[str, str, int]]] = field(default_factory=dict)
    tangled: set[str] = field(default_factory=set)
    redated: set[str] = field(default_factory=set)
    states: dict[str, list[State]] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    parted: dict[str, Person] = field(default_factory=dict)
    _said: dict[str, Said] = field(default_factory=dict)
    _over: set[str] = field(default_factory=set)
    _kept: dict[str, int] = field(default_factory=dict)
    _persons: dict[str, Person] = field(default_factory=dict)
    _clusters: dict[str, Person] = field(default_factory=dict)
    _replaced: dict[str, str] = field(default_factory=dict)

    # Files

    def take(self, file: File, now: float) -> list[AnyRecord] | None:
        """Take a file; give the records that were applied, None when its number was taken before."""
        taken = self.taken[file.is_of_successions]
        if file.volgnummer in taken:
            return None
        taken.add(file.volgnummer)
        return self.apply(file, now)

    def apply(self, file: File, now: float) -> list[AnyRecord]:
        """Apply what is good of a file; give the records that were not overtaken."""
        applied = []
        touched = {one for _, record in file.good for number in named(record) for one in self.cluster(number)}
        links = {old: self.end_of_links(old) for old in touched & self.links.keys()}
        for place, record in file.good:
            rank = (file.volgnummer, place)
            if isinstance(record, Succession):
                is_applied = self._link(record, rank, file.day)
            else:
                is_applied = self._apply(record, rank, file.day)
            if is_applied:
                applied.append(record)
        self._settle(touched | {one for number in touched for one in self.cluster(number)}, now)
        # What a record made end at once is kept till the end of the next day, and told.
        self._kept |= {
            old: min(end, end_of_next_day(now)) for old, end in links.items() if end > now >= self.end_of_links(old)
        }
        return applied

    def missing(self, *, of_successions: bool) -> list[tuple[int, int]]:
        """Give the gaps in a series: first and last number of each."""
        found: list[tuple[int, int]] = []
        taken = sorted(self.taken[of_successions])
        for number in range(taken[0], taken[-1]) if taken else ():
            if number not in self.taken[of_successions]:
                found[-1:] = (
                    [(found[-1][0], number)]
                    if found and found[-1][1] == number - 1
                    else [
                        *found[-1:],
                        (number, number),
                    ]
                )
        return found

    def _apply(self, record: Record, rank: Rank, file_day: date) -> bool:
        known = self.numbers.setdefault(record.insz, {})
        for number in self.person(record.insz) & self.gone.keys():
            # Nothing is known under it any more, not even ranks.
            self.numbers[number].clear()
            del self.gone[number]
        before = known.get(record.referte)
        if before is None or rank > before.rank:
            if record.body is not None:
                day, dated_by = record.body.day, rank
            elif before is not None and before.dated_by is not None:
                day, dated_by = before.day, before.dated_by
            else:
                day, dated_by = file_day, None
            known[record.referte] = Known(rank, None if record.type == "03" else record.body, day, dated_by)
        elif record.body is not None and (before.dated_by is None or rank > before.dated_by):
            before.day, before.dated_by = record.body.day, rank
            self.redated.add(record.insz)
        self._end_what_had_ended(self.person(record.insz))
        return before is None or before.rank[0] <= rank[0]

    def _end_what_had_ended(self, person: Person) -> None:
        """Take the amounts away that had ended when a later record started the person anew."""
        for each in person:
            self._said.pop(each, None)
        for referte in self.said(min(person)).ended:
            for each in person:
                known = self.numbers.get(each, {}).get(referte)
                if known is not None and known.body is not None:
                    known.body, known.ended = None, True

    def _link(self, record: Succession, rank: Rank, day: date) -> bool:
        before = self.links.get(record.insz)
        if before is not None and before.rank[0] > rank[0]:
            return False
        if before is None or before.rank < rank:
            touched = self.cluster(record.insz) | self.cluster(record.new)
            is_again = before is not None and record.type == "01"
            self.links[record.insz] = Link(record.new if record.type == "01" else None, rank, day)
            self._relink()
            for person in {self.person(each) for each in touched}:
                self._end_what_had_ended(person)
            self._note_tangles(self.cluster(record.insz), is_again=is_again)
        return True

    def _note_tangles(self, cluster: Person, *, is_again: bool) -> None:
        """Note whose numbers changed there and back, or came together from several sides."""
        links = [(old, self.links[old].new) for old in cluster if old in self.links]
        news = [new for _, new in links if new is not None]
        is_circle = any(self._replaced.get(old) != new for old, new in links)
        if (
            is_again
            or is_circle
            or len(news) > len(set(news))
            or len(cluster) > _LONGEST_CHAIN
            or cluster & self.tangled
        ):
            self.tangled |= cluster

    # Who is who

    def _relink(self) -> None:
        self._replaced = counting(self.links)
        self._persons = {each: person for person in joined(self._replaced.items()) for each in person}
        pairs = [(old, link.new) for old, link in self.links.items() if link.new is not None]
        self._clusters = {each: cluster for cluster in joined(pairs) for each in cluster}

    def person(self, number: str) -> Person:
        """Give all numbers of a person."""
        return self._persons.get(number, frozenset({number}))

    def ever(self, number: str) -> Person:
        """Give all numbers of a person, and those that were, until what linked them had ended, with theirs now."""
        now = self.person(number)
        once = now.union(*(self.parted.get(each, now) for each in now))
        return once.union(*map(self.person, once))

    def cluster(self, number: str) -> Person:
        """Give the numbers whose links touch each other, whether these count or not."""
        return self._clusters.get(number, frozenset({number}))

    def is_replaced(self, number: str) -> bool:
        """Tell whether another number took a number's place."""
        return number in self._replaced

    # What is so of a person

    def said(self, number: str) -> Said:
        """Give what is to be answered of a person, whether it has ended or not."""
        if number not in self._said:
            person = self.person(number)
            self._said |= dict.fromkeys(
                person, join({each: self.numbers.get(each, {}) for each in person}, self._replaced)
            )
        return self._said[number]

    def end(self, number: str) -> int | None:
        """Give the end of a person's term; None when nothing was ever known."""
        return self.said(number).end

    def alone(self, number: str) -> int | None:
        """Give the end that a number would have if it were linked with no other."""
        return join({number: self.numbers.get(number, {})}, {}).end

    def is_bridge(self, number: str, referte: str) -> bool:
        """Tell whether others of the person's payments would have ended by now, were it not for this one."""
        without = {
            each: {
                one: replace(known, body=None) if one == referte else known
                for one, known in self.numbers.get(each, {}).items()
            }
            for each in self.person(number)
        }
        return bool(join(without, self._replaced).ended)

    def now(self, number: str) -> Totals:
        """Tell what is to be deducted of a person, since the last file or midnight."""
        return self.states[number][-1].totals if number in self.states else {}

    def since(self, number: str, moment: float, now: float) -> list[Totals]:
        """Give all that was so of a number since a moment, as far as it may be kept."""
        states = self.states.get(number, [_NOTHING])
        first = max((place for place, state in enumerate(states) if state.since <= moment), default=0)
        return [state.totals if state.end > now else {} for state in states[first:]]

    def in_doubt(self, number: str, party: str, now: float) -> bool:
        """Tell whether a party is to hear that WEWIS looks into a report on a person."""
        return any(
            until > now and (status == "inOnderzoek" or (status == "gemeld" and reporter == party))
            for each in self.person(number)
            for reporter, status, until in self.reports.get(each, {}).values()
        )

    def _deductions(self, number: str, now: float) -> Totals:
        said = self.said(number)
        if said.end is None or said.end <= now:
            return {}
        nets: dict[int, int] = {}
        for _, body in said.live:
            nets[body.year] = nets.get(body.year, 0) + body.cents
        return {year: max(net, 0) for year, net in nets.items()}

    # Time

    def pass_midnight(self, now: float) -> list[str]:
        """Let links go that join nothing any more; give the numbers of those whose data ended."""
        ends = {n: end for n in self.numbers if (end := self.end(n)) is not None and end <= now and n not in self._over}
        gone = sorted(ends)
        self._settle({each for number in gone for each in self.person(number)}, now)
        self._over.update(gone)
        self.gone = ends | self.gone
        over = {old for old in self.links if self.end_of_links(old) <= now}
        if over:
            touched = {number for old in over for number in self.cluster(old)}
            self.parted |= {number: self.ever(number) for number in touched}
            for old in over:
                del self.links[old]
            for number in touched & self.gone.keys():
                # It ended with the others, whatever its end would be alone.
                self.numbers[number].clear()
            self._relink()
            self._settle(touched, now)
        return gone

    def end_of_links(self, old: str) -> int:
        """Tell until when a number's links are kept: as long as anything that they join, and at least their term."""
        cluster = self.cluster(old)
        latest = max(self.links[each].day for each in cluster if each in self.links)
        return max(
            retention_end(latest, YEARS), *(max(self.end(each) or 0, self._kept.get(each, 0)) for each in cluster)
        )

    def _settle(self, numbers: Iterable[str], now: float) -> None:
        """Note what is so now."""
        some = sorted(numbers)
        self._over.difference_update(some)
        for person in dict.fromkeys(self.person(number) for number in some):
            self._end_what_had_ended(person)
        for number in some:
            states = self.states.setdefault(number, [_NOTHING])
            becomes = State(now, self._deductions(number, now), self.end(number) or math.inf)
            if states[-1][1:] != becomes[1:]:
                states.append(becomes)
                del states[:-20]

    # Registrations

    def active(self, party: str, day: date) -> set[str]:
        """Give the numbers that a party has registered on a day."""
        return {number for number in self.registered.get(party, {}) if self.registers(party, number, day)}

    def registers(self, party: str, number: str, day: date) -> bool:
        """Tell whether a party has registered this very number on a day."""
        return holds(self.registered.get(party, {}).get(number), day)

    def is_active(self, party: str, number: str, day: date) -> bool:
        """Tell whether a party has registered a person on a day, under any number."""
        return any(self.registers(party, each, day) for each in self.person(number))


def holds(term: tuple[date, date | None] | None, day: date) -> bool:
    """Tell whether a day lies in a term."""
    return term is not None and term[0] <= day and (term[1] is None or day <= term[1])


def named(record: AnyRecord) -> tuple[str, ...]:
    """Give the numbers that a record names."""
    return (record.insz, record.new) if isinstance(record, Succession) else (record.insz,)


def counting(links: Mapping[str, Link]) -> dict[str, str]:
    """Give which number replaces which: a link that would close a circle with higher-ranked ones does not count."""
    replaced: dict[str, str] = {}
    for old, link in sorted(links.items(), key=lambda item: item[1].rank, reverse=True):
        if link.new is not None and old not in chain(link.new, replaced):
            replaced[old] = link.new
    return replaced


def chain(number: str, replaced: Mapping[str, str]) -> list[str]:
    """Give a number, the one that replaces it, and so on."""
    found = [number]
    while found[-1] in replaced:
        found.append(replaced[found[-1]])
    return found


def joined(pairs: Iterable[tuple[str, str]]) -> list[Person]:
    """Join the numbers of pairs into persons."""
    found: dict[str, set[str]] = {}
    for one, other in pairs:
        both = found.get(one, {one}) | found.get(other, {other})
        for each in both:
            found[each] = both
    return [frozenset(each) for each in {id(each): each for each in found.values()}.values()]


def join(numbers: Mapping[str, Mapping[str, Known]], replaced: Mapping[str, str]) -> Said:
    """Say what the numbers of one person come to (contract §8): an annulment holds for its number and those before."""
    by_referte: dict[str, list[tuple[str, Known]]] = {}
    for number, known in numbers.items():
        for referte, each in known.items():
            by_referte.setdefault(referte, []).append((number, each))
    decided = [(referte, *_decide(found, replaced)) for referte, found in sorted(by_referte.items())]
    ended = _ended_before([(referte, body, day) for referte, body, day, is_dated in decided if is_dated])
    live = tuple((referte, body) for referte, body, _, _ in decided if body is not None and referte not in ended)
    ranks = [each.rank[0] for found in by_referte.values() for _, each in found]
    day = _anchor([body for _, body in live]) or max((day for _, _, day, _ in decided), default=None)
    end = None if day is None else retention_end(day, YEARS)
    return Said(live, max(ranks, default=None), end, ended)


def _decide(found: Sequence[tuple[str, Known]], replaced: Mapping[str, str]) -> tuple[Body | None, date, bool]:
    """Decide one referte: what is so of it, its day, and whether a record with a body dates it."""
    standing = [
        each
        for number, each in found
        if not each.annulled
        and not any(other.annulled and other.rank > each.rank and by in chain(number, replaced) for by, other in found)
    ]
    if standing:
        decides = max(standing, key=lambda each: each.rank)
    else:
        decides = max((each for _, each in found), key=lambda each: (each.dated_by or (0, 0), each.rank))
    return decides.body if standing else None, decides.day, decides.dated_by is not None


def _anchor(bodies: Sequence[Body]) -> date | None:
    """Give the day of the latest payment; without one of the latest recovery."""
    return max([body.day for body in bodies if body.cents > 0] or [body.day for body in bodies], default=None)


def _ended_before(decided: Sequence[tuple[str, Body | None, date]]) -> frozenset[str]:
    """Tell what had ended by the day of a later record: that starts the person anew (Article 3 b)."""
    ended: set[str] = set()
    live: dict[str, Body] = {}
    for day in sorted({day for _, _, day in decided}):
        anchor = _anchor([*live.values()])
        if anchor is not None and retention_end(anchor, YEARS) <= brussels_midnight(day):
            ended |= set(live)
            live.clear()
        live |= {referte: body for referte, body, of_day in decided if of_day == day and body is not None}
    return frozenset(ended)


def pseudonym(keys: Sequence[bytes], number: str) -> str:
    """Make the name of a person in tables and log: a chain of HMACs, one for each key."""
    for key in keys:
        number = hmac.new(key, number.encode(), hashlib.sha256).hexdigest()
    return number


def takes_part(ends: date | None, day: date) -> bool:
    """Tell whether a party takes part on a day, by the day on which it left."""
    return ends is None or day < ends
