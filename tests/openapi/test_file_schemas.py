"""The committed schemas of files are what the code says; they take what the exchange takes."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from jbplus.notices.notice import Notification, compose
from jbplus_openapi.files import schemas
from tests.support.exchange import Exchange
from tests.support.files import annulment, mutation_file, record
from tests.support.people import ANNA, BRAM

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "schemas"
(SAMPLE,) = (ROOT / "events").glob("werk.*.json")


def mistakes(name: str, document: Any) -> list[str]:
    schema = json.loads((FOLDER / f"{name}.schema.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    return [error.message for error in Draft202012Validator(schema).iter_errors(document)]


def test_the_committed_schemas_are_those_that_the_code_makes() -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}

    assert committed == schemas(), "run `make openapi` and commit docs/schemas/"


def test_the_sample_day_is_as_the_schema_says() -> None:
    assert mistakes("mutation-file", json.loads(SAMPLE.read_bytes())) == []


@pytest.mark.parametrize(
    "good",
    [
        annulment(ANNA, "a"),
        record(ANNA, "a", verrichtingbedrag=19.99),
        record(ANNA, "a", verrichtingbedrag=-12),
        record(ANNA, "a", verrichtingbedrag="-0.5"),
    ],
)
def test_a_record_that_is_taken_is_as_the_schema_says(good: dict[str, Any]) -> None:
    content = mutation_file([good])

    assert Exchange().take_in(content).status == "verwerkt"
    assert mistakes("mutation-file", json.loads(content)) == []


@pytest.mark.parametrize(
    "bad",
    [
        record(ANNA, "a b"),
        record(ANNA[:10], "a"),
        record(ANNA, "a", verrichtingbedrag="600,00"),
        record(ANNA, "a", verrichtingbedrag=None),
        record(ANNA, "a", bedragtype="3"),
        record(ANNA, "a", effectieveVerrichtingsdatum="3/03/2025"),
        record(ANNA, "a", munt="EUR"),
        record(ANNA, "a", fiscaalJaar="2024"),
        {"referte": "a", "type": "01", "insz": ANNA},
        {"referte": "a", "type": "04", "insz": ANNA},
    ],
)
def test_a_record_that_is_not_taken_is_told_apart_where_a_schema_can(bad: dict[str, Any]) -> None:
    content = mutation_file([bad])

    assert Exchange().take_in(content).aantallen.geweigerd == 1
    assert mistakes("mutation-file", json.loads(content))


def test_reports_are_as_the_schema_says() -> None:
    content = mutation_file([record(ANNA), record(BRAM, "b", verrichtingbedrag="0")])
    for said in (content, b"{}", b"", content):
        assert mistakes("report", json.loads(Exchange().take_in(said).to_json())) == []
    assert mistakes("report", {"status": "klaar"})


def test_notices_are_as_the_schema_says() -> None:
    told = Notification(referte="a", type="01", insz=ANNA, volgnummer=17)
    notice = json.loads(compose("0685540471", 3, datetime(2025, 3, 4, 18, 30, tzinfo=UTC), [told]).to_json())

    assert mistakes("notice", notice) == []
    notice["notificaties"][0]["verrichtingbedrag"] = "600.00"
    assert mistakes("notice", notice)
