"""A mutation file read by Python's own JSON library, as a whole: a second opinion on what the reader makes of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jbplus.mutation_file.codes import Finding
from jbplus.mutation_file.records import parse_context
from tests.support.fakes import NOW


class Members(list[tuple[str, Any]]):
    """An object's members as they came, repeated ones too."""


class NotJsonError(ValueError):
    """The bytes are no JSON in UTF-8, or hold a number that Python does not read."""


class NoOpinionError(Exception):
    """The two are known to differ here: half a surrogate pair, and values nested as deep as Python can go."""


_DEEP = 900


@dataclass(frozen=True)
class Size:
    """How large a value is: keys and values, characters of texts and numbers, arrays and objects within each other."""

    values: int
    text: int
    depth: int

    def fits(self, *, part: float = 1) -> bool:
        """Tell whether it is within (a part of) what is kept of a record."""
        return self.values <= 200 * part and self.text <= 16 * 1024 * part and self.depth <= 8 * part


def read(content: bytes) -> Any:
    """Read a document; its objects are `Members`.

    Raises:
        NotJsonError: it is none.
        NoOpinionError: the reader may see it otherwise.
    """
    try:
        document = json.loads(content.decode(), parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=Members)
    except RecursionError:
        raise NoOpinionError from None
    except (ValueError, ArithmeticError):
        raise NotJsonError from None
    depths, scalars = zip(*_walk(document), strict=True)
    if max(depths) > _DEEP or any("\ud800" <= letter <= "\udfff" for text in scalars for letter in str(text)):
        raise NoOpinionError
    return document


def _refuse(literal: str) -> None:
    raise ValueError(literal)


def _walk(value: Any) -> Iterator[tuple[int, Any]]:
    """Give every key and value with its depth; of arrays and objects only that they are there."""
    to_see = [(0, value)]
    while to_see:
        depth, one = to_see.pop()
        if isinstance(one, dict | list):
            yield depth + 1, ""
            to_see += [(depth + 1, part) for part in _parts(one)]
        else:
            yield depth, one


def _parts(value: list[Any] | dict[str, Any]) -> list[Any]:
    members = value if isinstance(value, Members) else value.items() if isinstance(value, dict) else None
    return list(value) if members is None else [part for member in members for part in member]


def size(value: Any) -> Size:
    """Measure a value as read by `read` or by the reader."""
    parts = list(_walk(value))
    return Size(len(parts), sum(len(str(text)) for _, text in parts), max(depth for depth, _ in parts))


def repeats_a_key(value: Any) -> bool:
    """Tell whether an object in it has the same key twice."""
    to_see = [value]
    while to_see:
        one = to_see.pop()
        if isinstance(one, Members):
            keys = [key for key, _ in one]
            if len(set(keys)) < len(keys):
                return True
            to_see += [part for _, part in one]
        elif isinstance(one, list):
            to_see += one
    return False


def plain(value: Any) -> Any:
    """Give a value with its objects as dictionaries."""
    if isinstance(value, Members):
        return {key: plain(part) for key, part in value}
    return [plain(part) for part in value] if isinstance(value, list) else value


def accepted_records(document: Any) -> list[Any] | None:
    """Give the records of a document that is a good file, else None."""
    if not isinstance(document, Members) or sorted(key for key, _ in document) != ["context", "mutaties"]:
        return None
    parts = dict(document)
    envelope, records = parts["context"], parts["mutaties"]
    if not isinstance(records, list) or isinstance(records, Members) or repeats_a_key(envelope):
        return None
    parsed = parse_context(plain(envelope), received=NOW)
    return None if isinstance(parsed, Finding) or parsed.aantal != len(records) else records
