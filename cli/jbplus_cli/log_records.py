"""Records of the privacy log, typed: what is asked about them, and how they are written as CSV."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Final

from pydantic import AwareDatetime, Field, JsonValue

from jbplus.protocol.calendar import BRUSSELS
from jbplus.protocol.parties import party_of
from jbplus_cli.answers import Answer

MAX_DAYS: Final = 31
"""The most days that one question about a period covers (contract of the API)."""


class LogItem(Answer):
    """One record: who asked what about whom, on what ground, and how it ended (Articles 6 and 9).

    Attributes:
        person: the INSZ when it was asked for, else the pseudonym.
        registered_by: KBO number of the party whose registration of the person was the ground.
    """

    reference: Annotated[str, Field(alias="referte")]
    moment: AwareDatetime
    service: Annotated[str, Field(alias="dienst")]
    application: Annotated[str, Field(alias="toepassing")]
    end_user: Annotated[str, Field(alias="gebruiker")]
    correlation: Annotated[str, Field(alias="correlatie")]
    purpose: Annotated[str | None, Field(alias="doel")] = None
    file: Annotated[str | None, Field(alias="dossier")] = None
    registered_by: Annotated[str | None, Field(alias="inschrijvingVan")] = None
    after_mutation: Annotated[bool, Field(alias="naarAanleidingVanMutatie")]
    person: Annotated[str, Field(alias="betrokkene")]
    outcome: Annotated[str, Field(alias="uitkomst")]

    @property
    def registrar(self) -> str:
        """The name of the party whose registration was the ground; empty when there was none."""
        party = party_of(self.registered_by or "")
        return self.registered_by or "" if party is None else party.name


class LogPage(Answer):
    """A page of records; more follow while there is a next one."""

    items: tuple[LogItem, ...]
    next: Annotated[str | None, Field(alias="volgende")] = None


@dataclass(frozen=True, slots=True)
class LogQuestion:
    """What is asked of the privacy log: about one person, or about a period with both ends.

    Attributes:
        number: the INSZ, or None.
        first: first calendar day in Brussels, or None.
        last: last calendar day, inclusive, or None.
        end_user: whose questions are wanted, or None for everybody's.
    """

    number: str | None = None
    first: date | None = None
    last: date | None = None
    end_user: str | None = None

    def parts(self) -> Iterator["LogQuestion"]:
        """Split a long period into questions that the exchange takes, in the order of time."""
        if self.number is not None or self.first is None or self.last is None:
            yield self
            return
        first = self.first
        while first <= self.last:
            last = min(first + timedelta(days=MAX_DAYS - 1), self.last)
            yield replace(self, first=first, last=last)
            first = last + timedelta(days=1)

    def wire(self) -> dict[str, JsonValue]:
        """Give the question as a request's body."""
        said = {
            "insz": self.number,
            "van": None if self.first is None else self.first.isoformat(),
            "tot": None if self.last is None else self.last.isoformat(),
            "gebruiker": self.end_user,
        }
        return {name: value for name, value in said.items() if value is not None}


def as_csv(items: Iterable[LogItem]) -> str:
    """Write records as CSV (RFC 4180) under the protocol's own words; moments as the clocks in Brussels show them."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(
        [
            *("moment", "betrokkene", "gebruiker", "toepassing", "dienst", "doel", "dossier"),
            *("inschrijvingVan", "naarAanleidingVanMutatie", "uitkomst", "referte", "correlatie"),
        ]
    )
    for item in items:
        table.writerow(
            _harmless(text)
            for text in (
                _in_brussels(item.moment),
                item.person,
                item.end_user,
                item.application,
                item.service,
                item.purpose or "",
                item.file or "",
                item.registrar,
                "ja" if item.after_mutation else "nee",
                item.outcome,
                item.reference,
                item.correlation,
            )
        )
    return written.getvalue()


def _in_brussels(moment: datetime) -> str:
    return moment.astimezone(BRUSSELS).isoformat(timespec="milliseconds")


def _harmless(text: str) -> str:
    """Keep a spreadsheet from taking what a caller sent for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
