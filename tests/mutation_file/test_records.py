"""Article 3 a: each record by itself; what is wrong with it, and where."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from jbplus.mutation_file.codes import Code, Finding
from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.records import Circumstances, Record
from jbplus.mutation_file.successions import Succession, parse
from jbplus.persons.state import Entry, Payment, Rank
from jbplus.protocol import insz
from tests.mutation_file.reading import records
from tests.support.files import annulment, mutation_file, record, verrichting
from tests.support.people import ANNA, BRAM, person_number

_FILE_DAY = date(2025, 3, 4)
_HERE = Circumstances(_FILE_DAY, test_numbers_allowed=True)
_PRODUCTION = Circumstances(_FILE_DAY, test_numbers_allowed=False)
_PUNCTUATED = f"{ANNA[:2]}.{ANNA[2:4]}.{ANNA[4:6]}-{ANNA[6:9]}.{ANNA[9:]}"
# Serial number 999 is never issued: these belong to nobody either.
_NATIONAL, _BIS = person_number(999, month=1), person_number(999, month=41)
_BORN_2012 = "120115999" + insz.check_digits("120115999", born_2000=True)


def _judge(value: object, circumstances: Circumstances = _HERE) -> Record | Finding:
    found = parse(value, 3, Kind.MUTATIONS, circumstances)
    assert not isinstance(found, Succession)
    return found


def _with(**fields: Any) -> dict[str, Any]:
    return record(ANNA) | fields


def _payment(**body: Any) -> Payment:
    found = _judge(record(ANNA, **body))
    assert isinstance(found, Record)
    assert found.verrichting is not None
    return found.verrichting.payment


def _flaw_in_body(**body: Any) -> Finding | Record:
    return _judge(record(ANNA, **body))


def _amount_as_written(json_text: str) -> Record | Finding:
    content = mutation_file([record(ANNA)]).replace(b'"600.00"', json_text.encode())
    (raw,) = records(content)
    return _judge(raw.value)


@pytest.mark.parametrize("type_", ["01", "02"])
def test_new_and_change_both_mean_is_now_so(type_: str) -> None:
    found = _judge(record(ANNA, type_=type_))

    assert isinstance(found, Record)
    payment = Payment(2024, "1", Decimal("600.00"), date(2025, 3, 3))
    assert found.entry(Rank(17, 3), _FILE_DAY) == Entry.live(Rank(17, 3), payment)


@pytest.mark.parametrize(
    ("value", "day"),
    [
        pytest.param(annulment(ANNA), None, id="without a body"),
        pytest.param(record(ANNA, type_="03"), date(2025, 3, 3), id="with a body"),
    ],
)
def test_an_annulment_leaves_a_tombstone(value: object, day: date | None) -> None:
    found = _judge(value)

    assert isinstance(found, Record)
    expected = Entry.tombstone(Rank(17, 3), file_day=_FILE_DAY, body_day=day)
    assert found.entry(Rank(17, 3), _FILE_DAY) == expected


@pytest.mark.parametrize("value", [None, True, 1, Decimal("1.5"), "text", [], [record(ANNA)]], ids=repr)
def test_a_record_is_an_object(value: object) -> None:
    assert _judge(value) == Finding(Code.NOT_AN_OBJECT, "/mutaties/3")


@pytest.mark.parametrize("field", ["referte", "type", "insz"])
def test_a_record_lacks_no_field(field: str) -> None:
    value = record(ANNA)
    del value[field]

    assert _judge(value) == Finding(Code.FIELD_MISSING, f"/mutaties/3/{field}")


@pytest.mark.parametrize("field", verrichting())
@pytest.mark.parametrize("type_", ["01", "02", "03"])
def test_a_verrichting_lacks_no_field(field: str, type_: str) -> None:
    value = record(ANNA, type_=type_)
    del value["verrichting"][field]

    assert _judge(value) == Finding(Code.FIELD_MISSING, f"/mutaties/3/verrichting/{field}")


@pytest.mark.parametrize("key", ["naam", "INSZ", "rank", "", "bedrag", ANNA, "referte ", "a/b"])
def test_unknown_fields_are_refused_and_never_named(key: str) -> None:
    assert _judge(_with(**{key: "x"})) == Finding(Code.FIELD_UNKNOWN, "/mutaties/3")
    assert _flaw_in_body(**{key: "x"}) == Finding(Code.FIELD_UNKNOWN, "/mutaties/3/verrichting")


@pytest.mark.parametrize("referte", ["a", "9", ".", "JBP-2025-000123", "A_b.c-9", "x" * 64, f"JBP-{BRAM}"])
def test_a_good_referte(referte: str) -> None:
    assert isinstance(_judge(_with(referte=referte)), Record)


@pytest.mark.parametrize(
    "referte",
    ["", "x" * 65, "a b", "a/b", "a\n", "é", "a\x00", "\uff11", "#", None, 1, True, ["a"], {"a": 1}],
    ids=repr,
)
def test_a_bad_referte(referte: object) -> None:
    assert _judge(_with(referte=referte)) == Finding(Code.REFERTE_INVALID, "/mutaties/3/referte")


@pytest.mark.parametrize(
    "referte",
    [ANNA, _PUNCTUATED, BRAM, _BIS, _NATIONAL, "_".join(BRAM), f"JBP-{ANNA}", f"{_PUNCTUATED}.1", f"1{ANNA}1"],
)
@pytest.mark.parametrize("type_", ["01", "03"])
def test_a_referte_is_no_insz_and_does_not_contain_the_records_own(referte: str, type_: str) -> None:
    value = annulment(ANNA, referte) if type_ == "03" else record(ANNA, referte)

    assert _judge(value) == Finding(Code.REFERTE_IS_INSZ, "/mutaties/3/referte")


@pytest.mark.parametrize("type_", ["", "1", "3", "04", "00", " 01", "01 ", "\u0660\u0661", 1, None, True, ["01"]])
def test_a_bad_type(type_: object) -> None:
    assert _judge(_with(type=type_)) == Finding(Code.TYPE_INVALID, "/mutaties/3/type")


@pytest.mark.parametrize(
    "number", [_NATIONAL, _BIS, _BORN_2012, person_number(999, month=0, day=0), person_number(999, month=21)]
)
def test_numbers_of_persons_are_taken_everywhere(number: str) -> None:
    assert isinstance(_judge(record(number), _PRODUCTION), Record)
    assert isinstance(_judge(record(number), _HERE), Record)


def test_test_numbers_are_taken_only_where_allowed() -> None:
    assert isinstance(_judge(record(ANNA), _HERE), Record)
    assert _judge(record(ANNA), _PRODUCTION) == Finding(Code.TEST_NUMBER, "/mutaties/3/insz")


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(f"{int(ANNA) + 1:011d}", id="wrong check digits"),
        pytest.param(person_number(999, month=13), id="no such month"),
        pytest.param("99011599" + "9" + insz.check_digits("990115999", born_2000=True), id="born in 2099"),
        pytest.param(ANNA[:10], id="ten digits"),
        pytest.param(ANNA + "0", id="twelve digits"),
        pytest.param(_PUNCTUATED, id="punctuation"),
        pytest.param(f" {ANNA}", id="a space before"),
        pytest.param("", id="nothing"),
        pytest.param(int(ANNA), id="a number"),
        pytest.param(None, id="null"),
        pytest.param(True, id="a boolean"),
        pytest.param([ANNA], id="an array"),
    ],
)
@pytest.mark.parametrize("circumstances", [_HERE, _PRODUCTION], ids=["here", "production"])
def test_a_bad_insz(number: object, circumstances: Circumstances) -> None:
    assert _judge(_with(insz=number), circumstances) == Finding(Code.INSZ_INVALID, "/mutaties/3/insz")


@pytest.mark.parametrize("type_", ["01", "02"])
def test_new_and_change_have_a_verrichting(type_: str) -> None:
    value = annulment(ANNA) | {"type": type_}

    assert _judge(value) == Finding(Code.VERRICHTING_INVALID, "/mutaties/3/verrichting")


@pytest.mark.parametrize("body", [None, "text", 1, True, [], [verrichting()]], ids=repr)
@pytest.mark.parametrize("type_", ["01", "03"])
def test_a_verrichting_is_an_object(body: object, type_: str) -> None:
    assert _judge(_with(type=type_, verrichting=body)) == Finding(Code.VERRICHTING_INVALID, "/mutaties/3/verrichting")


@pytest.mark.parametrize("measure", ["jobbonus plus", "Jobbonus Plus", "Jobbonus plus ", "Jobbonus", "", None, 1])
def test_a_bad_maatregel(measure: object) -> None:
    assert _flaw_in_body(maatregel=measure) == Finding(Code.MEASURE_INVALID, "/mutaties/3/verrichting/maatregel")


@pytest.mark.parametrize("year", [2022, 2025, 2026])
def test_a_good_fiscal_year(year: int) -> None:
    assert _payment(fiscaalJaar=year).fiscal_year == year


@pytest.mark.parametrize(
    "year", [2021, 2027, 0, -2024, 10**30, Decimal("2024.0"), Decimal("2.024E+3"), "2024", True, None, [2024]], ids=repr
)
def test_a_bad_fiscal_year(year: object) -> None:
    assert _flaw_in_body(fiscaalJaar=year) == Finding(Code.FISCAL_YEAR_INVALID, "/mutaties/3/verrichting/fiscaalJaar")


@pytest.mark.parametrize("instalment", ["1", "2"])
def test_a_good_instalment(instalment: str) -> None:
    assert _payment(bedragtype=instalment).instalment == instalment


@pytest.mark.parametrize("instalment", ["0", "3", "01", "1 ", "", 1, 2, True, None, ["1"]], ids=repr)
def test_a_bad_instalment(instalment: object) -> None:
    assert _flaw_in_body(bedragtype=instalment) == Finding(
        Code.INSTALMENT_INVALID, "/mutaties/3/verrichting/bedragtype"
    )


@pytest.mark.parametrize(
    ("json_text", "amount"),
    [
        ('"600.00"', "600.00"),
        ('"600"', "600"),
        ('"600.5"', "600.5"),
        ('"-600.00"', "-600.00"),
        ('"0.01"', "0.01"),
        ('"-0.01"', "-0.01"),
        ('"999999999999.99"', "999999999999.99"),
        *[
            (number, "600.00")
            for number in ("600", "600.0", "6E2", "6e+2", "600e0", "60000E-2", "600.000000", "6.00E2")
        ],
        ("-600", "-600.00"),
        ("-6e2", "-600.00"),
        ("6.001E2", "600.10"),
        ("600.10", "600.10"),
        ("0.1", "0.10"),
        ("1E-2", "0.01"),
        ("0.000001E4", "0.01"),
        ("1e11", "100000000000.00"),
        ("999999999999.99", "999999999999.99"),
        ("99999999999999E-2", "999999999999.99"),
    ],
)
def test_a_good_amount_is_taken_exactly(json_text: str, amount: str) -> None:
    found = _amount_as_written(json_text)

    assert isinstance(found, Record)
    assert found.verrichting is not None
    assert str(found.verrichting.verrichtingbedrag) == amount


@pytest.mark.parametrize(
    "json_text",
    [
        *(
            '"600.001"',
            "600.001",
            "6.00001E2",
            "600.10000000000000001",
            "1e-3",
            "1e12",
            "6e400",
            "6e-400",
            "1e999999999",
            "1e-999999999",
            '"600.100"',
            '"1e3"',
            '"6E2"',
            '"600.00e0"',
        ),
        *('"0600"', '"00.10"', '"+600"', '" 600"', '"600 "', '"600.00\\n"', '"600."', '".50"', '"-"', '""', '"--1"'),
        *('"600,00"', '"1.000,00"', '"1 000"', '"1_000"', '"600.00 EUR"', '"€600"', '"NaN"', '"Infinity"', '"0x10"'),
        *("1" * 30, f'"{"1" * 30}"', "1" * 13, '"1000000000000"', "0." + "1" * 30, '"\\u0666\\u0660\\u0660"'),
        *("true", "false", "null", "[]", '["600.00"]', "{}", '{"EUR": 600}'),
    ],
)
def test_a_bad_amount(json_text: str) -> None:
    expected = Finding(Code.AMOUNT_INVALID, "/mutaties/3/verrichting/verrichtingbedrag")

    assert _amount_as_written(json_text) == expected


@pytest.mark.parametrize(
    "json_text", ["0", "-0", "0.0", "0.00", "-0.00", "0e5", "0E-9", '"0"', '"-0"', '"0.0"', '"0.00"', '"-0.00"']
)
def test_an_amount_is_not_zero(json_text: str) -> None:
    expected = Finding(Code.AMOUNT_ZERO, "/mutaties/3/verrichting/verrichtingbedrag")

    assert _amount_as_written(json_text) == expected


@pytest.mark.parametrize("day", ["2022-01-01", "2024-02-29", "2025-02-28", "2025-03-04"])
def test_a_good_day(day: str) -> None:
    assert _payment(effectieveVerrichtingsdatum=day).day.isoformat() == day


@pytest.mark.parametrize(
    ("day", "code"),
    [
        *[
            (day, Code.DAY_INVALID)
            for day in (
                *("2025-02-30", "2025-02-29", "2023-02-29", "2025-13-01", "2025-00-10", "2025-01-00", "2025-04-31"),
                *("2021-12-31", "1999-01-01", "0000-01-01", "0001-01-01", "", "2025-3-3", "20250303", "2025-W10-1"),
                *("2025-03-03T00:00:00", "2025-03-03 ", " 2025-03-03", "03-03-2025", "2025/03/03", "2025-062"),
                *("2025-03-03\n", "\u0662\u0660\u0662\u0665-03-03", None, 20250303, True, ["2025-03-03"]),
            )
        ],
        *[(day, Code.DAY_IN_FUTURE) for day in ("2025-03-05", "2026-01-01", "9999-12-31")],
    ],
    ids=repr,
)
def test_a_bad_day(day: object, code: Code) -> None:
    expected = Finding(code, "/mutaties/3/verrichting/effectieveVerrichtingsdatum")

    assert _flaw_in_body(effectieveVerrichtingsdatum=day) == expected
