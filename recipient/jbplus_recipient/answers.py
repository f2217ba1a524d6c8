"""What the exchange answers to a recipient, typed: lookups, registrations and problems.

The names of the wire are the aliases. Unknown fields are kept, so that a newer stack's answer can be shown
with an older client, and its JSON comes out as it came in.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated

from pydantic import ConfigDict, Discriminator, Field, Tag

from jbplus.consultation.wire import NetAnswer, PersonAnswer
from jbplus.registrations.wire import RegisteredItem
from jbplus.wire import Wire


class Issue(Wire):
    """One thing that is wrong with a request; it says where, never what stood there."""

    type: str
    where: Annotated[str | None, Field(alias="in")] = None
    name: str | None = None
    title: str | None = None
    detail: str | None = None

    @property
    def words(self) -> str:
        """The issue on one line."""
        place = " ".join(part for part in (self.where, self.name) if part)
        words = self.detail or self.title or self.type.rsplit(":", 1)[-1]
        return f"{place}: {words}" if place else words


class Problem(Wire):
    """A refusal (RFC 9457, with Belgif's types and MAGDA's codes; contract of the API)."""

    type: str = "about:blank"
    status: int
    title: str | None = None
    detail: str | None = None
    code: str | None = None
    instance: str | None = None
    issues: tuple[Issue, ...] = ()
    required_scopes: Annotated[tuple[str, ...], Field(alias="requiredScopes")] = ()

    @property
    def passes(self) -> bool:
        """Whether the same request may succeed later: too many were made (429), or the exchange is busy (5xx)."""
        return self.status == HTTPStatus.TOO_MANY_REQUESTS or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR

    @property
    def words(self) -> str:
        """The refusal on one line, with MAGDA's code and the trace id to ask after it."""
        title = self.title or self.type.rsplit(":", 1)[-1]
        parts = [f"{title} ({self.status})" if self.code is None else f"{title} ({self.status}, {self.code})"]
        if self.detail:
            parts.append(self.detail)
        parts += [issue.words for issue in self.issues]
        if self.required_scopes:
            parts.append(f"Needs scope {', '.join(self.required_scopes)}")
        if self.instance:
            parts.append(f"Trace {self.instance.removeprefix('urn:uuid:')}")
        return ". ".join(part.rstrip(".") for part in parts)


class Refused(Wire):
    """One person of a request that the exchange refused."""

    insz: str
    problem: Problem


class Person(PersonAnswer):
    """The answer to a lookup.

    Attributes:
        in_onderzoek: whether WEWIS looks into a quality report on the person (Article 7).
    """

    in_onderzoek: bool = False


class Nets(Wire):
    """As much of an answer as deductions are made of: that is read of everybody each night, in 40 % of the time."""

    model_config = ConfigDict(extra="ignore")

    insz: str
    volgnummer: int | None = None
    in_onderzoek: bool = False
    netto_per_fiscaal_jaar: tuple[NetAnswer, ...]


Registered = RegisteredItem
"""The answer to a registration."""


def _refused_or_answered(item: object) -> str:
    refused = "problem" in item if isinstance(item, Mapping) else isinstance(item, Refused)
    return "refused" if refused else "answered"


LookupItem = Annotated[
    Annotated[Person, Tag("answered")] | Annotated[Refused, Tag("refused")], Discriminator(_refused_or_answered)
]
RegistrationItem = Annotated[
    Annotated[Registered, Tag("answered")] | Annotated[Refused, Tag("refused")],
    Discriminator(_refused_or_answered),
]


class LookupItems(Wire):
    """The answer to a lookup of several persons, in the order asked."""

    items: tuple[LookupItem, ...]


class RegistrationItems(Wire):
    """The answer to registrations, in the order asked."""

    items: tuple[RegistrationItem, ...]
