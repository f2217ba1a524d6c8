"""Contract §2: what happens to a file."""

import gzip
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import pytest
from typing_extensions import override

from jbplus.errors import ConflictError, ThrottledError, UnavailableError
from jbplus.intake.ledger import Claim, FileId, Series
from jbplus.intake.service import FileChangedError
from jbplus.mutation_file.codes import Code
from jbplus.mutation_file.report import Report, Status
from tests.intake.fakes import FakeLedger, sha256
from tests.support.exchange import Exchange
from tests.support.fakes import NOW, PSEUDONYMS
from tests.support.files import annulment, context, mutation_file, record
from tests.support.people import ANNA, BRAM, CELINE, person_number

_USUAL = "werk.publiceermutatiejobbonusplus-0100_20250304183000000"
_GOOD = mutation_file([record(ANNA), annulment(BRAM)], volgnummer=17)


def _counts(report: Report) -> tuple[int, int, int, int]:
    counts = report.aantallen
    return counts.gelezen, counts.toegepast, counts.verouderd, counts.geweigerd


def _codes(report: Report) -> list[tuple[int | None, str, str]]:
    return [(error.index, error.code, error.pad) for error in report.fouten]


def _tables(exchange: Exchange) -> tuple[object, ...]:
    return dict(exchange.persons.items), list(exchange.ledger.volgnummers())


def test_a_good_file_is_applied_whole() -> None:
    exchange = Exchange()

    report = exchange.take_in(_GOOD)

    assert report.status is Status.PROCESSED
    assert _counts(report) == (2, 2, 0, 0)
    assert [(ref, payment.amount) for ref, payment in exchange.state(ANNA).payments] == [
        ("JBP-2025-000001", Decimal("600.00"))
    ]
    assert exchange.persons.items[PSEUDONYMS(ANNA)].expires_at == 1898809200
    assert (exchange.state(BRAM).payments, exchange.state(BRAM).volgnummer) == ([], 17)
    assert exchange.bucket.quarantined == {}


def test_the_report_is_published_as_on_the_wire() -> None:
    exchange = Exchange()
    content = mutation_file([record(ANNA), record("x")], volgnummer=17)

    exchange.take_in(content, f"{_USUAL}.json")

    (published,) = exchange.bucket.reports.values()
    assert json.loads(published) == {
        "status": "gedeeltelijkVerwerkt",
        "bestand": f"{_USUAL}.json",
        "context": context(2, 17),
        "sha256": sha256(content),
        "aantallen": {"gelezen": 2, "toegepast": 1, "verouderd": 0, "geweigerd": 1},
        "ontbrekendeVolgnummers": [],
        "fouten": [
            {
                "index": 1,
                "referte": "JBP-2025-000001",
                "code": "inszOngeldig",
                "pad": "/mutaties/1/insz",
                "melding": "Het INSZ is geen rijksregister- of BIS-nummer met een juist controlegetal.",
            }
        ],
        "foutenAfgekapt": False,
    }


def test_a_day_without_mutations_is_a_good_file() -> None:
    exchange = Exchange()

    report = exchange.take_in(mutation_file([], volgnummer=17))

    assert (report.status, _counts(report)) == (Status.PROCESSED, (0, 0, 0, 0))
    assert exchange.ledger.volgnummers() == [17]


def test_bad_records_do_not_stop_good_ones() -> None:
    exchange = Exchange()
    records = [1, record(ANNA), record(BRAM, verrichtingbedrag="0.00"), record(CELINE), {}]

    report = exchange.take_in(mutation_file(records))

    assert report.status is Status.PARTLY_PROCESSED
    assert _counts(report) == (5, 2, 0, 3)
    assert _codes(report) == [
        (0, Code.NOT_AN_OBJECT, "/mutaties/0"),
        (2, Code.AMOUNT_ZERO, "/mutaties/2/verrichting/verrichtingbedrag"),
        (4, Code.FIELD_MISSING, "/mutaties/4/referte"),
    ]
    assert len(exchange.persons.items) == 2


