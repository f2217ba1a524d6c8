"""Contract §2: any files, in any order, any number of times, give the same state and the same TTL."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from jbplus.mutation_file.report import Status
from jbplus.persons.state import Payment, decode
from tests.support.exchange import Exchange
from tests.support.fakes import PSEUDONYMS
from tests.support.files import annulment, mutation_file, record
from tests.support.oracles import Told, anchor_of, decide, retention_end
from tests.support.people import ANNA, BRAM, CELINE

_PERSONS = (ANNA, BRAM, CELINE)
_LAST_DAY = date(2025, 1, 1)


def _body(cents: int, day: date, year: int, instalment: str) -> dict[str, Any]:
    return {
        "verrichtingbedrag": f"{Decimal(cents).scaleb(-2):f}",
        "effectieveVerrichtingsdatum": day.isoformat(),
        "fiscaalJaar": year,
        "bedragtype": instalment,
    }


_INSZ, _REFERTES = st.sampled_from(_PERSONS), st.sampled_from("abc")
_BODIES = st.builds(
    _body,
    st.integers(-(10**14) + 1, 10**14 - 1).filter(bool),
    st.dates(date(2022, 1, 1), _LAST_DAY),
    st.integers(2022, 2026),
    st.sampled_from("12"),
)
_GOOD = st.builds(annulment, _INSZ, _REFERTES) | st.builds(
    lambda insz, referte, type_, body: record(insz, referte, type_, **body),
    _INSZ,
    _REFERTES,
    st.sampled_from(("01", "02", "03")),
    _BODIES,
)
_ZERO = record(ANNA, "a", verrichtingbedrag="0.00")
_BAD = st.sampled_from([1, {}, _ZERO, record("12345678901", "a")])
_FILES = st.dictionaries(st.integers(1, 6), st.lists(_GOOD | _BAD, max_size=5), min_size=1, max_size=4)
"""Records by volgnummer."""


def _day_of(volgnummer: int) -> date:
    return date(2025, volgnummer, 15)


def _content(volgnummer: int, records: Sequence[object]) -> bytes:
    return mutation_file(records, volgnummer, tijdstip=f"{_day_of(volgnummer)}T18:30:00+02:00")


def _payment(body: dict[str, Any]) -> Payment:
    return Payment(
        body["fiscaalJaar"],
        body["bedragtype"],
        Decimal(body["verrichtingbedrag"]),
        date.fromisoformat(body["effectieveVerrichtingsdatum"]),
    )


def _told_of(insz: str, files: dict[int, list[Any]]) -> list[Told]:
    """Say what the files tell of a person, bad records left out."""
    return [
        Told(
            one["referte"],
            (volgnummer, position),
            annuls=one["type"] == "03",
            body=_payment(one["verrichting"]) if "verrichting" in one else None,
            file_day=_day_of(volgnummer),
        )
        for volgnummer, records in files.items()
        for position, one in enumerate(records)
        if isinstance(one, dict) and one.get("insz") == insz and one != _ZERO
    ]


@settings(max_examples=60)
@given(_FILES, st.data())
def test_any_order_and_repetition_of_files_gives_what_the_oracle_decides(
    files: dict[int, list[Any]], data: st.DataObject
) -> None:
    repeated = data.draw(st.lists(st.sampled_from(sorted(files)), max_size=4))
    deliveries = data.draw(st.permutations([*files, *repeated]))
    exchange = Exchange(chunk=data.draw(st.integers(1, 4)))

    statuses = [exchange.take_in(_content(number, files[number])).status for number in deliveries]

    assert statuses.count(Status.ALREADY_PROCESSED) == len(repeated)
    for insz in _PERSONS:
        told = _told_of(insz, files)
        stored = exchange.persons.items.get(PSEUDONYMS(insz))
        if stored is None:
            assert told == []
            continue
        found = {
            referte: (tuple(entry.rank), entry.payment, entry.day)
            for referte, entry in decode(stored.state).entries.items()
        }
        expected = decide(told)
        assert found == {referte: (one.rank, one.payment, one.day) for referte, one in expected.items()}
        assert stored.expires_at == retention_end(anchor_of(expected), 5)


@settings(max_examples=40)
@given(_FILES, st.data())
def test_any_order_and_repetition_of_files_leaves_the_same_tables_and_quarantine(
    files: dict[int, list[Any]], data: st.DataObject
) -> None:
    deliveries = data.draw(st.permutations([*files, *files]))
    straight, crooked = Exchange(), Exchange()

    for number in sorted(files):
        straight.take_in(_content(number, files[number]))
    for number in deliveries:
        crooked.take_in(_content(number, files[number]))

    assert crooked.persons.items == straight.persons.items
    assert crooked.ledger.volgnummers() == straight.ledger.volgnummers()
    assert crooked.bucket.quarantined == straight.bucket.quarantined
    assert len(crooked.bucket.reports) == len(deliveries)
    assert crooked.bucket.copies == crooked.bucket.reports


_SECRET_TEXT, _SECRET_NUMBER = "geheim bedrag", 271_828_182_845
_SECRETS = st.sampled_from(
    [_SECRET_TEXT, _SECRET_NUMBER, ANNA, f"JBP-{ANNA}", int(ANNA), [ANNA], {ANNA: _SECRET_NUMBER}]
)
_KEYS = st.sampled_from(
    ["referte", "type", "insz", "verrichting", "maatregel", "verrichtingbedrag", "fiscaalJaar", ANNA, _SECRET_TEXT]
)


@st.composite
def _leaky(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a record with secrets in places where they do not belong, bad for certain."""
    leaky: dict[str, Any] = record(BRAM, "r", verrichtingbedrag="271828.18") | draw(
        st.dictionaries(_KEYS, _SECRETS, max_size=3)
    )
    if isinstance(leaky["verrichting"], dict):
        leaky["verrichting"] = leaky["verrichting"] | draw(st.dictionaries(_KEYS, _SECRETS, max_size=3))
    return leaky | {draw(st.sampled_from(["type", "naam", ANNA])): draw(_SECRETS)}


@settings(max_examples=100)
@given(st.lists(_leaky(), min_size=1, max_size=5))
def test_a_report_tells_no_number_no_amount_and_no_value_of_a_bad_record(records: list[dict[str, Any]]) -> None:
    exchange = Exchange()

    report = exchange.take_in(mutation_file(records))

    assert report.aantallen.geweigerd == len(records)
    told = "".join(content.decode() for content in exchange.bucket.reports.values()) + repr(report)
    told += "".join([*exchange.bucket.reports, *exchange.bucket.quarantined])
    for secret in (ANNA, BRAM, _SECRET_TEXT, str(_SECRET_NUMBER), "271828.18"):
        assert secret not in told


@given(_FILES)
def test_no_person_number_stands_in_a_table(files: dict[int, list[Any]]) -> None:
    exchange = Exchange()

    for number, records in files.items():
        exchange.take_in(_content(number, records))

    kept = json.dumps([[person, item.state] for person, item in exchange.persons.items.items()])
    assert not any(insz in kept for insz in _PERSONS)
