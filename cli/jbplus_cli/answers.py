"""What the exchange answers, typed: lookups, registrations, problems and the report of a file.

The names of the wire are the aliases. Unknown fields are kept, so that a newer stack's answer can be shown
with an older command, and its JSON comes out as it came in.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, JsonValue, Tag

from jbplus.mutation_file.report import Status


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
        volgnummer: of the latest file that touched the person; None when nothing is known.
    """

    insz: str
    volgnummer: int | None = None
    payments: Annotated[tuple[Payment, ...], Field(alias="verrichtingen")]
    totals: Annotated[tuple[FiscalYearTotal, ...], Field(alias="nettoPerFiscaalJaar")]


class Registered(Answer):
    """The answer to a registration: `geregistreerd`, `gewijzigd` or `ongewijzigd` (Article 6)."""

    insz: str
    result: Annotated[str, Field(alias="resultaat")]


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


class Counts(Answer):
    """The records of a file, counted."""

    read: Annotated[int, Field(alias="gelezen")]
    applied: Annotated[int, Field(alias="toegepast")]
    superseded: Annotated[int, Field(alias="verouderd")]
    refused: Annotated[int, Field(alias="geweigerd")]


class Gap(Answer):
    """Numbers of files that are missing, both ends included."""

    first: Annotated[int, Field(alias="van")]
    last: Annotated[int, Field(alias="tot")]

    @property
    def words(self) -> str:
        """The gap as people write it."""
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"


class ReportedError(Answer):
    """One bad record, or what is wrong with the file as a whole (then without index)."""

    index: int | None = None
    referte: str | None = None
    code: str
    path: Annotated[str | None, Field(alias="pad")] = None
    message: Annotated[str | None, Field(alias="melding")] = None


class Report(Answer):
    """The report that answers a mutation file (Article 7).

    Attributes:
        file: the delivered file's name.
        context: the file's envelope, None when it could not be read.
        sha256: of the decompressed bytes.
        errors_cut: whether there were more errors than are listed.
    """

    status: str
    file: Annotated[str | None, Field(alias="bestand")] = None
    context: dict[str, Any] | None = None
    sha256: str
    counts: Annotated[Counts | None, Field(alias="aantallen")] = None
    gaps: Annotated[tuple[Gap, ...], Field(alias="ontbrekendeVolgnummers")] = ()
    errors: Annotated[tuple[ReportedError, ...], Field(alias="fouten")] = ()
    errors_cut: Annotated[bool, Field(alias="foutenAfgekapt")] = False

    @property
    def is_processed(self) -> bool:
        """Whether every record of the file is now in the state, by this delivery or an earlier one."""
        return self.status in {Status.PROCESSED, Status.ALREADY_PROCESSED}

    @property
    def volgnummer(self) -> int | None:
        """The file's number, None when its envelope could not be read."""
        number = None if self.context is None else self.context.get("volgnummer")
        return number if isinstance(number, int) else None
