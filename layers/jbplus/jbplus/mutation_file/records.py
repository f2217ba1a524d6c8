"""The envelope and the records of a mutation file, each validated by itself (Article 3 a)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from jbplus.mutation_file.codes import MESSAGES, Code, Finding
from jbplus.mutation_file.kinds import Kind
from jbplus.persons.state import Entry, Payment, Rank
from jbplus.protocol import identifiers, insz
from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.insz import InszKind
from jbplus.protocol.parties import WEWIS_KBOS

FIRST_YEAR = 2022
FIRST_DAY = date(FIRST_YEAR, 1, 1)
MAX_AHEAD = timedelta(hours=24)
MAX_VOLGNUMMER = 10**15

_R = TypeVar("_R", bound="Strict")

_REFERTE = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_INSZ = re.compile(r"[0-9]{11}", re.ASCII)
_AMOUNT = re.compile(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?", re.ASCII)
_MOST_DIGITS, _PLACES = 12, 2
_CENT = Decimal("0.01")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", re.ASCII)
# RFC 3339, with years that any time zone can hold.
_MOMENT = re.compile(
    r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a record's validity depends on besides the record.

    Attributes:
        file_day: the calendar day in Brussels of the file's `tijdstip`.
        test_numbers_allowed: whether INSZ test numbers are taken (never in production).
    """

    file_day: date
    test_numbers_allowed: bool


def wrong(code: Code) -> PydanticCustomError:
    """Make the error of a code."""
    return PydanticCustomError(code.value, "{melding}", {"melding": MESSAGES[code]})


_Info = ValidationInfo[Circumstances]
"""A record is validated with its circumstances as context."""


def _not_null(value: object) -> object:
    if value is None:
        raise wrong(Code.VERRICHTING_INVALID)
    return value


def _check_referte(value: str, info: _Info) -> str:
    if not _REFERTE.fullmatch(value):
        raise wrong(Code.REFERTE_INVALID)
    if identifiers.is_number(value, year=info.context.file_day.year):
        raise wrong(Code.REFERTE_IS_INSZ)
    return value


def _check_insz(value: str, info: _Info) -> str:
    circumstances = info.context
    kind = insz.kind(value, year=circumstances.file_day.year)
    if kind is None:
        raise wrong(Code.INSZ_INVALID)
    if kind is InszKind.TEST and not circumstances.test_numbers_allowed:
        raise wrong(Code.TEST_NUMBER)
    return value


def _check_fiscal_year(value: int, info: _Info) -> int:
    if not FIRST_YEAR <= value <= info.context.file_day.year + 1:
        raise wrong(Code.FISCAL_YEAR_INVALID)
    return value


def _parse_amount(value: object) -> Decimal:
    """Read an amount: a text as agreed, or a JSON number of such a value, however it is written."""
    match value:
        case str() if _AMOUNT.fullmatch(value):
            amount = Decimal(value)
        case bool():
            raise wrong(Code.AMOUNT_INVALID)
        case int() | Decimal() if _is_amount(number := Decimal(value)):
            amount = number.quantize(_CENT)
        case _:
            raise wrong(Code.AMOUNT_INVALID)
    if not amount:
        raise wrong(Code.AMOUNT_ZERO)
    return amount


def _is_amount(number: Decimal) -> bool:
    """Tell whether a number has at most twelve digits before the point, and two after it, by its value."""
    if not number.is_finite():
        return False
    _, digits, exponent = number.as_tuple()
    # Not by arithmetic: that rounds a long number, and refuses a large exponent.
    significant = "".join(map(str, digits)).rstrip("0")
    places = int(exponent) + len(digits) - len(significant)
    return not significant or (places >= -_PLACES and number.adjusted() < _MOST_DIGITS)


def _parse_day(value: object, info: _Info) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise wrong(Code.DAY_INVALID)
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise wrong(Code.DAY_INVALID) from None
    if day < FIRST_DAY:
        raise wrong(Code.DAY_INVALID)
    if day > info.context.file_day:
        raise wrong(Code.DAY_IN_FUTURE)
    return day


