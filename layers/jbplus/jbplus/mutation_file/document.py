"""The JSON document of a mutation file, followed as a stream of events; its elements come one by one."""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass

import ijson

from jbplus.mutation_file.codes import Code, Finding, FormError
from jbplus.mutation_file.unpacking import BLOCK
from jbplus.mutation_file.values import ElementBuilder, Value

# A text or number that goes on for this long has no place in the protocol, and would fill the memory. White
# space counts too: inside a text it is kept like any other character.
_MAX_VALUE_BYTES = 1024 * 1024
_MAX_DEPTH = 1000
_YAJL = ijson.get_backend("yajl2_c")
# yajl takes these for white space; JSON has them nowhere, not even inside a text.
_NOT_IN_JSON = (b"\v", b"\f")
# yajl forgives a text that begins after the document and never ends: a quote at the end of the file would end it.
_AFTER_THE_END = b' "'


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One element of `mutaties`, not validated yet.

    Attributes:
        index: its position, from 0.
        value: as read from JSON, numbers as int or Decimal; None when it was too large to keep.
        flaw: what is wrong with its form, or None.
    """

    index: int
    value: Value
    flaw: Finding | None


@dataclass(frozen=True, slots=True)
class Element:
    """A part of the document: the value of `context`, or a record, or the mere presence of `mutaties`.

    Attributes:
        key: the key that it stands under.
        context: the value of `context`.
        record: a record of `mutaties`.
    """

    key: str
    context: Value = None
    record: RawRecord | None = None


def elements(pieces: Iterable[bytes]) -> Iterator[Element]:
    """Split the document into its elements.

    Raises:
        FormError: it is no JSON to its last byte, or not an envelope.
    """
    document = _document()
    next(document)
    for event, value in _events(pieces):
        if (element := document.send((event, value))) is not None:
            yield element


_Event = tuple[str, Value]


def _events(pieces: Iterable[bytes]) -> Iterator[_Event]:
    events: list[_Event] = ijson.sendable_list()
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
                yield from events
                events.clear()
        parser.send(_AFTER_THE_END)
        parser.close()
        yield from events
    except (ijson.JSONError, UnicodeDecodeError):
        raise FormError(Code.NOT_JSON) from None
    except (SystemError, ArithmeticError, ValueError):
        # Python reads no integer of over 4,300 digits, nor a decimal with an endless exponent; out of the
        # parser's C code the refusal comes as a SystemError.
        raise FormError(Code.VALUE_TOO_LONG) from None


def _document() -> Generator[Element | None, _Event, None]:
    """Follow the events of one document: an object with `context` and `mutaties`.

    Raises:
        FormError: it is not such an object.
    """
    event, _ = yield None
    if event != "start_map":
        raise FormError(Code.CONTEXT_INVALID)
    element: Element | None = None
    while True:
        event, key = yield element
        element = None
        if event == "end_map":
            break
        if key == "context":
            builder = yield from _build((yield None), "/context")
            if builder.flaw is not None:
                raise FormError(Code.CONTEXT_INVALID, "/context")
            element = Element("context", context=builder.value)
        elif key == "mutaties":
            yield from _records()
            element = Element("mutaties")
        else:
            raise FormError(Code.CONTEXT_INVALID)
    while True:
        yield element
        element = None


def _records() -> Generator[Element | None, _Event, None]:
    event, _ = yield None
    if event != "start_array":
        raise FormError(Code.CONTEXT_INVALID, "/mutaties")
    index = 0
    element: Element | None = None
    while True:
        first = yield element
        if first[0] == "end_array":
            return
        builder = yield from _build(first, f"/mutaties/{index}")
        element = Element("mutaties", record=RawRecord(index, builder.value, builder.flaw))
        index += 1


def _build(first: _Event, path: str) -> Generator[None, _Event, ElementBuilder]:
    builder = ElementBuilder(path)
    builder.take(*first)
    while not builder.done:
        builder.take(*(yield None))
        if builder.depth > _MAX_DEPTH:
            raise FormError(Code.VALUE_TOO_LONG)
    return builder
