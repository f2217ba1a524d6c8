"""Quarantined records are kept as they came, and handed in again with their own rank (Article 7)."""

import pytest

from jbplus.errors import ObjectMissingError
from jbplus.intake.applying import Merger
from jbplus.intake.quarantine import from_lines
from jbplus.intake.release import Release
from jbplus.intake.service import Intake, IntakeRules
from jbplus.intake.wire import Released
from jbplus.persons.state import MAX_ENTRIES, decode
from tests.intake.fakes import FakeBucket, FakeLedger
from tests.notices.fakes import FakeApplied
from tests.persons.fakes import FakePersons
from tests.support.fakes import NOW, PSEUDONYMS, no_sleep
from tests.support.files import annulment, mutation_file, record
from tests.support.people import ANNA, BRAM, CELINE


def taken_in(persons: FakePersons, bucket: FakeBucket, *files: bytes, test_numbers: bool = False) -> None:
    rules = IntakeRules(5, test_numbers_allowed=test_numbers)
    intake = Intake(bucket, FakeApplied(), persons, FakeLedger(), lambda: PSEUDONYMS, rules, lambda: NOW, no_sleep)
    for number, content in enumerate(files):
        intake.take_in(bucket.drop(content, f"{number}.json"))


def release_from(persons: FakePersons, bucket: FakeBucket) -> Release:
    merger = Merger(persons, 5, lambda: NOW, no_sleep)
    return Release(bucket, FakeApplied(), merger, lambda: PSEUDONYMS, test_numbers_allowed=True)


def test_records_that_are_good_by_now_are_applied_with_their_own_rank() -> None:
    persons, bucket = FakePersons(), FakeBucket()
    taken_in(persons, bucket, mutation_file([annulment(BRAM), record(ANNA, "JBP-1")], 7))
    (name,) = bucket.quarantined

    released = release_from(persons, bucket).release(name)

    assert released == Released(toegepast=2, verouderd=0, geweigerd=0)
    assert bucket.quarantined == {}
    assert decode(persons.items[PSEUDONYMS(ANNA)].state).entries["JBP-1"].rank == (7, 1)


def test_what_came_later_still_wins() -> None:
    persons, bucket, rest = FakePersons(), FakeBucket(), FakeBucket()
    taken_in(persons, bucket, mutation_file([record(ANNA, "JBP-1")], 7))
    taken_in(persons, rest, mutation_file([record(ANNA, "JBP-1", verrichtingbedrag="1.00")], 8), test_numbers=True)
    before = dict(persons.items)
    (name,) = bucket.quarantined

    assert release_from(persons, bucket).release(name) == Released(toegepast=0, verouderd=1, geweigerd=0)
    assert persons.items == before


def test_records_that_are_still_bad_stay() -> None:
    persons, bucket = FakePersons(), FakeBucket()
    twice = f'{{"insz": "{ANNA}", "insz": "{ANNA}"}}'
    content = mutation_file([record(ANNA), record(CELINE, verrichtingbedrag="0"), "TWICE"], 7)
    taken_in(persons, bucket, content.replace(b'"TWICE"', twice.encode()))
    (name,) = bucket.quarantined

    released = release_from(persons, bucket).release(name)

    assert released == Released(toegepast=1, verouderd=0, geweigerd=2)
    context, left = from_lines(bucket.quarantined[name])
    assert context.volgnummer == 7
    assert [(raw.place, raw.flaw.code if raw.flaw else None) for raw in left] == [(1, None), (2, "veldDubbel")]


def test_releasing_twice_changes_nothing_more() -> None:
    persons, bucket = FakePersons(), FakeBucket()
    taken_in(persons, bucket, mutation_file([record(ANNA)], 7))
    (name,) = bucket.quarantined
    content = bucket.quarantined[name]
    release = release_from(persons, bucket)
    release.release(name)
    state, bucket.quarantined[name] = dict(persons.items), content

    release.release(name)

    assert persons.items == state


@pytest.mark.parametrize("amount", ["6.00001e2", "1E400", "600.001", "-0"])
def test_a_bad_number_stays_bad_however_it_is_kept(amount: str) -> None:
    persons, bucket = FakePersons(), FakeBucket()
    content = mutation_file([record(ANNA, verrichtingbedrag=1)], 7).replace(
        b'"verrichtingbedrag": 1', f'"verrichtingbedrag": {amount}'.encode()
    )
    taken_in(persons, bucket, content, test_numbers=True)
    (name,) = bucket.quarantined

    assert release_from(persons, bucket).release(name) == Released(toegepast=0, verouderd=0, geweigerd=1)


@pytest.mark.parametrize("number", ["1.5", "6.5E+2", "12", "-0.0"])
def test_a_number_stays_a_number(number: str) -> None:
    persons, bucket = FakePersons(), FakeBucket()
    content = mutation_file([record(ANNA, "REFERTE")], 7).replace(b'"REFERTE"', number.encode())
    taken_in(persons, bucket, content, test_numbers=True)
    (name,) = bucket.quarantined

    assert f'"referte": {number}'.encode() in bucket.quarantined[name]
    assert release_from(persons, bucket).release(name) == Released(toegepast=0, verouderd=0, geweigerd=1)


def test_records_of_a_person_without_room_stay_and_are_counted() -> None:
    persons, bucket = FakePersons(), FakeBucket()
    full = [record(ANNA, f"JBP-{number}") for number in range(MAX_ENTRIES)]
    taken_in(persons, bucket, mutation_file(full, 1), test_numbers=True)
    taken_in(
        persons,
        bucket,
        mutation_file([record(ANNA, "too-many"), record(BRAM, verrichtingbedrag="0"), record(ANNA, "more")], 2),
        test_numbers=True,
    )
    (name,) = bucket.quarantined
    before, state = bucket.quarantined[name], dict(persons.items)

    released = release_from(persons, bucket).release(name)

    assert released == Released(toegepast=0, verouderd=0, geweigerd=3)
    assert from_lines(bucket.quarantined[name]) == from_lines(before)
    assert persons.items == state


def test_a_record_without_room_stays_beside_those_that_are_released() -> None:
    persons, bucket, rest = FakePersons(), FakeBucket(), FakeBucket()
    taken_in(persons, bucket, mutation_file([record(ANNA, "too-many"), record(BRAM, "released")], 2))
    full = [record(ANNA, f"JBP-{number}") for number in range(MAX_ENTRIES)]
    taken_in(persons, rest, mutation_file(full, 1), test_numbers=True)
    (name,) = bucket.quarantined

    released = release_from(persons, bucket).release(name)

    assert released == Released(toegepast=1, verouderd=0, geweigerd=1)
    _, left = from_lines(bucket.quarantined[name])
    assert [raw.place for raw in left] == [0]


def test_an_unknown_part_is_said_to_be_missing() -> None:
    with pytest.raises(ObjectMissingError):
        release_from(FakePersons(), FakeBucket()).release("nothing")
