"""Contract §2: files that are refused, and numbers that are missing."""

import json

import pytest

from jbplus.mutation_file.codes import Code
from jbplus.mutation_file.reader import Limits
from jbplus.mutation_file.report import Gap, Report, Status
from tests.intake.fakes import sha256
from tests.support.exchange import Exchange
from tests.support.files import annulment, context, mutation_file, record
from tests.support.people import ANNA, BRAM, CELINE

_GOOD = mutation_file([record(ANNA), annulment(BRAM)], volgnummer=17)
_UUID = "0b0e8d5e-6f0c-4a39-9a53-0d8d5a7b1c11"


def _codes(report: Report) -> list[tuple[int | None, str, str]]:
    return [(error.index, error.code, error.pad) for error in report.fouten]


def _tables(exchange: Exchange) -> tuple[object, ...]:
    return dict(exchange.persons.items), list(exchange.ledger.volgnummers())


@pytest.mark.parametrize(
    ("volgnummer", "referte", "code", "path"),
    [
        pytest.param(
            17, "11111111-6f0c-4a39-9a53-0d8d5a7b1c11", Code.VOLGNUMMER_IN_USE, "/context/volgnummer", id="number"
        ),
        pytest.param(18, _UUID, Code.REFERTE_IN_USE, "/context/referte", id="referte"),
        pytest.param(18, _UUID.upper(), Code.REFERTE_IN_USE, "/context/referte", id="referte in capitals"),
        pytest.param(17, _UUID, Code.REFERTE_IN_USE, "/context/referte", id="both"),
    ],
)
@pytest.mark.parametrize("records", [[record(ANNA)], [record(ANNA), 1]], ids=["processed", "partly processed"])
def test_the_number_and_the_referte_of_a_processed_file_are_taken(
    records: list[object], volgnummer: int, referte: str, code: Code, path: str
) -> None:
    exchange = Exchange()
    exchange.take_in(mutation_file(records, 17, referte=_UUID))
    tables, quarantined = _tables(exchange), dict(exchange.bucket.quarantined)
    other = mutation_file([record(CELINE)], volgnummer, referte=referte)

    report = exchange.take_in(other)

    assert (report.status, _codes(report)) == (Status.REFUSED, [(None, code, path)])
    assert (report.aantallen.gelezen, report.aantallen.geweigerd) == (1, 1)
    assert _tables(exchange) == tables
    assert exchange.bucket.quarantined == quarantined | {f"bestand.{sha256(other)[:8]}": other}


_REFUSED: dict[str, tuple[bytes, Code]] = {
    "empty": (b"", Code.EMPTY_FILE),
    "not JSON": (b"nonsense", Code.NOT_JSON),
    "garbage after the end": (_GOOD + b"x", Code.NOT_JSON),
    "BOM": (b"\xef\xbb\xbf" + _GOOD, Code.NOT_JSON),
    "UTF-16": (_GOOD.decode().encode("utf-16"), Code.NOT_JSON),
    "NaN": (_GOOD.replace(b'"600.00"', b"NaN"), Code.NOT_JSON),
    "nesting bomb": (_GOOD.replace(b'"600.00"', b"[" * 5000 + b"]" * 5000), Code.VALUE_TOO_LONG),
    "another envelope": (mutation_file([record(ANNA)], naam="x"), Code.CONTEXT_INVALID),
    "extra field in the envelope": (mutation_file([record(ANNA)], extra=1), Code.CONTEXT_INVALID),
    "extra field beside the envelope": (_GOOD[:-1] + b', "extra": 1}', Code.CONTEXT_INVALID),
    "records before a bad envelope": (
        json.dumps({"mutaties": [record(ANNA)], "context": context(1, versie="2")}).encode(),
        Code.CONTEXT_INVALID,
    ),
    "unknown sender": (mutation_file([record(ANNA)], afzender="0886886638"), Code.SENDER_UNKNOWN),
    "from the future": (mutation_file([record(ANNA)], tijdstip="2026-03-06T09:00:01Z"), Code.FROM_THE_FUTURE),
    "wrong count": (mutation_file([record(ANNA)], aantal=2), Code.COUNT_WRONG),
    "too large": (mutation_file([record(ANNA, f"r{n}") for n in range(100)]), Code.TOO_LARGE),
}
_LIMITS = Limits(size=15_000)


@pytest.mark.parametrize("case", _REFUSED)
def test_a_refused_file_changes_nothing_and_goes_to_quarantine_whole(case: str) -> None:
    content, code = _REFUSED[case]
    exchange = Exchange(limits=_LIMITS)

    report = exchange.take_in(content)

    assert report.status is Status.REFUSED
    ((index, found, _),) = _codes(report)
    assert (index, found) == (None, code)
    assert _tables(exchange) == ({}, [])
    assert exchange.bucket.quarantined == {f"bestand.{report.sha256[:8]}": content}
    assert [json.loads(content)["status"] for content in exchange.bucket.reports.values()] == ["geweigerd"]


