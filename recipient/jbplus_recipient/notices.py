"""Reading the notices of the exchange: which persons of a recipient were touched by which file (Article 6).

A notice holds keys alone, never an amount: what is so now is looked up.
"""

from typing import Final, TypeVar

from pydantic import ValidationError

from jbplus.notices.notice import PREFIX, SUCCESSION_PREFIX, Notice, SuccessionNotice
from jbplus.protocol.outbox import STAND_PREFIX
from jbplus.protocol.parties import Party
from jbplus.stand.document import Stand

PATTERN: Final = f"{PREFIX}*.json"
"""How the names of notices look, as an fnmatch pattern; the names grow with the notices' numbers."""

SUCCESSION_PATTERN: Final = f"{SUCCESSION_PREFIX}*.json"
"""The same of notices of successions."""

STAND_PATTERN: Final = f"{STAND_PREFIX}*.json"
"""The same of stands."""

LARGEST: Final = 64 * 1024**2
"""The most bytes that a notice is taken to have: the exchange cuts large ones into parts."""


_N = TypeVar("_N", Notice, SuccessionNotice, Stand)


class NoticeError(ValueError):
    """A file is no notice or stand for this recipient; the text says what is wrong and where, never a value."""


def read_notice(content: bytes, *, recipient: Party) -> Notice:
    """Read a notice of mutations and check all of it; the arguments and errors are those of `read_as`."""
    return read_as(Notice, content, recipient=recipient)


def read_as(form: type[_N], content: bytes, *, recipient: Party) -> _N:
    """Read a notice of either kind or a stand, and check all of it.

    Args:
        form: the kind.
        content: the file's bytes.
        recipient: whose notices are read.

    Raises:
        NoticeError: it is not as agreed, or meant for somebody else.
    """
    try:
        notice = form.model_validate_json(content)
    except ValidationError as error:
        raise NoticeError(_words(error)) from None
    if notice.context.ontvanger not in {recipient.kbo, *recipient.other_kbos}:
        raise NoticeError(f"/context/ontvanger is not {recipient.name}")
    return notice


def _words(error: ValidationError) -> str:
    """Say the first error and its place, without a value: an unknown key may be one."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    keys = list(map(str, first["loc"]))
    match first["type"]:
        case "json_invalid":
            return "it is not JSON"
        case "extra_forbidden":
            return f"{_pointer(keys[:-1])} has a field that was not agreed"
        case "missing":
            return f"{_pointer(keys)} is missing"
        case "sender" | "insz" | "count":
            return f"{_pointer(keys)} {first['msg']}"
        case _:
            return f"{_pointer(keys)} is not as agreed"


def _pointer(keys: list[str]) -> str:
    return "/" + "/".join(keys) if keys else "it"
