"""What tests hand in everywhere: the moment, the keys, a caller, and no pauses."""

from collections.abc import Mapping
from datetime import UTC, datetime

from jbplus.persons.pseudonym import Name, Pseudonyms
from jbplus.protocol.caller import Asker, Caller
from jbplus.protocol.insz import accepting
from jbplus.protocol.purposes import Purpose
from jbplus.protocol.usage import Use

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
PSEUDONYMS = Pseudonyms((b"k" * 32,))


ACCEPTS = accepting(lambda: NOW, test_numbers_allowed=True)


def no_sleep(_: float) -> None:
    """Pause for no time at all."""


def version_1() -> int:
    """Give the version of the keys of `PSEUDONYMS`."""
    return 1


def named(person: str) -> tuple[Name, ...]:
    """Give the one name of a person, made by the keys of `PSEUDONYMS`."""
    return (Name(person, 1),)


def no_count(kbo: str, persons: Mapping[Use, int], purpose: Purpose | None = None) -> None:
    """Count no use."""


def caller(kbo: str, *scopes: str, end_user: str = "an.peeters") -> Caller:
    """Make a caller with these scopes."""
    asker = Asker(kbo, "application-1", frozenset(scopes))
    return Caller(asker, end_user, "correlation-1", "11111111-2222-4333-8444-555555555555")
