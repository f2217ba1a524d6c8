"""Contract §2: what becomes of each record, and what the report and our own objects tell of it."""

import itertools
import json
import re
from collections.abc import Sequence
from decimal import Decimal

import pytest
from typing_extensions import override

from jbplus.errors import ConflictError, UnavailableError
from jbplus.mutation_file.codes import Code
from jbplus.mutation_file.report import MAX_ERRORS, Report, Status
from jbplus.persons.merging import PersonChange
from tests.persons.fakes import FakePersons
from tests.support.exchange import Exchange
from tests.support.files import annulment, context, mutation_file, record
from tests.support.people import ANNA, BRAM, CELINE, person_number


def _counts(report: Report) -> tuple[int, int, int, int]:
    counts = report.aantallen
    return counts.gelezen, counts.toegepast, counts.verouderd, counts.geweigerd


def _amounts(exchange: Exchange, insz: str) -> dict[str, Decimal]:
    return {referte: payment.amount for referte, payment in exchange.state(insz).payments}


def _paid(insz: str, referte: str, amount: str) -> dict[str, object]:
    return record(insz, referte, verrichtingbedrag=amount)


def test_what_a_file_with_a_higher_number_says_wins_whichever_comes_first() -> None:
    older = mutation_file([_paid(ANNA, "a", "1.00"), _paid(ANNA, "b", "2.00"), _paid(ANNA, "c", "3.00")], 1)
    newer = mutation_file([_paid(ANNA, "a", "9.00"), annulment(ANNA, "b")], 2)
    exchange = Exchange()

    exchange.take_in(newer)
    late = exchange.take_in(older)

    assert _amounts(exchange, ANNA) == {"a": Decimal("9.00"), "c": Decimal("3.00")}
    assert (late.status, _counts(late)) == (Status.PROCESSED, (3, 1, 2, 0))


def test_a_file_that_changes_nobody_is_not_written() -> None:
    exchange = Exchange()
    exchange.take_in(mutation_file([_paid(ANNA, "a", "9.00"), _paid(BRAM, "a", "9.00")], 2))
    writes = exchange.persons.writes

    late = exchange.take_in(mutation_file([_paid(ANNA, "a", "1.00"), _paid(BRAM, "a", "1.00")], 1))

    assert (late.aantallen.verouderd, exchange.persons.writes) == (2, writes)


def test_within_a_file_the_later_record_wins_and_both_are_applied() -> None:
    exchange = Exchange()

    report = exchange.take_in(mutation_file([_paid(ANNA, "a", "1.00"), annulment(ANNA, "a"), _paid(ANNA, "a", "2.00")]))

    assert _amounts(exchange, ANNA) == {"a": Decimal("2.00")}
    assert _counts(report) == (3, 3, 0, 0)


def test_a_verrichting_moves_to_another_person_by_annulment_and_a_new_record() -> None:
    exchange = Exchange()
    exchange.take_in(mutation_file([_paid(ANNA, "a", "600.00")], 1))

    exchange.take_in(mutation_file([annulment(ANNA, "a"), _paid(BRAM, "a", "600.00")], 2))

    assert _amounts(exchange, ANNA) == {}
    assert _amounts(exchange, BRAM) == {"a": Decimal("600.00")}


def test_the_two_hundred_and_first_referte_of_a_person_is_a_bad_record() -> None:
    exchange = Exchange()
    records = [_paid(ANNA, f"r{number}", "1.00") for number in range(201)]

    report = exchange.take_in(mutation_file([*records, _paid(BRAM, "a", "1.00")]))

    assert (report.status, _counts(report)) == (Status.PARTLY_PROCESSED, (202, 201, 0, 1))
    (error,) = report.fouten
    assert (error.index, error.referte, error.code, error.pad) == (200, "r200", Code.TOO_MANY_ENTRIES, "/mutaties/200")
    assert len(exchange.state(ANNA).entries) == 200
    assert [line["record"] for line in exchange.quarantined_records()] == [records[200]]


def test_rejected_records_are_kept_with_their_envelope_place_and_finding() -> None:
    exchange = Exchange()
    bad = [record(ANNA, "a", maatregel="x"), "text", record(BRAM, "b", extra=None)]

    exchange.take_in(mutation_file([bad[0], record(CELINE), *bad[1:]], volgnummer=17))

    ((_, content),) = exchange.bucket.quarantined.items()
    first, *lines = [json.loads(line) for line in content.decode().splitlines()]
    assert first == {"context": context(4, 17)}
    assert lines == [
        {
            "index": 0,
            "code": "maatregelOngeldig",
            "pad": "/mutaties/0/verrichting/maatregel",
            "record": bad[0],
        },
        {"index": 2, "code": "geenObject", "pad": "/mutaties/2", "record": "text"},
        {"index": 3, "code": "veldOnbekend", "pad": "/mutaties/3/verrichting", "record": bad[2]},
    ]


@pytest.mark.parametrize(
    ("written", "kept"), [("600.001", "600.001"), ("0.10000", "0.10000"), ("1e3", "1E+3"), ("700", "700")]
)
def test_a_rejected_amount_is_kept_exactly(written: str, kept: str) -> None:
    exchange = Exchange()
    content = mutation_file([record(ANNA, maatregel="x")]).replace(b'"600.00"', written.encode())

    exchange.take_in(content)

    (content,) = exchange.bucket.quarantined.values()
    assert f'"verrichtingbedrag": {kept},'.encode() in content


