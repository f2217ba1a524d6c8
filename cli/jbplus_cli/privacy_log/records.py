"""Records of the privacy log: how they are asked for, and which columns they have (Articles 6 and 9)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from jbplus.privacy_log.service import MAX_DAYS, LogQuestion
from jbplus.privacy_log.wire import LogItem, PrivacyLogAnswer
from jbplus.protocol.calendar import BRUSSELS
from jbplus.protocol.parties import Party, party_of
from jbplus.protocol.purposes import SCOPE_PRIVACY_LOG
from jbplus_cli.screen.spreadsheet import Cell
from jbplus_recipient.exchange import Exchange


def registrar(item: LogItem) -> str:
    """Give the name of the party whose registration was the ground; empty when there was none."""
    kbo = item.inschrijving_van or ""
    party = party_of(kbo)
    return kbo if party is None else party.name


def ask(exchange: Exchange, question: LogQuestion, *, asker: Party) -> Iterator[LogItem]:
    """Read a party's own records of the privacy log (`/v1/privacylog/query`), page by page.

    Args:
        exchange: the API.
        question: about whom, or about which days.
        asker: the party whose data protection officer asks.

    Yields:
        The records in the order of time.
    """
    for part in parts(question):
        body = _body(part)
        while True:
            page = exchange.post("/v1/privacylog/query", body, PrivacyLogAnswer, asker, SCOPE_PRIVACY_LOG)
            yield from page.items
            if page.volgende is None:
                break
            body["na"] = page.volgende


def rows(items: Iterable[LogItem]) -> Iterator[tuple[Cell, ...]]:
    """Give records as rows under the protocol's own words; moments as the clocks in Brussels show them."""
    yield COLUMNS
    for item in items:
        yield tuple(row(item).values())


COLUMNS: Final = (
    *("moment", "betrokkene", "gebruiker", "toepassing", "dienst", "doel", "dossier"),
    *("inschrijvingVan", "naarAanleidingVanMutatie", "uitkomst", "referte", "correlatie"),
)


def row(item: LogItem) -> dict[str, str]:
    """Give a record as texts, by column."""
    texts = (
        _in_brussels(item.moment),
        item.betrokkene or "",
        item.gebruiker,
        item.toepassing,
        item.dienst,
        item.doel or "",
        item.dossier or "",
        registrar(item),
        "ja" if item.naar_aanleiding_van_mutatie else "nee",
        item.uitkomst,
        item.referte,
        item.correlatie,
    )
    return dict(zip(COLUMNS, texts, strict=True))


def _in_brussels(moment: datetime) -> str:
    return moment.astimezone(BRUSSELS).isoformat(timespec="milliseconds")


def parts(question: LogQuestion) -> Iterator[LogQuestion]:
    """Split a long period into questions that the exchange takes, in the order of time."""
    if question.number is not None or question.first is None or question.last is None:
        yield question
        return
    first = question.first
    while first <= question.last:
        last = min(first + timedelta(days=MAX_DAYS - 1), question.last)
        yield replace(question, first=first, last=last)
        first = last + timedelta(days=1)


def _body(question: LogQuestion) -> dict[str, JsonValue]:
    said = {
        "insz": question.number,
        "van": None if question.first is None else question.first.isoformat(),
        "tot": None if question.last is None else question.last.isoformat(),
        "gebruiker": question.end_user,
    }
    return {name: value for name, value in said.items() if value is not None}
