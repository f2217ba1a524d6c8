"""The JSON document of a mutation file, followed as a stream of events; its elements come one by one."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

import ijson

from jbplus.mutation_file.codes import Code, Finding, FormError
from jbplus.mutation_file.kinds import LISTS
from jbplus.mutation_file.unpacking import BLOCK
from jbplus.mutation_file.values import Event, TooDeepError, Value, build, pass_over

# A text or number that goes on for this long has no place in the protocol, and would fill the memory. White
# space counts too: inside a text it is kept like any other character.
_MAX_VALUE_BYTES = 1024 * 1024
_YAJL = ijson.get_backend("yajl2_c")
# yajl takes these for white space; JSON has them nowhere, not even inside a text.
_NOT_IN_JSON = (b"\v", b"\f")
# yajl forgives a text that begins after the document and never ends: a quote at the end of the file would end it.
_AFTER_THE_END = b' "'


class RawRecord(NamedTuple):
    """One element of the list of records, not validated yet.

    Attributes:
        place: its position, from 0.
        value: as read from JSON, numbers as int or Decimal; None when it was too large to keep, or passed over.
        flaw: what is wrong with its form, or None.
    """

    place: int
    value: Value
    flaw: Finding | None


class Element(NamedTuple):
    """A part of the document: the value of `context`, or a record, or the mere presence of a list of records.

    Attributes:
        key: the key that it stands under.
        context: the value of `context`.
        record: a record of the list.
    """

    key: str
    context: Value = None
    record: RawRecord | None = None


def elements(pieces: Iterable[bytes], built_from: float = 0) -> Iterator[Element]:
    """Split the document into its elements.

    Args:
        pieces: its bytes.
        built_from: the position of the first record that is built; those before it are only counted.

    Raises:
        FormError: it is no JSON to its last byte, or not an envelope.
    """
    # Chained, not yielded one by one: an event less to hand on saves a tenth of reading a file.
    events = chain.from_iterable(_events(pieces))
    try:
        yield from _document(events, built_from)
    except TooDeepError:
        raise FormError(Code.VALUE_TOO_LONG) from None
    # What comes after the document decides whether it is JSON to the last byte.
    for _ in events:
        pass


def _events(pieces: Iterable[bytes]) -> Iterator[list[Event]]:
    """Give the events of a block at a time: the same list, filled anew."""
    events: list[Event] = ijson.sendable_list()
    parser = _YAJL.basic_parse_coro(events)
    without_event = 0
    try:
        for piece in pieces:
            for start in range(0, len(piece), BLOCK):
                block = piece[start : start + BLOCK]
                if any(byte in block for byte in _NOT_IN_JSON):
                    raise FormError(Code.NOT_JSON)
                parser.send(block)
                without_event = 0 if events else without_event + len(block)
                if without_event > _MAX_VALUE_BYTES:
                    raise FormError(Code.VALUE_TOO_LONG)
                yield events
                events.clear()
        parser.send(_AFTER_THE_END)
        parser.close()
        yield events
    except (ijson.JSONError, UnicodeDecodeError):
        raise FormError(Code.NOT_JSON) from None
    except (SystemError, ArithmeticError, ValueError):
        # Python reads no integer of over 4,300 digits, nor a decimal with an endless exponent; out of the
        # parser's C code the refusal comes as a SystemError, which leaves a hole in `events`: it must not be read.
        raise FormError(Code.VALUE_TOO_LONG) from None


def _document(events: Iterator[Event], built_from: float) -> Iterator[Element]:
    """Follow the events of one document: an object with `context` and a list of records.

    Raises:
        FormError: it is not such an object.
    """
    if next(events)[0] != "start_map":
        raise FormError(Code.CONTEXT_INVALID)
    for event, key in events:
        if event == "end_map":
            return
        if key == "context":
            value, flaw = build(next(events), events, "/context")
            if flaw is not None:
                raise FormError(Code.CONTEXT_INVALID, "/context")
            yield Element("context", context=value)
        elif key in LISTS:
            yield from _records(events, str(key), built_from)
            yield Element(str(key))
        else:
            raise FormError(Code.CONTEXT_INVALID)


def _records(events: Iterator[Event], key: str, built_from: float) -> Iterator[Element]:
    if next(events)[0] != "start_array":
        raise FormError(Code.CONTEXT_INVALID, f"/{key}")
    for index, first in enumerate(events):
        if first[0] == "end_array":
            return
        if index < built_from:
            pass_over(first, events)
            raw = RawRecord(index, None, None)
        else:
            raw = RawRecord(index, *build(first, events, f"/{key}/{index}"))
        yield Element(key, None, raw)