def test_findings_come_in_the_order_of_the_file_whatever_they_are() -> None:
    exchange = Exchange(chunk=50)
    full = [_paid(ANNA, f"r{number}", "1.00") for number in range(200)]
    mixed = [1, _paid(ANNA, "x", "1.00"), 2, _paid(BRAM, "x", "1.00"), _paid(ANNA, "y", "1.00"), 3]

    report = exchange.take_in(mutation_file([*full, *mixed]))

    assert [error.index for error in report.fouten] == [200, 201, 202, 204, 205]
    assert [line["index"] for line in exchange.quarantined_records()] == [200, 201, 202, 204, 205]


@pytest.mark.parametrize("more", [0, 1])
def test_a_report_lists_ten_thousand_bad_records_and_tells_when_there_are_more(more: int) -> None:
    exchange = Exchange(chunk=3333)

    report = exchange.take_in(mutation_file([0] * (MAX_ERRORS + more)))

    assert MAX_ERRORS == 10_000
    assert len(report.fouten) == 10_000
    assert [error.index for error in report.fouten] == list(range(10_000))
    assert report.fouten_afgekapt == (more > 0)
    assert report.aantallen.geweigerd == len(exchange.quarantined_records()) == 10_000 + more


def test_test_numbers_are_refused_where_they_are_not_allowed() -> None:
    exchange = Exchange(test_numbers_allowed=False)

    report = exchange.take_in(mutation_file([record(ANNA), record(person_number(999, month=41))]))

    assert [error.code for error in report.fouten] == [Code.TEST_NUMBER]
    assert len(exchange.persons.items) == 1


def test_a_file_taken_in_over_several_invocations_ends_the_same() -> None:
    records = [_paid(ANNA, f"r{number}", "1.00") for number in range(10)] + [1, 2, _paid(BRAM, "a", "1.00")]
    content = mutation_file(records, 17)
    at_once, in_parts = Exchange(chunk=3), Exchange(chunk=3)

    report = at_once.take_in(content)
    later = in_parts.take_in(content, time_left=itertools.repeat(0))

    assert later == report
    assert (at_once.invocations, in_parts.invocations) == (1, 6)
    assert in_parts.persons.items == at_once.persons.items
    assert in_parts.bucket.quarantined == at_once.bucket.quarantined


class _Rival(FakePersons):
    """Comes between the first reading and the first writing."""

    @override
    def write(self, changes: Sequence[PersonChange]) -> None:
        if not self.writes:
            self.writes += 1
            other = Exchange(persons=FakePersons(self.items))
            other.take_in(mutation_file([_paid(ANNA, "b", "2.00")], 1))
            raise ConflictError("persons")
        super().write(changes)


def test_a_rival_who_writes_the_same_person_loses_nothing() -> None:
    exchange = Exchange(persons=_Rival())

    exchange.take_in(mutation_file([_paid(ANNA, "a", "1.00")], 2))

    assert _amounts(exchange, ANNA) == {"a": Decimal("1.00"), "b": Decimal("2.00")}


class _OutOfReach(FakePersons):
    """Takes one write and then no more."""

    @override
    def write(self, changes: Sequence[PersonChange]) -> None:
        if self.writes:
            raise UnavailableError("persons")
        super().write(changes)


def test_a_file_that_could_not_be_finished_is_finished_when_it_is_taken_in_again() -> None:
    content = mutation_file([_paid(ANNA, "a", "1.00"), 1, _paid(BRAM, "a", "1.00"), _paid(ANNA, "b", "2.00")], 2)
    undisturbed = Exchange(chunk=2)
    expected = undisturbed.take_in(content)
    exchange = Exchange(chunk=2, persons=_OutOfReach())

    with pytest.raises(UnavailableError):
        exchange.take_in(content)
    again = Exchange(exchange.bucket, FakePersons(exchange.persons.items), exchange.ledger, chunk=2)
    report = again.take_in(content)

    assert report == expected
    assert again.persons.items == undisturbed.persons.items
    assert list(exchange.bucket.reports) == list(undisturbed.bucket.reports)


_OWN_NAME = re.compile(r"(bestand|werk\.publiceermutatiejobbonusplus-0100_[0-9]{17})\.[0-9a-f]{8}(\.[0-9]{8})?")


@pytest.mark.parametrize(
    ("name", "stem", "shown"),
    [
        pytest.param(
            "werk.publiceermutatiejobbonusplus-0100_20250304183000000.json",
            "werk.publiceermutatiejobbonusplus-0100_20250304183000000",
            "werk.publiceermutatiejobbonusplus-0100_20250304183000000.json",
            id="the usual name",
        ),
        pytest.param("maart.json", "bestand", "maart.json", id="another name"),
        pytest.param(f"{ANNA}.json", "bestand", "bestand", id="a person's number"),
        pytest.param(f"map/dossier {ANNA[:6]}-{ANNA[6:]}.json", "bestand", "bestand", id="a number in disguise"),
    ],
)
def test_names_of_our_objects_come_from_the_usual_name_and_the_content(name: str, stem: str, shown: str) -> None:
    exchange = Exchange()
    content = mutation_file([record(ANNA), record(BRAM, "a", maatregel="x")])

    report = exchange.take_in(content, name)
    refused = exchange.take_in(content[:-1], name)

    names = [*exchange.bucket.reports, *exchange.bucket.quarantined]
    assert len(names) == 4
    assert all(_OWN_NAME.fullmatch(own) and own.startswith(f"{stem}.") for own in names)
    assert (report.bestand, refused.bestand) == (shown, shown)
