"""What goes when a party leaves the protocol (Article 12): registrations, queue and waiting contents, within a day."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_s3 import S3Client
from typing_extensions import override

from jbplus.aws.objects import Objects
from jbplus.ended_parties.service import EXCHANGE, EndedParties, Gone
from jbplus.errors import UnavailableError
from jbplus.notices.bucket import S3Waiting
from jbplus.notices.queue import Part
from jbplus.notices.table import DynamoQueues
from jbplus.persons.pseudonym import Name
from jbplus.persons.rotation import Phase, Standing
from jbplus.privacy_log.rules import LogEntry, LogOutcome, PrivacyLog, Service
from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.parties import PAYMENT_ACTORS, Party, party_of, with_ends
from jbplus.registrations.table import DynamoQuota, DynamoRegistrations
from tests.privacy_log.fakes import FakePrivacyLog
from tests.support.engine import Tables
from tests.support.fakes import NOW, named, no_sleep
from tests.support.known import INFINO, OPEN, PARENTIA
from tests.support.lives import KilledError, World

TODAY = brussels_day(NOW)
PART = Part("0000000000000017.aaaa", 0)


def leaving(day: date) -> list[Party]:
    return [replace(party, ends=day) if party.kbo == INFINO else party for party in PAYMENT_ACTORS]


@dataclass
class Left:
    """Two parties with registrations and something waiting; one of them leaves."""

    world: World
    log: PrivacyLog = field(default_factory=FakePrivacyLog)
    standing: Callable[[], Standing] = Standing

    def __post_init__(self) -> None:
        for party in (INFINO, PARENTIA):
            self.registrations.write({named(f"person-{n}"): OPEN for n in range(3)}, party)
            self.waiting.keep_waiting(party, PART, b"{}")
            self.waiting.keep_waiting(party, replace(PART, number=9), b"{}")
            self.queues.append(party, PART)

    @property
    def objects(self) -> Objects:
        return Objects(self.world.s3, self.world.bucket)

    @property
    def registrations(self) -> DynamoRegistrations:
        return DynamoRegistrations(self.world.dynamodb, self.world.tables.registrations, lambda: NOW, no_sleep)

    @property
    def queues(self) -> DynamoQueues:
        return DynamoQueues(self.world.dynamodb, self.world.tables.notices)

    @property
    def waiting(self) -> S3Waiting:
        return S3Waiting(self.objects)

    def go_round(self, day: date = TODAY, seconds: float = 900) -> Gone:
        ended = EndedParties(
            self.registrations, self.log, self.queues, self.waiting, self.standing, lambda: NOW, leaving(day)
        )
        return ended.go_round(lambda: seconds)

    def of(self, party: str) -> tuple[int, int, int]:
        """Count a party's registrations, parts in its queue, and contents that wait for it."""
        return (
            sum(len(names) for names in self.registrations.of_party(party)),
            self.queues.lengths([party])[party],
            len(list(self.objects.names(f"wachtend/{party}/"))),
        )


@pytest.fixture
def left(s3: S3Client, dynamodb: DynamoDBClient, tables: Tables) -> Left:
    return Left(World.new(s3, dynamodb, tables))


def test_all_of_a_party_that_left_goes_and_nothing_of_another(left: Left) -> None:
    gone = left.go_round()

    assert gone == Gone(registrations=3, parts=1, is_complete=True)
    assert left.of(INFINO) == (0, 0, 0)
    assert left.of(PARENTIA) == (3, 1, 2)


def test_nothing_goes_before_the_day(left: Left) -> None:
    assert left.go_round(TODAY + timedelta(1)) == Gone()
    assert left.of(INFINO) == (3, 1, 2)


def test_each_registration_that_goes_is_logged_like_one_that_its_party_deletes(left: Left) -> None:
    log = FakePrivacyLog()
    left.log = log

    left.go_round()
    left.go_round()

    assert sorted(entry.subject or "" for entry in log.entries) == ["person-0", "person-1", "person-2"]
    assert {(e.caller.asker.kbo, e.caller.end_user, e.service, e.outcome, e.key_version) for e in log.entries} == {
        (INFINO, EXCHANGE, Service.REGISTRATION, LogOutcome.DELETED, 1)
    }


def test_what_cannot_be_logged_does_not_go(left: Left) -> None:
    left.log = FakePrivacyLog(out_of_reach=True)

    with pytest.raises(UnavailableError):
        left.go_round()

    assert left.of(INFINO)[0] == 3


class _DyingLog(FakePrivacyLog):
    @override
    def write(self, entries: Sequence[LogEntry]) -> None:
        super().write(entries)
        raise KilledError


def test_a_death_after_the_log_is_made_good_by_the_next_round(left: Left) -> None:
    left.log = _DyingLog()
    with pytest.raises(KilledError):
        left.go_round()
    left.log = FakePrivacyLog()

    assert left.go_round() == Gone(registrations=3, is_complete=True)


@pytest.mark.parametrize("phase", [Phase.OPENING, Phase.COPYING, Phase.SWITCHED, Phase.CLOSING])
def test_registrations_wait_for_a_rotation_of_the_key(left: Left, phase: Phase) -> None:
    left.standing = lambda: Standing(1, phase)

    assert left.go_round() == Gone(parts=1, is_complete=False)
    assert left.of(INFINO) == (3, 0, 0)


def test_a_round_that_has_no_time_left_says_so(left: Left) -> None:
    assert not left.go_round(seconds=10).is_complete
    assert left.of(INFINO)[0] == 3


def test_counts_and_allowances_are_no_registrations(left: Left) -> None:
    quota = DynamoQuota(left.world.dynamodb, left.world.tables.registrations, no_sleep)
    quota.count(INFINO, TODAY, 5, most=10)

    left.go_round()

    assert quota.read_quota(INFINO, TODAY) == (5, ())


def test_registrations_are_listed_a_hundred_at_a_time(left: Left) -> None:
    def listed() -> Iterator[Sequence[Name]]:
        return left.registrations.of_party(PARENTIA)

    left.registrations.write({named(f"more-{n}"): OPEN for n in range(100)}, PARENTIA)

    assert sorted(len(names) for names in listed()) == [3, 100]


@pytest.mark.parametrize(
    ("ends", "days"),
    [
        ("", {}),
        (f"{INFINO}=2027-01-01", {INFINO: date(2027, 1, 1)}),
        (f"{INFINO}=2027-01-01,{PARENTIA}=2026-12-31", {INFINO: date(2027, 1, 1), PARENTIA: date(2026, 12, 31)}),
    ],
)
def test_an_operator_sets_when_parties_leave(ends: str, days: dict[str, date]) -> None:
    assert {party.kbo: party.ends for party in with_ends(PAYMENT_ACTORS, ends) if party.ends} == days


@pytest.mark.parametrize(
    "ends",
    [
        "0000000000=2027-01-01",
        INFINO,
        f"{INFINO}=",
        f"{INFINO}=20270101",
        f"{INFINO}=2027-02-30",
        f"{INFINO}=2027-01-01,",
        f"{INFINO}=2027-01-01,{INFINO}=2027-01-02",
    ],
)
def test_an_end_that_is_not_understood_stops_the_function(ends: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - also of a day that is none
        with_ends(PAYMENT_ACTORS, ends)


def test_nobody_leaves_unless_it_is_set() -> None:
    assert [party_of(party.kbo) for party in PAYMENT_ACTORS if party.ends is not None] == []
