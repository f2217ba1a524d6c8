"""The envelope of a mutation file."""

from datetime import date, datetime
from typing import Any

import pytest

from jbplus.mutation_file.codes import Code, Finding
from jbplus.mutation_file.records import Context, parse_context
from tests.support.files import context
from tests.support.people import ANNA

_RECEIVED = datetime.fromisoformat("2025-03-04T19:00:00+01:00")


def _judge(value: object) -> Context | Finding:
    return parse_context(value, received=_RECEIVED)


def _with(**fields: Any) -> dict[str, Any]:
    return context(2, volgnummer=17) | fields


def test_a_good_envelope() -> None:
    found = _judge(_with())

    assert isinstance(found, Context)
    assert (found.volgnummer, found.aantal, found.file_day) == (17, 2, date(2025, 3, 4))


@pytest.mark.parametrize("field", context(2))
def test_no_field_is_lacking(field: str) -> None:
    value = _with()
    del value[field]

    assert _judge(value) == Finding(Code.CONTEXT_INVALID, f"/context/{field}")


@pytest.mark.parametrize("key", ["", "Naam", "extra", "file_day", ANNA])
def test_unknown_fields_are_refused_and_never_named(key: str) -> None:
    assert _judge(_with(**{key: 1})) == Finding(Code.CONTEXT_INVALID, "/context")


@pytest.mark.parametrize("value", [None, True, 1, "text", [], [context(2)]], ids=repr)
def test_the_context_is_an_object(value: object) -> None:
    assert _judge(value) == Finding(Code.CONTEXT_INVALID, "/context")


_UUID = "0b0e8d5e-6f0c-4a39-9a53-0d8d5a7b1c11"
_BAD: dict[str, list[object]] = {
    "naam": ["publiceerMutatieJobbonusPlus", "PubliceerMutatieJobbonusPlus ", "", None, 1],
    "versie": ["01.00.0001", "1.0.0", "01.00", "", None, 1],
    "referte": ["", "a", _UUID[:-1], _UUID + "0", _UUID.replace("-", ""), f"{{{_UUID}}}", f" {_UUID}", None, 1],
    "volgnummer": [0, -1, "17", "", True, None, 17.0, [17], 10**15 + 1, 10**4000],
    "afzender": [None, 316380841, True, ["0316380841"]],
    "aantal": [-1, "2", True, None, 2.0, [2]],
    "tijdstip": [
        *("", "2025-03-04", "2025-03-04T18:30:00", "2025-03-04 18:30:00+01:00", "2025-03-04T18:30+01:00"),
        *("2025-02-30T18:30:00+01:00", "2025-03-04T25:00:00+01:00", "2025-03-04T18:30:00+99:00"),
        *("2025-03-04T18:30:00 +01:00", "2025-03-04T18:30:00+01:00[Europe/Brussels]", "20250304T183000Z"),
        *("0001-01-01T00:00:00+14:00", "04/03/2025 18:30", 1741109400, None, True),
    ],
}


@pytest.mark.parametrize(
    ("field", "value"),
    [(field, value) for field, values in _BAD.items() for value in values],
    ids=lambda v: repr(v)[:40],
)
def test_a_bad_value(field: str, value: object) -> None:
    assert _judge(_with(**{field: value})) == Finding(Code.CONTEXT_INVALID, f"/context/{field}")


@pytest.mark.parametrize("kbo", ["0316380841", "2199323857"])
def test_both_numbers_of_wewis_are_its_own(kbo: str) -> None:
    assert isinstance(_judge(_with(afzender=kbo)), Context)


@pytest.mark.parametrize("kbo", ["", "0886886638", "0692793497", "316380841", "BE0316380841", "0316.380.841", ANNA])
def test_nobody_else_sends_mutations(kbo: str) -> None:
    assert _judge(_with(afzender=kbo)) == Finding(Code.SENDER_UNKNOWN, "/context/afzender")


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param("2025-03-05T19:00:00+01:00", id="24 hours after receipt"),
        pytest.param("2025-03-05T18:00:00Z", id="the same in UTC"),
        pytest.param("2025-03-05T18:00:00.000000000Z", id="in nanoseconds"),
        pytest.param("2022-01-01T00:00:00-05:00", id="long ago"),
    ],
)
def test_a_good_moment(moment: str) -> None:
    assert isinstance(_judge(_with(tijdstip=moment)), Context)


@pytest.mark.parametrize("moment", ["2025-03-05T19:00:01+01:00", "2025-03-05T18:00:00.001Z", "2999-12-31T23:59:59Z"])
def test_a_moment_over_24_hours_after_receipt_is_refused(moment: str) -> None:
    assert _judge(_with(tijdstip=moment)) == Finding(Code.FROM_THE_FUTURE, "/context/tijdstip")


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        pytest.param("2025-03-03T23:30:00Z", date(2025, 3, 4), id="UTC's evening"),
        pytest.param("2025-03-03T23:30:00+01:00", date(2025, 3, 3), id="Brussels' evening"),
        pytest.param("2025-03-04T00:30:00+02:00", date(2025, 3, 3), id="another's morning"),
    ],
)
def test_the_files_day_is_the_day_in_brussels(moment: str, day: date) -> None:
    found = _judge(_with(tijdstip=moment))

    assert isinstance(found, Context)
    assert found.file_day == day
