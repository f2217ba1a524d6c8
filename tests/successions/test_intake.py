"""Succession files come in as mutation files do: form, ledger, report, quarantine, gaps of their own."""

import json
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from jbplus.mutation_file.codes import Code
from jbplus.mutation_file.report import Gap, Report
from jbplus.persons.joining import joined
from jbplus.persons.state import PersonState, decode
from jbplus.successions.rules import MAX_NUMBERS, linked
from tests.intake.fakes import FakeLedger
from tests.persons.fakes import FakeLinks
from tests.support.exchange import Exchange
from tests.support.fakes import PSEUDONYMS
from tests.support.files import annulment, mutation_file, record, succession, succession_file
from tests.support.people import ANNA, BRAM, CELINE, person_number


@dataclass
class Allowing(Exchange):
    """An exchange where successions are allowed."""

    successions: FakeLedger | None = field(default_factory=FakeLedger)

    def whole(self, insz: str) -> PersonState:
        """Give what is answered under a number."""
        person = PSEUDONYMS(insz)
        found = FakeLinks(self.persons).read([person])
        numbers = linked(person, found)
        states = {each: decode(self.persons.items[each].state) for each in numbers if each in self.persons.items}
        return joined(states, found[person]) if person in found and states else self.state(insz)


def codes(report: Report) -> list[tuple[str, str]]:
    return [(error.code, error.pad) for error in report.fouten]


def test_a_payment_under_the_old_number_is_answered_under_the_new() -> None:
    exchange = Allowing()
    exchange.take_in(mutation_file([record(ANNA, "a")]))

    report = exchange.take_in(succession_file([succession(ANNA, BRAM)]))

    assert (report.status, report.aantallen.toegepast) == ("verwerkt", 1)
    assert exchange.whole(BRAM) == exchange.whole(ANNA) == exchange.state(ANNA)
    assert exchange.state(BRAM) == PersonState()


def test_a_mend_that_uses_a_referte_under_both_numbers_survives_the_link() -> None:
    for mend in ([annulment(ANNA, "a"), record(BRAM, "a")], [record(BRAM, "a"), annulment(ANNA, "a")]):
        exchange = Allowing()
        exchange.take_in(mutation_file([record(ANNA, "a")], 1))
        exchange.take_in(mutation_file(mend, 2))

        exchange.take_in(succession_file([succession(ANNA, BRAM)]))

        for number in (ANNA, BRAM):
            assert [referte for referte, _ in exchange.whole(number).payments] == ["a"]


def test_an_annulment_under_the_new_number_annuls_what_came_under_the_old() -> None:
    exchange = Allowing()
    exchange.take_in(mutation_file([record(ANNA, "a")], 1))
    exchange.take_in(succession_file([succession(ANNA, BRAM)]))

    exchange.take_in(mutation_file([annulment(BRAM, "a")], 2))

    assert exchange.whole(ANNA).payments == exchange.whole(BRAM).payments == []


def test_the_two_kinds_have_series_of_their_own() -> None:
    exchange = Allowing()
    exchange.take_in(mutation_file([], 1))
    exchange.take_in(succession_file([], 4))

    assert exchange.take_in(mutation_file([], 2)).ontbrekende_volgnummers == ()
    assert exchange.take_in(succession_file([], 7)).ontbrekende_volgnummers == (Gap(van=5, tot=6),)
    assert exchange.take_in(succession_file([], 4)).status == "reedsVerwerkt"
    assert codes(exchange.take_in(succession_file([succession(ANNA, BRAM)], 4))) == [
        (Code.REFERTE_IN_USE, "/context/referte")
    ]
    assert codes(exchange.take_in(succession_file([], 2000))) == [(Code.VOLGNUMMER_TOO_HIGH, "/context/volgnummer")]


def test_where_they_are_not_allowed_the_file_is_refused_and_nothing_changes() -> None:
    exchange = Exchange()

    report = exchange.take_in(succession_file([succession(ANNA, BRAM)]))

    assert report.status == "geweigerd"
    assert codes(report) == [(Code.SUCCESSION_NOT_ALLOWED, "/context/naam")]
    assert not exchange.persons.linked
    exchange.successions = FakeLedger()
    assert exchange.take_in(succession_file([succession(ANNA, BRAM)])).status == "verwerkt"


@pytest.mark.parametrize(
    ("bad", "code", "field_"),
    [
        (succession(ANNA, ANNA), Code.SAME_NUMBER, "/nieuw"),
        (succession(ANNA, BRAM, type_="02"), Code.TYPE_INVALID, "/type"),
        (succession(ANNA[:10], BRAM), Code.INSZ_INVALID, "/oud"),
        (succession(ANNA, "12345678901"), Code.INSZ_INVALID, "/nieuw"),
        (succession(ANNA, BRAM, f"x{BRAM}"), Code.REFERTE_IS_INSZ, "/referte"),
        ({"referte": "a", "type": "01", "oud": ANNA}, Code.FIELD_MISSING, "/nieuw"),
        (record(ANNA, "a"), Code.FIELD_MISSING, "/oud"),
        ("text", Code.NOT_AN_OBJECT, ""),
    ],
)
def test_a_bad_record_goes_to_quarantine_and_the_others_are_applied(bad: object, code: Code, field_: str) -> None:
    exchange = Allowing()

    report = exchange.take_in(succession_file([bad, succession(ANNA, CELINE, "good")]))

    assert report.status == "gedeeltelijkVerwerkt"
    assert codes(report) == [(code, f"/opvolgingen/0{field_}")]
    assert [line["record"] for line in exchange.quarantined_records()] == [bad]
    assert len(exchange.persons.linked) == len((ANNA, CELINE))
    assert ANNA not in report.to_json().decode()


@pytest.mark.parametrize("changed", ["mutaties", "both", "naam"])
def test_the_list_of_records_must_be_that_of_the_files_name(changed: str) -> None:
    document = json.loads(succession_file([]))
    if changed == "naam":
        document["context"]["naam"] = "PubliceerMutatieJobbonusPlus"
    else:
        document["mutaties"] = []
    if changed == "mutaties":
        del document["opvolgingen"]

    report = Allowing().take_in(json.dumps(document).encode())

    path = "/mutaties" if changed == "naam" else "/opvolgingen"
    assert codes(report) == [(Code.CONTEXT_INVALID, path)]


def test_more_numbers_than_one_person_can_have_are_refused() -> None:
    exchange = Allowing()
    numbers = [person_number(serial) for serial in range(1, MAX_NUMBERS + 2)]
    chain = [succession(old, new, f"r-{old[-4:]}") for old, new in pairwise(numbers)]

    report = exchange.take_in(succession_file(chain))

    assert codes(report) == [(Code.TOO_MANY_NUMBERS, f"/opvolgingen/{MAX_NUMBERS - 1}")]
    assert len(exchange.persons.linked) == MAX_NUMBERS
