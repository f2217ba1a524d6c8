"""Merging and claiming go on through conflicts and throttling, with pauses, but not for ever."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from typing_extensions import override

from jbplus.errors import ConflictError, ThrottledError, UnavailableError
from jbplus.intake.ledger import Claim, FileId
from jbplus.intake.service import Intake, IntakeRules
from jbplus.persons.merging import PersonChange, StoredPerson, merge
from jbplus.persons.state import Entry, Outcome, Payment, Rank
from tests.intake.fakes import FakeBucket, FakeLedger
from tests.notices.fakes import FakeApplied
from tests.persons.fakes import FakePersons
from tests.support.fakes import NOW, PSEUDONYMS, no_sleep
from tests.support.files import mutation_file, record
from tests.support.people import ANNA

ENTRY = Entry.live(Rank(1, 0), Payment(2024, "1", Decimal("600.00"), date(2025, 3, 3)))


@dataclass
class StumblingPersons(FakePersons):
    """A table that fails a number of times, in reading or in writing, and then works."""

    reading: list[Exception] = field(default_factory=list)
    writing: list[Exception] = field(default_factory=list)

    @override
    def read(self, persons: Collection[str]) -> dict[str, StoredPerson]:
        if self.reading:
            raise self.reading.pop()
        return super().read(persons)

    @override
    def write(self, changes: Sequence[PersonChange]) -> None:
        if self.writing:
            raise self.writing.pop()
        super().write(changes)


@dataclass
class ContestedLedger(FakeLedger):
    """A ledger at which rivals are busy a number of times."""

    busy: int = 0

    @override
    def claim(self, file: FileId, at: datetime) -> Claim:
        if self.busy:
            self.busy -= 1
            raise ConflictError("ledger")
        return super().claim(file, at)


def merged(persons: FakePersons, pauses: list[float]) -> dict[str, list[Outcome]]:
    return merge(persons, {"anna": [("JBP-1", ENTRY)]}, retention_years=5, clock=lambda: NOW, sleep=pauses.append)


@pytest.mark.parametrize(
    ("error", "reads"),
    [(ConflictError("persons"), 3), (ThrottledError("dynamodb"), 1)],
    ids=["a rival wrote", "throttled: nobody is read again"],
)
def test_a_write_that_is_turned_away_is_tried_again_after_a_pause(error: Exception, reads: int) -> None:
    pauses: list[float] = []
    persons = StumblingPersons(writing=[error, error])

    assert merged(persons, pauses) == {"anna": [Outcome.APPLIED]}
    assert "anna" in persons.items
    assert (len(pauses), persons.reads) == (2, reads)


def test_a_rival_that_writes_while_throttling_is_waited_out_is_noticed() -> None:
    rival = Entry.live(Rank(2, 0), Payment(2024, "1", Decimal("700.00"), date(2025, 3, 3)))

    class Overtaken(StumblingPersons):
        @override
        def write(self, changes: Sequence[PersonChange]) -> None:
            if self.writing:
                merge(
                    FakePersons(self.items),
                    {"anna": [("JBP-1", rival)]},
                    retention_years=5,
                    clock=lambda: NOW,
                    sleep=no_sleep,
                )
            super().write(changes)

    persons = Overtaken(writing=[ThrottledError("dynamodb")])

    assert merged(persons, []) == {"anna": [Outcome.SUPERSEDED]}
    assert persons.items["anna"].state_at(NOW).entries == {"JBP-1": rival}


def test_a_throttled_reading_is_tried_again() -> None:
    persons = StumblingPersons(reading=[ThrottledError("dynamodb")])

    assert merged(persons, []) == {"anna": [Outcome.APPLIED]}


def test_pauses_grow_but_stay_bounded() -> None:
    pauses: list[float] = []
    with pytest.raises(UnavailableError):
        merged(StumblingPersons(writing=[ConflictError("persons")] * 100), pauses)

    assert len(pauses) == 11
    assert all(0 <= pause <= bound for pause, bound in zip(pauses, [0.025 * 2**n for n in range(11)], strict=True))
    assert max(pauses) <= 2


def test_a_table_out_of_reach_is_not_pestered() -> None:
    pauses: list[float] = []
    with pytest.raises(UnavailableError):
        merged(StumblingPersons(writing=[UnavailableError("dynamodb")]), pauses)

    assert pauses == []


@pytest.mark.parametrize(("busy", "taken_in"), [(0, True), (11, True), (12, False)])
def test_a_contested_claim_is_tried_twelve_times(*, busy: int, taken_in: bool) -> None:
    bucket = FakeBucket()
    rules = IntakeRules(5, test_numbers_allowed=True)
    intake = Intake(
        bucket,
        FakeApplied(),
        FakePersons(),
        ContestedLedger(busy=busy),
        lambda: PSEUDONYMS,
        rules,
        lambda: NOW,
        no_sleep,
    )
    file = bucket.drop(mutation_file([record(ANNA)]))

    if taken_in:
        assert intake.take_in(file) is not None
    else:
        with pytest.raises(UnavailableError):
            intake.take_in(file)
        assert bucket.incoming


def test_a_changed_term_reaches_what_is_stored_with_nothing_else_new() -> None:
    persons = FakePersons()
    ends = []
    for years in (5, 5, 2, 2, 5):
        merge(persons, {"anna": [("JBP-1", ENTRY)]}, retention_years=years, clock=lambda: NOW, sleep=no_sleep)
        ends.append((persons.items["anna"].expires_at, persons.writes))

    assert ends == [(1898809200, 1), (1898809200, 1), (1804114800, 2), (1804114800, 2), (1898809200, 3)]


def test_a_person_that_is_not_there_is_not_made() -> None:
    persons = FakePersons()

    assert merge(persons, {"anna": []}, retention_years=5, clock=lambda: NOW, sleep=no_sleep) == {"anna": []}
    assert persons.items == {}


def test_who_is_paid_again_after_the_end_starts_anew_before_dynamodb_has_deleted() -> None:
    persons = FakePersons()
    for number, day in ((1, date(2022, 3, 1)), (9, date(2027, 3, 2))):
        payment = Payment(2022, "1", Decimal(600), day)
        now = datetime.combine(day, time(9), UTC)
        merge(
            persons,
            {"anna": [(f"JBP-{number}", Entry.live(Rank(number, 0), payment))]},
            retention_years=5,
            clock=lambda now=now: now,  # type: ignore[misc]
            sleep=no_sleep,
        )

    assert [referte for referte, _ in persons.items["anna"].state_at(now).payments] == ["JBP-9"]


@pytest.mark.parametrize(("left", "taken_in"), [(31.0, True), (30.0, False), (0.0, False)])
def test_no_try_begins_when_the_invocation_needs_its_time_to_tell(left: float, *, taken_in: bool) -> None:
    bucket = FakeBucket()
    rules = IntakeRules(5, test_numbers_allowed=True)
    persons = StumblingPersons(reading=[ThrottledError("dynamodb")])
    intake = Intake(bucket, FakeApplied(), persons, FakeLedger(), lambda: PSEUDONYMS, rules, lambda: NOW, no_sleep)
    looks = iter([100.0])
    file = bucket.drop(mutation_file([record(ANNA)]))

    if taken_in:
        assert intake.take_in(file, lambda: next(looks, left)) is not None
    else:
        with pytest.raises(UnavailableError):
            intake.take_in(file, lambda: next(looks, left))
