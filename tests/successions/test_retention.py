"""All that is known of a person goes at once, under whatever number it came (Article 3 b)."""

from datetime import date

import pytest

from jbplus.persons.linking import link
from jbplus.persons.merging import joined_items, merge
from jbplus.persons.state import decode
from jbplus.successions.rules import Link
from tests.persons.fakes import FakePersons
from tests.persons.test_recomputing import FakeProgress, recomputing
from tests.support.fakes import NOW, no_sleep
from tests.support.known import annulled, entry
from tests.support.oracles import end_of_next_day, retention_end

OLD, NEW = "old", "new"


def paid(persons: FakePersons, person: str, referte: str, day: date, volgnummer: int) -> None:
    said = entry(rank=(volgnummer, 0), day=day)
    merge(persons, {person: [(referte, said)]}, retention_years=5, clock=lambda: NOW, sleep=no_sleep)


def linked(persons: FakePersons, day: date = date(2026, 3, 4)) -> None:
    link(persons, OLD, Link(NEW, (1, 0), day), retention_years=5, clock=lambda: NOW, sleep=no_sleep)


def live(persons: FakePersons, person: str) -> list[str]:
    return [referte for referte, _ in decode(persons.items[person].state).payments]


def test_a_payment_under_the_other_number_keeps_an_old_one() -> None:
    persons = FakePersons()
    paid(persons, OLD, "a", date(2022, 1, 3), 1)
    linked(persons)
    paid(persons, NEW, "b", date(2026, 1, 3), 2)

    paid(persons, OLD, "c", date(2027, 6, 1), 3)

    assert (live(persons, OLD), live(persons, NEW)) == (["a", "c"], ["b"])
    assert {stored.expires_at for stored in persons.items.values()} == {retention_end(date(2027, 6, 1), 5)}


def test_what_had_ended_before_a_payment_under_any_number_loses_its_amount_under_each() -> None:
    persons = FakePersons()
    paid(persons, OLD, "a", date(2022, 1, 3), 1)
    linked(persons)

    paid(persons, NEW, "b", date(2027, 1, 4), 2)

    assert (live(persons, OLD), live(persons, NEW)) == ([], ["b"])
    paid(persons, OLD, "a", date(2022, 1, 3), 1)
    assert live(persons, OLD) == [], "what has ended does not return"


def test_links_that_a_record_makes_end_at_once_last_until_it_was_told() -> None:
    persons = FakePersons()
    linked(persons, date(2020, 3, 4))
    paid(persons, NEW, "b", date(2025, 1, 4), 2)
    paid(persons, OLD, "a", date(2020, 1, 5), 2)
    assert {stored.expires_at for stored in persons.linked.values()} == {retention_end(date(2025, 1, 4), 5)}

    for _ in range(2):
        gone = {NEW: [("b", annulled(rank=(3, 0)))]}
        merge(persons, gone, retention_years=5, clock=lambda: NOW, sleep=no_sleep)

        assert persons.items[NEW].expires_at < NOW.timestamp()
        assert {stored.expires_at for stored in persons.linked.values()} == {end_of_next_day(NOW.timestamp())}


@pytest.mark.parametrize(("is_deleted", "under_old"), [(True, []), (False, ["b"])])
def test_of_what_ended_nothing_returns_once_dynamodb_has_begun_to_delete_it(
    *, is_deleted: bool, under_old: list[str]
) -> None:
    persons = FakePersons()
    paid(persons, OLD, "a", date(2019, 1, 3), 1)
    paid(persons, OLD, "b", date(2023, 9, 30), 2)
    linked(persons)
    annulment = [("b", annulled(rank=(3, 0), day=date(2024, 3, 1)))]
    merge(persons, {NEW: annulment}, retention_years=5, clock=lambda: NOW, sleep=no_sleep)
    assert {stored.expires_at for stored in persons.items.values()} == {retention_end(date(2019, 1, 3), 5)}
    if is_deleted:
        del persons.items[NEW]  # and with it the annulment; the other item is still there

    paid(persons, NEW, "c", date(2024, 11, 8), 4)

    assert (live(persons, OLD), live(persons, NEW)) == (under_old, ["c"])
    whole = joined_items(persons.items, persons.linked[OLD].links)
    assert whole is not None
    assert [referte for referte, _ in whole.decoded.payments] == ["c"]


def test_a_changed_term_reaches_linked_numbers_and_their_links_and_counts_what_changed() -> None:
    persons = FakePersons()
    paid(persons, OLD, "a", date(2024, 4, 1), 1)
    paid(persons, NEW, "b", date(2025, 5, 1), 2)
    linked(persons, date(2025, 6, 1))

    same = recomputing(persons, FakeProgress(), years=5).go_on(lambda: 900.0)
    other = recomputing(persons, FakeProgress(), years=6).go_on(lambda: 900.0)

    assert (same.seen, same.changed) == (2, 0)
    assert other.changed == 2
    assert {stored.expires_at for stored in persons.items.values()} == {retention_end(date(2025, 5, 1), 6)}
    assert {stored.expires_at for stored in persons.linked.values()} == {retention_end(date(2025, 6, 1), 6)}
