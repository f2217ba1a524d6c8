"""Notices in memory: the edges as fakes that can die at any write, and recipients that registered persons."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from jbplus.errors import ConflictError, ObjectMissingError, UnavailableError
from jbplus.intake.applying import Merger
from jbplus.intake.release import Release
from jbplus.intake.service import Intake, IntakeRules
from jbplus.intake.wire import Released
from jbplus.mutation_file.kinds import Kind
from jbplus.notices.applied import Announcement, kind_of
from jbplus.notices.audience import Audience
from jbplus.notices.delivery import Delivery
from jbplus.notices.notice import PREFIX, SUCCESSION_PREFIX, AnyNotice, Notice, SuccessionNotice
from jbplus.notices.queue import Decision, Given, Part, Waiting
from jbplus.notices.round import Notices, Round
from jbplus.notices.telling import Telling
from jbplus.protocol.parties import PAYMENT_ACTORS, Party
from jbplus.registrations.rules import Registration
from jbplus.suspensions.rules import Stream, Suspension
from tests.intake.fakes import FakeBucket, FakeLedger
from tests.persons.fakes import FakeLinks, FakePersons
from tests.support.fakes import NOW, PSEUDONYMS, no_sleep
from tests.support.known import OPEN
from tests.suspensions.fakes import FakeSuspensionStore


class KilledError(BaseException):
    """The process died: nothing of ours catches it."""


@dataclass
class Mortality:
    """Counts writes, and dies at one of them, right before or right after it took effect.

    Attributes:
        at: the write at which it dies, from 1; None to live.
        after: whether the write takes effect.
        writes: how many there were.
        rival: comes once, right before the write at which it would have died; then it lives.
    """

    at: int | None = None
    after: bool = False
    writes: int = 0
    rival: Callable[[], object] | None = None

    def write(self, effect: Callable[[], object]) -> None:
        """Do a write, or die of it."""
        self.writes += 1
        due = self.writes == self.at
        if due and self.rival is not None:
            rival, self.rival, self.at = self.rival, None, None
            rival()
            due = False
        if due and not self.after:
            raise KilledError
        effect()
        if due:
            raise KilledError


@dataclass
class FakeFolders:
    """Keeps applied records, announcements, what waits and what goes out, each folder by itself."""

    life: Mortality = field(default_factory=Mortality)
    applied: dict[tuple[str, int], bytes] = field(default_factory=dict)
    announcements: dict[str, Announcement] = field(default_factory=dict)
    waiting: dict[tuple[str, Part], bytes] = field(default_factory=dict)
    outgoing: dict[str, dict[str, bytes]] = field(default_factory=dict)
    out_of_reach: set[str] = field(default_factory=set)
    before_reading: list[Callable[[], object]] = field(default_factory=list)

    def keep_applied(self, file: str, first: int, content: bytes) -> bytes:
        self.life.write(lambda: self.applied.setdefault((file, first), content))
        return self.applied[file, first]

    def announce(self, file: str, announcement: Announcement) -> None:
        self.life.write(partial(self.announcements.setdefault, file, announcement))

    def announced(self) -> list[str]:
        return list(self.announcements)

    def announcement(self, file: str) -> Announcement:
        if file not in self.announcements:
            raise ObjectMissingError(file)
        return self.announcements[file]

    def forget(self, file: str) -> None:
        for first in self.pieces(file):
            self.life.write(partial(self.applied.pop, (file, first), None))
        self.life.write(partial(self.announcements.pop, file, None))

    def pieces(self, file: str) -> list[int]:
        return sorted(first for name, first in self.applied if name == file)

    def read_piece(self, file: str, first: int) -> bytes:
        if self.before_reading:
            self.before_reading.pop()()
        if file in self.out_of_reach:
            raise UnavailableError("s3:GetObject")
        if (file, first) not in self.applied:
            raise ObjectMissingError("s3:GetObject")
        return self.applied[file, first]

    def keep_waiting(self, recipient: str, part: Part, content: bytes) -> None:
        self.life.write(lambda: self.waiting.setdefault((recipient, part), content))

    def read_waiting(self, recipient: str, part: Part) -> bytes | None:
        return self.waiting.get((recipient, part))

    def remove_waiting(self, recipient: str, part: Part) -> None:
        self.life.write(lambda: self.waiting.pop((recipient, part), b""))

    def put_out(self, party: str, name: str, content: bytes) -> None:
        present = self.outgoing.setdefault(party, {})
        assert present.get(name, content) == content, "a notice was given out with two contents"
        self.life.write(lambda: present.update({name: content}))


@dataclass
class FakeQueues:
    """Keeps queues and numbers, with the conditions of the real table."""

    life: Mortality = field(default_factory=Mortality)
    next_parts: dict[str, int] = field(default_factory=dict)
    known: dict[tuple[str, Part], int] = field(default_factory=dict)
    queued: dict[str, int] = field(default_factory=dict)
    queues: dict[str, dict[int, Waiting]] = field(default_factory=dict)
    last: dict[tuple[str, Kind], Given] = field(default_factory=dict)
    turned_away: list[Exception] = field(default_factory=list)
    """What the next writes to a queue are answered with, one each."""

    def next_part(self, file: str) -> int:
        return self.next_parts.get(file, 0)

    def told(self, file: str, part: int) -> None:
        self.life.write(lambda: self.next_parts.update({file: max(part + 1, self.next_part(file))}))

    def is_known(self, recipient: str, part: Part) -> bool:
        return (recipient, part) in self.known

    def is_waiting(self, recipient: str, part: Part) -> bool:
        return self.known.get((recipient, part)) in self.queues.get(recipient, {})

    def append(self, recipient: str, part: Part) -> None:
        position = self.queued.get(recipient, 0) + 1

        def effect() -> None:
            if self.turned_away:
                raise self.turned_away.pop()
            if (recipient, part) in self.known or self.queued.get(recipient, 0) != position - 1:
                raise ConflictError("notices")
            self.known[recipient, part] = self.queued[recipient] = position
            self.queues.setdefault(recipient, {})[position] = Waiting(recipient, position, part)

        self.life.write(effect)

    def first(self, recipient: str) -> Waiting | None:
        queue = self.queues.get(recipient)
        return queue[min(queue)] if queue else None

    def given(self, recipient: str, kind: Kind = Kind.MUTATIONS) -> Given:
        return self.last.get((recipient, kind), Given())

    def decide(self, waiting: Waiting, decision: Decision) -> None:
        def effect() -> None:
            if self.turned_away:
                raise self.turned_away.pop()
            present = self.queues[waiting.recipient].get(waiting.position)
            if present is None or present.decision is not None:
                raise ConflictError("notices")
            if decision.number is not None:
                kind = kind_of(waiting.part.file)
                if self.given(waiting.recipient, kind).number != decision.number - 1:
                    raise ConflictError("notices")
                self.last[waiting.recipient, kind] = Given(decision.number, decision.moment)
            self.queues[waiting.recipient][waiting.position] = replace(present, decision=decision)

        self.life.write(effect)

    def remove(self, waiting: Waiting) -> None:
        self.life.write(lambda: self.queues[waiting.recipient].pop(waiting.position, None))

    def lengths(self, recipients: Sequence[str]) -> dict[str, int]:
        return {recipient: len(self.queues.get(recipient, {})) for recipient in recipients}


@dataclass
class FakeRegistrations:
    """Keeps registrations by pseudonym and party."""

    items: dict[tuple[str, str], Registration] = field(default_factory=dict)

    def of_persons(self, persons: Sequence[str]) -> Mapping[tuple[str, str], Registration]:
        assert len(set(persons)) == len(persons)
        return {(person, party): found for (person, party), found in self.items.items() if person in persons}


@dataclass
class NoticesWorld:
    """An exchange in memory, from mutation files to notices."""

    life: Mortality = field(default_factory=Mortality)
    bucket: FakeBucket = field(default_factory=FakeBucket)
    persons: FakePersons = field(default_factory=FakePersons)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    successions: FakeLedger = field(default_factory=FakeLedger)
    registrations: FakeRegistrations = field(default_factory=FakeRegistrations)
    suspensions: FakeSuspensionStore = field(default_factory=FakeSuspensionStore)
    now: datetime = NOW
    test_numbers_allowed: bool = True
    chunk: int = 2
    years: int = 5
    parties: Sequence[Party] = PAYMENT_ACTORS
    folders: FakeFolders = field(init=False)
    queues: FakeQueues = field(init=False)

    def __post_init__(self) -> None:
        self.folders, self.queues = FakeFolders(self.life), FakeQueues(self.life)

    def register(self, party: str, *numbers: str, registration: Registration = OPEN) -> None:
        """Register persons at a party."""
        self.registrations.items.update({(PSEUDONYMS(number), party): registration for number in numbers})

    def unregister(self, party: str, *numbers: str) -> None:
        """Take registrations away."""
        for number in numbers:
            self.registrations.items.pop((PSEUDONYMS(number), party), None)

    def suspend(self, party: str, *streams: Stream) -> None:
        """Suspend a party from streams, of notices unless told otherwise."""
        suspension = Suspension("s-1", party, streams or (Stream.MUTATIONS,), (), "misbruik", self.now)
        self.suspensions.items[party] = (suspension,)

    def lift(self, party: str) -> None:
        """Lift what a party is suspended from."""
        self.suspensions.items[party] = tuple(each.lift(self.now) for each in self.suspensions.items.get(party, ()))

    def take_in(self, content: bytes, name: str = "a.json", time_left: Callable[[], float] = lambda: 900.0) -> None:
        """Take a file in, up to its announcement, or as far as the time goes."""
        rules = IntakeRules(self.years, self.test_numbers_allowed, workers=1, chunk=self.chunk)
        Intake(
            bucket=self.bucket,
            applied=self.folders,
            persons=self.persons,
            ledger=self.ledger,
            pseudonyms=lambda: PSEUDONYMS,
            rules=rules,
            clock=lambda: self.now,
            sleep=no_sleep,
            successions=self.successions,
        ).take_in(self.bucket.drop(content, name, self.now), time_left)

    def release(self, store: FakeBucket, name: str) -> Released:
        """Hand quarantined records in again, test numbers allowed."""
        merger = Merger(self.persons, 5, lambda: self.now, no_sleep)
        return Release(store, self.folders, merger, lambda: PSEUDONYMS, test_numbers_allowed=True).release(name)

    def go_round(self, time_left: Callable[[], float] = lambda: 900.0) -> Round:
        """Make the notices that can be made; each round comes a little later."""
        self.now += timedelta(microseconds=300)
        return self.all_notices().go_round(time_left)

    def all_notices(self) -> Notices:
        """Give what makes the notices."""
        links = FakeLinks(self.persons)
        audience = Audience(self.registrations, lambda: PSEUDONYMS, lambda: self.now, self.parties, links)
        return Notices(
            Telling(self.folders, audience, self.queues, self.folders, no_sleep),
            Delivery(self.queues, self.folders, self.folders, self.suspensions, audience, lambda: self.now, no_sleep),
        )

    def notices(self, party: str) -> list[Notice]:
        """Give a recipient's notices of mutations in the order of their names."""
        outgoing = sorted(self.folders.outgoing.get(party, {}).items())
        return [Notice.model_validate_json(content) for name, content in outgoing if name.startswith(PREFIX)]

    def succession_notices(self, party: str) -> list[SuccessionNotice]:
        """Give a recipient's notices of successions in the order of their names."""
        outgoing = sorted(self.folders.outgoing.get(party, {}).items())
        return [
            SuccessionNotice.model_validate_json(content)
            for name, content in outgoing
            if name.startswith(SUCCESSION_PREFIX)
        ]

    def told(self, party: str) -> list[tuple[str, str, str, int]]:
        """Give all that a recipient was told: referte, type, insz and volgnummer, in order."""
        return [
            (each.referte, each.type, each.insz, each.volgnummer)
            for notice in self.notices(party)
            for each in notice.notificaties
        ]


def numbers(notices: Iterable[AnyNotice]) -> list[int]:
    """Give the recipient's own numbers of notices."""
    return [notice.context.volgnummer for notice in notices]


def nobody_left(world: NoticesWorld, recipients: Collection[str]) -> bool:
    """Tell whether nothing waits and nothing is announced."""
    return not (
        world.folders.applied
        or world.folders.waiting
        or world.folders.announcements
        or any(world.queues.lengths([*recipients]).values())
    )


@dataclass
class FakeApplied:
    """Keeps the applied records of files by file and piece, and announcements."""

    pieces: dict[tuple[str, int], bytes] = field(default_factory=dict)
    announced: dict[str, Announcement] = field(default_factory=dict)

    def keep_applied(self, file: str, first: int, content: bytes) -> bytes:
        return self.pieces.setdefault((file, first), content)

    def announce(self, file: str, announcement: Announcement) -> None:
        self.announced[file] = announcement