def test_a_file_of_bad_records_alone_is_partly_processed_and_claims_its_number() -> None:
    exchange = Exchange()

    report = exchange.take_in(mutation_file([1, 2], volgnummer=17))

    assert (report.status, _counts(report)) == (Status.PARTLY_PROCESSED, (2, 0, 0, 2))
    assert exchange.persons.items == {}
    assert exchange.ledger.volgnummers() == [17]


def test_a_compressed_file_is_the_same_file() -> None:
    exchange = Exchange()

    first = exchange.take_in(gzip.compress(_GOOD), f"{_USUAL}.json.gz")
    second = exchange.take_in(_GOOD, f"{_USUAL}.json")

    assert (first.status, first.sha256) == (Status.PROCESSED, sha256(_GOOD))
    assert second.status is Status.ALREADY_PROCESSED


def test_the_same_file_again_changes_nothing() -> None:
    exchange = Exchange()
    exchange.take_in(_GOOD)
    tables, reports, writes = _tables(exchange), dict(exchange.bucket.reports), exchange.persons.writes

    report = exchange.take_in(_GOOD)

    assert (report.status, _counts(report)) == (Status.ALREADY_PROCESSED, (2, 0, 0, 0))
    assert (_tables(exchange), exchange.persons.writes) == (tables, writes)
    assert exchange.bucket.quarantined == {}
    (name, first), again = reports.popitem(), dict(exchange.bucket.reports)
    assert again.pop(name) == first
    assert list(again) == [f"{name}.2"]
    assert exchange.bucket.copies == exchange.bucket.reports


def test_the_same_file_under_another_name_has_a_report_of_its_own() -> None:
    exchange = Exchange()
    exchange.take_in(_GOOD)

    exchange.take_in(_GOOD, f"{_USUAL}.json")

    statuses = {name: json.loads(content)["status"] for name, content in exchange.bucket.reports.items()}
    stamp = sha256(_GOOD)[:8]
    assert statuses == {f"bestand.{stamp}": "verwerkt", f"{_USUAL}.{stamp}": "reedsVerwerkt"}


