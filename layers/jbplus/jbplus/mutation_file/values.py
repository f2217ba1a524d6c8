"""Builds one value from parser events: notices repeated keys, and does not grow with a hostile input."""

from collections.abc import Iterator
from decimal import Decimal

from jbplus.mutation_file.codes import Code, Finding

Value = None | bool | int | Decimal | str | list["Value"] | dict[str, "Value"]
Event = tuple[str, Value]
"""What the parser met: its kind, and the key or the value itself."""

# A record of Article 3 has ten values, none longer than 64 characters, in two levels.
_MAX_VALUES = 200
_MAX_DEPTH = 8
_MAX_TEXT = 16 * 1024
_MOST_DEPTH = 1000
_KNOWN_OBJECTS = frozenset({"verrichting"})
_OPENING = frozenset({"start_map", "start_array"})
_CLOSING = frozenset({"end_map", "end_array"})


class TooDeepError(Exception):
    """A value is nested deeper than any reader needs to go."""


def build(first: Event, events: Iterator[Event], path: str) -> tuple[Value, Finding | None]:
    """Build the value that begins with an event, and leave the events that come after it.

    Returns:
        The value, and a repeated key; or None, and that it is too large: then it was passed over to its end.

    Raises:
        TooDeepError: it is nested a thousand deep.
    """
    event, value = first
    if event not in _OPENING:
        if _length(value) > _MAX_TEXT:
            return None, Finding(Code.RECORD_TOO_LARGE, path)
        return value, None
    return _build_open({} if event == "start_map" else [], events, path)


def pass_over(first: Event, events: Iterator[Event]) -> None:
    """Pass over one value that begins with an event, and leave the events that come after it.

    Raises:
        TooDeepError: as of `build`.
    """
    if first[0] in _OPENING:
        _pass_over(events, 1)


def _build_open(
    root: list[Value] | dict[str, Value], events: Iterator[Event], path: str
) -> tuple[Value, Finding | None]:
    # One loop for all levels: this is where an intake spends its time, and a call for each event would double it.
    flaw: Finding | None = None
    into = root
    open_ = [root]
    keys: list[str] = []
    key = ""
    values, text = 1, 0
    for event, value in events:
        if event == "map_key":
            # Its value follows, and is where the bounds are looked at.
            key = str(value)
            values += 1
            text += len(key)
            if key in into and flaw is None:
                flaw = Finding(Code.FIELD_REPEATED, _known_path(path, keys))
            continue
        if event in _CLOSING:
            open_.pop()
            if not open_:
                return root, flaw
            into = open_[-1]
            keys.pop()
            continue
        values += 1
        opened: list[Value] | dict[str, Value] | None = None
        if event in _OPENING:
            opened = {} if event == "start_map" else []
        else:
            text += len(value) if isinstance(value, str) else _length(value)
        part = value if opened is None else opened
        if isinstance(into, dict):
            into[key] = part
        else:
            into.append(part)
        if opened is not None:
            keys.append(key if isinstance(into, dict) else "")
            open_.append(opened)
            into = opened
        if values > _MAX_VALUES or text > _MAX_TEXT or len(open_) > _MAX_DEPTH:
            _pass_over(events, len(open_))
            return None, Finding(Code.RECORD_TOO_LARGE, path)
    raise AssertionError("the parser ends no document with a value open")


def _pass_over(events: Iterator[Event], depth: int) -> None:
    for event, _ in events:
        if event in _OPENING:
            depth += 1
            if depth > _MOST_DEPTH:
                raise TooDeepError
        elif event in _CLOSING:
            depth -= 1
            if not depth:
                return


def _length(value: Value) -> int:
    return len(value if isinstance(value, str) else str(value))


def _known_path(path: str, keys: list[str]) -> str:
    """Give the path to the object under these keys, as far as they are the protocol's."""
    for key in keys:
        if key not in _KNOWN_OBJECTS:
            break
        path += f"/{key}"
    return path
