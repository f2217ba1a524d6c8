"""What the functions' logs tell of a month: lookups by party and purpose, and notices by party (Articles 2 b and C2).

Each call and each round leaves a line with its counts, and nothing of a person: an operator may read them. They are
added up line by line; a month with more of them than `MOST_PAGES` pages is told up to the day where that ends.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from pydantic import JsonValue

from jbplus.logs import LogCode
from jbplus.protocol.calendar import brussels_day, start_of_day
from jbplus.protocol.parties import PARTIES
from jbplus.protocol.purposes import MATRIX, Purpose
from jbplus.protocol.usage import Use
from jbplus_cli.logs.reading import FunctionName, pages, read
from jbplus_cli.overview.figures import PartyLookups, PartyNotices, Unread, told
from jbplus_cli.overview.month import Month
from jbplus_cli.stack.target import Target

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

KEPT: Final = timedelta(days=90)
"""How long the template keeps logs."""
MOST_PAGES: Final = 2_000
_NAMES: Final = {party.kbo: party.name for party in PARTIES}
NO_PURPOSE: Final = "?"


@dataclass(slots=True)
class LogsOfMonth:
    """Reads a month of a stack's logs.

    Attributes:
        client: of CloudWatch Logs.
        target: the stack.
        month: the month.
        now: the present moment.
        most_pages: how many pages of one log are read.
        unread: what could not be read, and why.
    """

    client: "CloudWatchLogsClient"
    target: Target
    month: Month
    now: datetime
    most_pages: int = MOST_PAGES
    unread: list[Unread] = field(default_factory=list)

    def lookups(self) -> tuple[PartyLookups, ...]:
        """Add up the persons looked up, by party and purpose: a row for each that may, and for each that tried.

        Raises:
            ExchangeError: the log is out of reach.
        """
        answered, refused = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for line in self._lines(FunctionName.CONSULTATION, ("_aws",), "lookups"):
            row = _text(line.get("party")), _text(line.get("purpose")) or NO_PURPOSE
            answered[row] += _number(line.get(Use.LOOKED_UP))
            refused[row] += _number(line.get(Use.REFUSED))
        allowed = [(kbo, purpose.value) for purpose, rule in MATRIX.items() for kbo in rule.parties]
        tried = [row for row in refused | answered if refused[row] or answered[row]]
        return tuple(
            PartyLookups(
                party=_NAMES.get(party, party),
                purpose=purpose,
                answered=told(answered[party, purpose]),
                refused=told(refused[party, purpose]),
            )
            for party, purpose in sorted({*allowed, *tried}, key=_order)
        )

    def notices(self) -> tuple[PartyNotices, ...]:
        """Add up the notices that were given out, by party.

        Raises:
            ExchangeError: the log is out of reach.
        """
        notices, notifications = Counter[str](), Counter[str]()
        for line in self._lines(FunctionName.NOTICES, (LogCode.NOTICES_GIVEN.number,), "notices"):
            for kbo, given in _items(line.get("given")):
                counts = dict(_items(given))
                notices[kbo] += _number(counts.get("notices"))
                notifications[kbo] += _number(counts.get("notifications"))
        payers = (kbo for kbo in _NAMES if kbo in MATRIX[Purpose.SOCIAL_SUPPLEMENT].parties)
        return tuple(
            PartyNotices(party=_NAMES[kbo], notices=notices[kbo], notifications=told(notifications[kbo]))
            for kbo in payers
        )

    def _lines(self, function: FunctionName, words: Iterable[str], part: str) -> Iterator[Mapping[str, JsonValue]]:
        """Read lines, the oldest first, and say what is not there: too old, or too many."""
        begin, end = self.month.begin, min(self.month.end, self.now)
        oldest = self.now - KEPT
        if begin < oldest:
            begin = start_of_day(brussels_day(oldest) + timedelta(days=1))
            self.unread.append(
                Unread(part=part, why=f"Logs are kept for {KEPT.days} days: counted from {begin:%Y-%m-%d}.")
            )
        if begin >= end:
            return
        found = pages(self.client, self.target, function, begin, tuple(words), end=end - timedelta(milliseconds=1))
        for number, page in enumerate(found):
            if number == self.most_pages:
                until = datetime.fromtimestamp(page[0]["timestamp"] / 1000, UTC) if page else begin
                self.unread.append(Unread(part=part, why=f"Too many lines: counted until {brussels_day(until)}."))
                return
            yield from (read(event["message"]) for event in page)


def _order(row: tuple[str, str]) -> tuple[int, int, str, str]:
    party, purpose = row
    parties, purposes = list(_NAMES), [each.value for each in Purpose]
    return (
        parties.index(party) if party in parties else len(parties),
        purposes.index(purpose) if purpose in purposes else len(purposes),
        *row,
    )


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def _items(value: JsonValue) -> Iterable[tuple[str, JsonValue]]:
    return value.items() if isinstance(value, dict) else ()


def _number(value: JsonValue) -> int:
    """Read a count; CloudWatch's embedded format has a list of them."""
    values = value if isinstance(value, list) else [value]
    return int(sum(each for each in values if isinstance(each, int | float)))
