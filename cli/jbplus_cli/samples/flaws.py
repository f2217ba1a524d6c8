"""Spoils records of a sample file, each in one way that the intake must notice (contract of the mutation file)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from jbplus.persons.state import MEASURE
from jbplus_cli.samples.records import WireBody, WireRecord

Flaw = Callable[[WireRecord, date], object]
"""Gives a bad record in the place of a good one, for a file of a day; a new object."""


def _body_of(record: WireRecord) -> WireBody:
    """Give the record's body, or one that is good for any file: an annulment may have none."""
    return record.get("verrichting") or WireBody(
        maatregel=MEASURE,
        fiscaalJaar=2022,
        bedragtype="1",
        verrichtingbedrag="600.00",
        effectieveVerrichtingsdatum="2022-01-01",
    )


def _with(field: str, value: object) -> Flaw:
    return lambda record, _day: {**record, field: value}


def _with_body(field: str, value: object) -> Flaw:
    return lambda record, _day: {**record, "verrichting": {**_body_of(record), field: value}}


def _without(field: str) -> Flaw:
    return lambda record, _day: {key: value for key, value in record.items() if key != field}


def _without_body(record: WireRecord, _day: date) -> object:
    return {"referte": record["referte"], "type": "01", "insz": record["insz"]}


def _wrong_check_digits(record: WireRecord, _day: date) -> object:
    # Moving the check digits by one fits neither century's rule: they lie 97 - 2 * 10 ** 9 % 97 = 26 apart.
    nine, check = record["insz"][:9], int(record["insz"][9:])
    return {**record, "insz": f"{nine}{check % 97 + 1:02d}"}


def _too_short(record: WireRecord, _day: date) -> object:
    return {**record, "insz": record["insz"][:-1]}


def _paid_tomorrow(record: WireRecord, day: date) -> object:
    tomorrow = (day + timedelta(days=1)).isoformat()
    return {**record, "verrichting": {**_body_of(record), "effectieveVerrichtingsdatum": tomorrow}}


def _referte_is_insz(record: WireRecord, _day: date) -> object:
    number = record["insz"]
    return {**record, "referte": f"{number[:6]}-{number[6:9]}.{number[9:]}"}


FLAWS: Final[tuple[Flaw, ...]] = (
    _wrong_check_digits,
    _too_short,
    _with("type", "04"),
    _without("type"),
    _without("referte"),
    _with("referte", "JBP 2024/1"),
    _referte_is_insz,
    _without_body,
    _with("verrichting", None),
    _with("opmerking", "niet in het protocol"),
    lambda _record, _day: "geen object",
    _with_body("maatregel", "Jobbonus"),
    _with_body("bedragtype", "3"),
    _with_body("fiscaalJaar", 2021),
    _with_body("verrichtingbedrag", "0.00"),
    _with_body("verrichtingbedrag", "600.001"),
    _with_body("verrichtingbedrag", "600,00"),
    _with_body("effectieveVerrichtingsdatum", "2025-02-30"),
    _paid_tomorrow,
    _with_body("munt", "EUR"),
)
"""The ways in which a record is spoilt."""