def _parse_moment(value: object) -> datetime:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise wrong(Code.CONTEXT_INVALID)
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise wrong(Code.CONTEXT_INVALID) from None


def _check_uuid(value: str) -> str:
    if not _UUID.fullmatch(value):
        raise wrong(Code.CONTEXT_INVALID)
    return value


def _pattern(rule: re.Pattern[str]) -> WithJsonSchema:
    """Say in a schema what a text looks like; what else is checked, a schema cannot say."""
    return WithJsonSchema({"type": "string", "pattern": f"^({rule.pattern})$"})


_AMOUNT_SCHEMA = WithJsonSchema(
    {"anyOf": [{"type": "number"}, {"type": "string", "pattern": f"^({_AMOUNT.pattern})$"}]}
)


class Strict(BaseModel):
    """A part of a file: only what was agreed on stands in it."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Verrichting(Strict):
    """The body of a record: one payment or recovery, with the fields of Article 3 a and no others."""

    maatregel: Literal["Jobbonus plus"]
    fiscaal_jaar: Annotated[int, AfterValidator(_check_fiscal_year), Field(alias="fiscaalJaar")]
    bedragtype: Literal["1", "2"]
    verrichtingbedrag: Annotated[Decimal, BeforeValidator(_parse_amount), _AMOUNT_SCHEMA]
    effectieve_verrichtingsdatum: Annotated[
        date, BeforeValidator(_parse_day), _pattern(_DAY), Field(alias="effectieveVerrichtingsdatum")
    ]

    @property
    def payment(self) -> Payment:
        """The payment or recovery in the terms of the person's state."""
        return Payment(self.fiscaal_jaar, self.bedragtype, self.verrichtingbedrag, self.effectieve_verrichtingsdatum)


Referte = Annotated[str, AfterValidator(_check_referte), _pattern(_REFERTE)]
"""The sender's stable name of what a record is about."""

Insz = Annotated[str, AfterValidator(_check_insz), _pattern(_INSZ)]
"""A person's number."""

MutationType = Literal["01", "02", "03"]
"""MAGDA's mutation codes: 01 new, 02 change, 03 annulment. New and change both mean "is now so"."""

ANNULMENT = "03"


def check_names_nobody(referte: str, *numbers: str) -> None:
    """Check that a record's referte holds none of its own numbers.

    Raises:
        PydanticCustomError: it does.
    """
    bare = identifiers.bare(referte)
    if any(number in bare for number in numbers):
        raise wrong(Code.REFERTE_IS_INSZ)


class Record(Strict):
    """One mutation of one `verrichting` of one person."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"type": {"const": "03"}}, "required": ["type"]},
            "else": {"required": ["verrichting"]},
        }
    )

    referte: Referte
    type: MutationType
    insz: Insz
    verrichting: Annotated[Verrichting | None, BeforeValidator(_not_null)] = None

    @model_validator(mode="after")
    def _check_as_a_whole(self) -> Self:
        if self.type != ANNULMENT and self.verrichting is None:
            raise wrong(Code.VERRICHTING_INVALID)
        check_names_nobody(self.referte, self.insz)
        return self

    def entry(self, rank: Rank, file_day: date) -> Entry:
        """Say the record in the terms of the person's state."""
        body = None if self.verrichting is None else self.verrichting.payment
        if self.type == ANNULMENT or body is None:
            return Entry.tombstone(rank, file_day=file_day, body_day=None if body is None else body.day)
        return Entry.live(rank, body)


class Context(Strict):
    """The envelope of a file."""

    naam: Literal["PubliceerMutatieJobbonusPlus", "PubliceerNummeropvolging"]
    versie: Literal["01.00.0000"]
    referte: Annotated[str, AfterValidator(_check_uuid), _pattern(_UUID)]
    volgnummer: Annotated[int, Field(ge=1, le=MAX_VOLGNUMMER)]
    tijdstip: Annotated[datetime, BeforeValidator(_parse_moment), _pattern(_MOMENT)]
    afzender: str
    aantal: Annotated[int, Field(ge=0)]

    @property
    def kind(self) -> Kind:
        """What the file is."""
        return Kind(self.naam)

    @property
    def file_day(self) -> date:
        """The calendar day in Brussels of the file."""
        return brussels_day(self.tijdstip)