def test_many_persons_are_written_in_batches() -> None:
    exchange = Exchange()
    numbers = [person_number(serial % 900 + 1, month=61 + serial // 900) for serial in range(1234)]

    report = exchange.take_in(mutation_file([record(number) for number in numbers]))

    assert _counts(report) == (1234, 1234, 0, 0)
    assert len(exchange.persons.items) == 1234
    # The first thousand records in ten batches, the others in three of one size.
    assert sorted(exchange.persons.batches) == [78] * 3 + [100] * 10


def test_what_is_written_expires_from_the_data_and_not_from_now() -> None:
    exchange = Exchange()

    exchange.take_in(mutation_file([record(ANNA, effectieveVerrichtingsdatum="2022-01-01")]))

    assert exchange.persons.items[PSEUDONYMS(ANNA)].expires_at == 1798844400 > NOW.timestamp()


def test_an_event_that_comes_again_gives_the_report_that_stands_and_repairs_its_copy() -> None:
    exchange = Exchange()
    file = exchange.bucket.drop(_GOOD)
    first = exchange.intake().take_in(file)
    exchange.bucket.incoming["a.json"] = _GOOD  # as a death before the last step leaves it
    exchange.bucket.copies.clear()
    exchange.take_in(mutation_file([record(CELINE)], volgnummer=19), "later.json")

    again = exchange.intake().take_in(file)

    assert again == first
    assert len(exchange.bucket.reports) == 2
    assert exchange.bucket.copies == exchange.bucket.reports
    assert exchange.bucket.incoming == {}


def test_what_is_decided_of_a_delivery_holds_though_the_reason_is_gone() -> None:
    exchange = Exchange()
    exchange.take_in(mutation_file([], 1))
    file = exchange.bucket.drop(mutation_file([record(ANNA)], 1002))
    exchange.bucket.before_publishing.append(RuntimeError())
    with pytest.raises(RuntimeError):
        exchange.intake().take_in(file)
    exchange.take_in(mutation_file([], 2), "b.json")

    report = exchange.intake().take_in(file)

    assert report is not None
    assert [error.code for error in report.fouten] == [Code.VOLGNUMMER_TOO_HIGH]
    assert exchange.ledger.volgnummers() == [1, 2]


def test_a_file_that_holds_fewer_records_than_it_did_is_no_finished_file() -> None:
    exchange = Exchange()
    file = exchange.bucket.drop(_GOOD)
    looks = iter([0.0])
    assert exchange.intake().take_in(file, lambda: next(looks)) is None
    exchange.bucket.incoming["a.json"] = mutation_file([record(ANNA)], volgnummer=17)

    with pytest.raises(FileChangedError):
        exchange.intake().take_in(file)

    assert exchange.bucket.reports == {}
    assert [file.volgnummer for file in exchange.ledger.unfinished()] == [17]


@pytest.mark.parametrize(("records", "kept"), [(49, [0]), (50, [0, 50]), (149, [0, 50, 100])])
def test_progress_is_kept_every_fifty_chunks(records: int, kept: list[int]) -> None:
    exchange = Exchange(chunk=1)
    positions = []
    exchange.bucket.on_progress = lambda content: positions.append(json.loads(content).get("position"))

    exchange.take_in(mutation_file([record(ANNA, f"r{n}") for n in range(records)]))

    assert [position for position in positions if position is not None] == kept


def test_when_the_time_is_up_it_is_kept_how_far_the_file_came() -> None:
    exchange = Exchange(chunk=1)
    file = exchange.bucket.drop(mutation_file([record(ANNA, f"r{n}") for n in range(5)]))
    looks = iter([900.0, 900.0, 900.0])

    assert exchange.intake().take_in(file, lambda: next(looks, 0.0)) is None

    assert [json.loads(content)["position"] for content in exchange.bucket.progress.values()] == [3]


@dataclass
class BusyLedger(FakeLedger):
    """Turns away the first tries of each call."""

    error: Exception = field(default_factory=lambda: ConflictError("ledger"))
    turned_away: int = 11
    tries: Counter[str] = field(default_factory=Counter)

    def _admit(self, call: str) -> None:
        self.tries[call] += 1
        if self.tries[call] <= self.turned_away:
            raise self.error

    @override
    def series(self) -> Series:
        self._admit("series")
        return super().series()

    @override
    def claim(self, file: FileId, at: datetime) -> Claim:
        self._admit("claim")
        return super().claim(file, at)

    @override
    def finish(self, file: FileId, status: Status, at: datetime) -> None:
        self._admit("finish")
        super().finish(file, status, at)


@pytest.mark.parametrize("error", [ConflictError("ledger"), ThrottledError("ledger")])
def test_a_ledger_that_turns_calls_away_is_asked_again(error: Exception) -> None:
    exchange = Exchange(ledger=BusyLedger(error=error))

    report = exchange.take_in(_GOOD)

    assert report.status is Status.PROCESSED
    assert exchange.ledger.unfinished() == []


def test_a_ledger_that_turns_every_call_away_is_out_of_reach_and_nothing_is_reported() -> None:
    exchange = Exchange(ledger=BusyLedger(turned_away=12))

    with pytest.raises(UnavailableError):
        exchange.take_in(_GOOD)

    assert (exchange.bucket.reports, exchange.persons.items) == ({}, {})


def test_after_a_death_it_goes_on_from_the_progress_that_was_kept() -> None:
    exchange = Exchange(chunk=1)
    content = mutation_file([record(person_number(1 + n), f"r{n}") for n in range(120)])
    file = exchange.bucket.drop(content)
    exchange.bucket.before_publishing.append(RuntimeError())
    with pytest.raises(RuntimeError):
        exchange.intake().take_in(file)
    reads = exchange.persons.reads

    exchange.intake().take_in(file)

    assert exchange.persons.reads - reads == 20