@pytest.mark.parametrize("case", _REFUSED)
def test_the_corrected_file_may_use_the_referte_and_number_of_the_refused_one(case: str) -> None:
    exchange = Exchange(limits=_LIMITS)
    exchange.take_in(_REFUSED[case][0])

    for volgnummer in (1, 17):
        report = exchange.take_in(mutation_file([record(ANNA)], volgnummer))
        assert report.status is Status.PROCESSED


def test_what_is_not_known_of_a_refused_file_is_left_out_of_its_report() -> None:
    exchange = Exchange()

    exchange.take_in(b"nonsense")

    (published,) = exchange.bucket.reports.values()
    assert json.loads(published) == {
        "status": "geweigerd",
        "bestand": "a.json",
        "sha256": sha256(b"nonsense"),
        "aantallen": {"gelezen": 0, "toegepast": 0, "verouderd": 0, "geweigerd": 0},
        "ontbrekendeVolgnummers": [],
        "fouten": [
            {
                "code": "geenGeldigeJson",
                "pad": "",
                "melding": "Het bestand is tot op de laatste byte geen geldige JSON in UTF-8 zonder BOM.",
            }
        ],
        "foutenAfgekapt": False,
    }


def test_a_file_truncated_at_any_byte_changes_nothing() -> None:
    exchange = Exchange()

    statuses = {exchange.take_in(_GOOD[:length]).status for length in range(len(_GOOD))}

    assert statuses == {Status.REFUSED}
    assert _tables(exchange) == ({}, [])
    assert len(exchange.bucket.quarantined) == len(exchange.bucket.reports) == len(_GOOD)


def test_a_number_more_than_1000_above_the_highest_is_refused_and_claims_nothing() -> None:
    exchange = Exchange()
    exchange.take_in(mutation_file([record(ANNA)], 5000))
    tables = _tables(exchange)

    too_high = exchange.take_in(mutation_file([record(BRAM)], 6001))

    assert (too_high.status, _codes(too_high)) == (
        Status.REFUSED,
        [(None, Code.VOLGNUMMER_TOO_HIGH, "/context/volgnummer")],
    )
    assert _tables(exchange) == tables
    assert exchange.take_in(mutation_file([record(BRAM)], 6000)).status is Status.PROCESSED
    assert exchange.take_in(mutation_file([record(BRAM)], 6001)).status is Status.PROCESSED


def test_the_very_bytes_that_were_refused_get_a_new_answer_each_time_they_come() -> None:
    exchange = Exchange()
    exchange.take_in(mutation_file([], 1))
    file, rival = mutation_file([record(ANNA)], 1500), mutation_file([], 1500, referte="11111111" + _UUID[8:])
    exchange.take_in(file)
    exchange.take_in(mutation_file([], 900))
    exchange.take_in(rival)
    exchange.take_in(file)

    own = f"bestand.{sha256(file)[:8]}"
    reports = [json.loads(exchange.bucket.reports[name]) for name in (own, f"{own}.2")]
    assert [report["fouten"][0]["code"] for report in reports] == [Code.VOLGNUMMER_TOO_HIGH, Code.VOLGNUMMER_IN_USE]
    assert exchange.bucket.copies == exchange.bucket.reports


def test_a_file_that_was_refused_is_taken_when_it_comes_again_in_reach() -> None:
    exchange = Exchange()
    exchange.take_in(mutation_file([], 1))
    too_high = mutation_file([record(ANNA)], 1002)
    exchange.take_in(too_high)
    exchange.take_in(mutation_file([], 2))

    exchange.take_in(too_high)

    own = f"bestand.{sha256(too_high)[:8]}"
    reports = {name: json.loads(exchange.bucket.reports[name])["status"] for name in (own, f"{own}.2")}
    assert reports == {own: "geweigerd", f"{own}.2": "verwerkt"}


def test_the_first_file_may_have_any_number() -> None:
    assert Exchange().take_in(mutation_file([record(ANNA)], 123_456)).status is Status.PROCESSED


def test_missing_numbers_are_gaps_until_their_file_comes() -> None:
    exchange = Exchange()

    gaps = [
        exchange.take_in(mutation_file([record(ANNA)], volgnummer)).ontbrekende_volgnummers
        for volgnummer in (10, 14, 12, 11, 13, 8)
    ]

    assert gaps == [
        (),
        (Gap(van=11, tot=13),),
        (Gap(van=11, tot=11), Gap(van=13, tot=13)),
        (Gap(van=13, tot=13),),
        (),
        (Gap(van=9, tot=9),),
    ]


def test_a_refused_file_closes_no_gap() -> None:
    exchange = Exchange()
    exchange.take_in(mutation_file([], 1))
    exchange.take_in(mutation_file([], 3))

    report = exchange.take_in(mutation_file([], 2, aantal=1))

    assert report.ontbrekende_volgnummers == (Gap(van=2, tot=2),)
