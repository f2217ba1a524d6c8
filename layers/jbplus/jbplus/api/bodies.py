"""Requests: strict JSON or a query, parsed into models; whatever is wrong becomes issues without values."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
)
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

from jbplus.api.problems import BadRequestError, Issue, PayloadTooLargeError, Place, unknown_input

MAX_BODY = 256 * 1024
# A body of unknown fields alone must not make an answer larger than Lambda can give (6 MB).
MAX_ISSUES = 100


class Body(BaseModel):
    """A request body, or the query of a GET: unknown fields are refused, and so are nulls.

    Attributes:
        kept: the fields, by their names here, whose text is kept or logged: no person's number may stand in it.
    """

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, alias_generator=to_camel, hide_input_in_errors=True
    )
    kept: ClassVar[tuple[str, ...]] = ()

    @property
    def numbers(self) -> Sequence[str]:
        """The persons' numbers that it names, good or bad."""
        return ()


class Nothing(Body):
    """Says nothing: all there is to say stands in the route."""


def _refuse_null(value: object) -> object:
    if value is None:
        raise PydanticCustomError("null", "leave the field out instead of sending null")
    return value


T = TypeVar("T")
Optional = Annotated[T | None, BeforeValidator(_refuse_null)]
"""A field that may be left out; null is refused."""


def _refuse_doubles(values: list[str]) -> list[str]:
    if len(set(values)) < len(values):
        raise PydanticCustomError("doubles", "must not hold the same item twice")
    return values


@dataclass(frozen=True, slots=True)
class _WithoutDoubles:
    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(_refuse_doubles, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "uniqueItems": True}


WithoutDoubles = _WithoutDoubles()
"""A list of texts, each once."""

_Body = TypeVar("_Body", bound=Body)


def parse(body: bytes, model: type[_Body]) -> _Body:
    """Parse a request's body.

    Raises:
        PayloadTooLargeError: the body is over `MAX_BODY` bytes.
        BadRequestError: the body is no JSON, has repeated keys, or does not fit the model.
    """
    if len(body) > MAX_BODY:
        raise PayloadTooLargeError
    _check_json(body)
    return _fit(body, model, Place.BODY)


def parse_query(query: Mapping[str, str], model: type[_Body]) -> _Body:
    """Parse the query of a GET, which has no other parameters than the model's fields.

    Raises:
        BadRequestError: it does not fit the model.
    """
    return _fit(json.dumps(dict(query)).encode(), model, Place.QUERY)


def _fit(document: bytes, model: type[_Body], place: Place) -> _Body:
    try:
        return model.model_validate_json(document)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise BadRequestError(*(_issue(detail, place) for detail in found[:MAX_ISSUES])) from None


def _check_json(body: bytes) -> None:
    """Refuse what pydantic's lenient reader would let pass: repeated keys, NaN, other encodings than UTF-8."""
    try:
        json.loads(body.decode("utf-8"), object_pairs_hook=_without_repeated_keys, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        detail = "must be JSON (RFC 8259) in UTF-8, with each key once"
        raise BadRequestError(Issue(place=Place.BODY, detail=detail)) from None


def _without_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _issue(error: ErrorDetails, place: Place) -> Issue:
    """Say an error of pydantic as an issue; it ends before an unknown key, which could be anything."""
    keys = error["loc"]
    if error["type"] == "extra_forbidden":
        return unknown_input(place, _name(keys[:-1]))
    return Issue(place=place, name=_name(keys), detail=error["msg"])


def _name(keys: Sequence[int | str]) -> str | None:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys).removeprefix(".") or None
