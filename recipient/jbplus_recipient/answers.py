"""What the exchange answers to a recipient, typed: lookups, registrations and problems.

The names of the wire are the aliases. Unknown fields are kept, so that a newer stack's answer can be shown
with an older client, and its JSON comes out as it came in.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Discriminator, Field, JsonValue, Tag


class Answer(BaseModel):
    """Anything that the exchange says."""

    model_config = ConfigDict(
        frozen=True, extra="allow", validate_by_name=True, validate_by_alias=True, hide_input_in_errors=True
    )

    def wire(self) -> dict[str, JsonValue]:
        """Give the answer as the exchange wrote it, ready for JSON."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class Issue(Answer):
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


class Problem(Answer):
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


class Refused(Answer):
    """One person of a request that the exchange refused."""

    insz: str
    problem: Problem


class Payment(Answer):
    """One payment or recovery; amounts in EUR, negative when reclaimed (Article 3 a)."""

    referte: str
    measure: Annotated[str, Field(alias="maatregel")]
    fiscal_year: Annotated[int, Field(alias="fiscaalJaar")]
    instalment: Annotated[str, Field(alias="bedragtype")]
    amount: Annotated[Decimal, Field(alias="verrichtingbedrag")]
    day: Annotated[date, Field(alias="effectieveVerrichtingsdatum")]


class FiscalYearTotal(Answer):
    """What a payment actor deducts from the income of one fiscal year; amounts in EUR."""

    fiscal_year: Annotated[int, Field(alias="fiscaalJaar")]
    paid: Annotated[Decimal, Field(alias="betaald")]
    reclaimed: Annotated[Decimal, Field(alias="teruggevorderd")]
    net: Annotated[Decimal, Field(alias="netto")]


class Person(Answer):
    """The answer to a lookup: what is known of one person.

    Attributes:
        volgnummer: the highest of the files that touched the person; None when nothing is known. It tells how recent
            the answer is, not that files with lower numbers are in it.
        kept_until: the last day, in Brussels, on which these data are kept (Article 3 b).
        in_doubt: whether WEWIS looks into a quality report on the person (Article 7).
        version: the exchange's own mark of this state, opaque.
        replaced: whether another number took this number's place.
    """

    insz: str
    volgnummer: int | None = None
    kept_until: Annotated[date | None, Field(alias="bewaarTot")] = None
    in_doubt: Annotated[bool, Field(alias="inOnderzoek")] = False
    version: Annotated[str | None, Field(alias="versie")] = None
    replaced: Annotated[bool, Field(alias="vervangen")] = False
    payments: Annotated[tuple[Payment, ...], Field(alias="verrichtingen")]
    totals: Annotated[tuple[FiscalYearTotal, ...], Field(alias="nettoPerFiscaalJaar")]


class Registered(Answer):
    """The answer to a registration: `geregistreerd`, `gewijzigd` or `ongewijzigd` (Article 6).

    Attributes:
        handle: the exchange's own name of this registration, opaque.
        replaced: whether another number took this number's place.
    """

    insz: str
    result: Annotated[str, Field(alias="resultaat")]
    handle: str | None = None
    replaced: Annotated[bool, Field(alias="vervangen")] = False


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


class LookupItems(Answer):
    """The answer to a lookup of several persons, in the order asked."""

    items: tuple[LookupItem, ...]


class RegistrationItems(Answer):
    """The answer to registrations, in the order asked."""

    items: tuple[RegistrationItem, ...]