_CODE_BY_FIELD = {
    "referte": Code.REFERTE_INVALID,
    "type": Code.TYPE_INVALID,
    "insz": Code.INSZ_INVALID,
    "oud": Code.INSZ_INVALID,
    "nieuw": Code.INSZ_INVALID,
    "verrichting": Code.VERRICHTING_INVALID,
    "maatregel": Code.MEASURE_INVALID,
    "fiscaalJaar": Code.FISCAL_YEAR_INVALID,
    "bedragtype": Code.INSTALMENT_INVALID,
    "verrichtingbedrag": Code.AMOUNT_INVALID,
    "effectieveVerrichtingsdatum": Code.DAY_INVALID,
}
# Rules over the whole record know no field of their own: this is where to look.
_FIELD_BY_CODE = {
    Code.VERRICHTING_INVALID: "verrichting",
    Code.REFERTE_IS_INSZ: "referte",
    Code.SAME_NUMBER: "nieuw",
}
_OWN_CODES = frozenset(Code)
_NUMBERS = ("insz", "oud", "nieuw")


def _errors(error: ValidationError) -> Iterator[tuple[str, list[str]]]:
    """Give the type and the known keys of each error, without a value (pydantic's own would carry it)."""
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        keys = [str(key) for key in one["loc"]]
        yield one["type"], keys[:-1] if one["type"] == "extra_forbidden" else keys


def _finding(kind: str, keys: list[str], path: str) -> Finding:
    if kind == "extra_forbidden":
        code = Code.FIELD_UNKNOWN
    elif kind == "missing":
        code = Code.FIELD_MISSING
    elif kind in _OWN_CODES:
        code = Code(kind)
        keys = keys or [_FIELD_BY_CODE[code]]
    else:
        code = _CODE_BY_FIELD[keys[-1]] if keys else Code.NOT_AN_OBJECT
    return Finding(code, "/".join([path, *keys]))


def read_as(form: type[_R], value: object, circumstances: Circumstances) -> _R | ValidationError:
    """Read a record of any form; the error is for `findings` alone, since it holds values."""
    try:
        return form.model_validate(value, context=circumstances)
    except ValidationError as error:
        return error


def findings(error: ValidationError, kind: Kind, index: int) -> Iterator[Finding]:
    """Tell all that is wrong with a record, in the order of its fields.

    Args:
        error: what `read_as` gave.
        kind: the kind of its file.
        index: its position in the file, from 0.
    """
    for type_, keys in _errors(error):
        yield _finding(type_, keys, f"/{kind.records}/{index}")


def valid_referte(value: Any, year: int) -> str | None:  # noqa: ANN401 - any JSON value
    """Give the `referte` of a bad record when it may be shown: valid by itself, with nobody's number in it.

    Args:
        value: the record as read from JSON.
        year: the year of the file.
    """
    if not isinstance(value, dict):
        return None
    referte = value.get("referte")
    if not isinstance(referte, str) or not _REFERTE.fullmatch(referte) or identifiers.holds_number(referte, year=year):
        return None
    # However the record's own number was written, as a number or with dots: its digits are not shown.
    numbers = ("".join(filter(str.isdigit, identifiers.bare(str(value.get(key))))) for key in _NUMBERS)
    return None if any(number and number in identifiers.bare(referte) for number in numbers) else referte


def parse_context(value: object, *, received: datetime) -> Context | Finding:
    """Validate the envelope's `context`.

    Args:
        value: the context as read from JSON.
        received: when the file arrived, with its offset.

    Returns:
        The context, or what is wrong with it first.
    """
    try:
        context = Context.model_validate(value)
    except ValidationError as error:
        _, keys = next(_errors(error))
        return Finding(Code.CONTEXT_INVALID, "/".join(["/context", *keys]))
    if context.afzender not in WEWIS_KBOS:
        return Finding(Code.SENDER_UNKNOWN, "/context/afzender")
    if context.tijdstip - received > MAX_AHEAD:
        return Finding(Code.FROM_THE_FUTURE, "/context/tijdstip")
    return context
