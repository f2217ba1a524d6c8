"""The options that several commands share, and how what was typed is read."""

import re
import sys
import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from jbplus.protocol.identifiers import holds_number
from jbplus.protocol.parties import PARTIES, Party, party_of
from jbplus.protocol.purposes import Purpose, Right
from jbplus_cli.screen.person_numbers import NumbersError, read_numbers
from jbplus_recipient.exchange import Term

MOST_WORDS: Final = 500
"""How long words may be that are kept for others to read."""

_IDENTIFIER = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_KEYS = ", ".join(party.key for party in PARTIES)


def read_party(text: str) -> Party:
    """Read a party by its key or its KBO number."""
    party = next((party for party in PARTIES if party.key == text.lower()), None) or party_of(text)
    if party is None:
        raise typer.BadParameter(f"no such party; choose from {_KEYS}, or give its KBO number")
    return party


def beginning(incomplete: str, choices: Iterable[str]) -> list[str]:
    """Give the choices that begin as what was typed, for the shell's completion."""
    return [choice for choice in choices if choice.startswith(incomplete)]


def _parties(incomplete: str) -> Sequence[str]:
    return beginning(incomplete, [party.key for party in PARTIES])


def read_day(text: str) -> date:
    """Read a calendar day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("not a calendar day; write it as 2025-03-31") from None


def read_moment(text: str) -> datetime:
    """Read a moment with its offset."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("not a moment; write it as 2025-03-04T18:30:00+01:00") from None


def read_identifier(text: str) -> str:
    """Read the name of an end user, which must never be a person's number: it is logged."""
    # Which century it is hardly matters here: a number of any year is refused.
    if not _IDENTIFIER.fullmatch(text) or holds_number(text, year=date.max.year):
        raise typer.BadParameter("1 to 64 of A-Z a-z 0-9 . _ -, and not a person number")
    return text


def read_note(text: str) -> str:
    """Read words that are kept for others to read: never with a person's number."""
    if not text.strip() or len(text) > MOST_WORDS:
        raise typer.BadParameter(f"say it in 1 to {MOST_WORDS} characters")
    if holds_number(text, year=date.max.year):
        raise typer.BadParameter("it holds a person number: it is kept, and others read it")
    return text


def read_uuid(text: str) -> uuid.UUID:
    """Read an identifier that the exchange gave."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise typer.BadParameter("no such identifier; write it whole, as it is shown") from None


def read_term(begin: str | None, end: str | None, today: date) -> Term:
    """Read the first and the last day of a registration; it begins today, and stays open."""
    term = Term(read_day(begin) if begin else today, read_day(end) if end else None)
    if term.end is not None and term.end < term.begin:
        raise typer.BadParameter("the last day lies before the first", param_hint="--einde")
    return term


def given_numbers(arguments: list[str] | None, file: Path | None, year: int) -> list[str]:
    """Read person numbers as they were typed, from a file or from standard input."""
    try:
        return read_numbers(arguments or [], file, sys.stdin.buffer, year=year)
    except NumbersError as error:
        raise typer.BadParameter(str(error), param_hint="INSZ") from error


Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else, on standard output.")]
Stack = Annotated[
    str | None,
    typer.Option(
        "--stack", metavar="NAME", help="A stack on AWS, with your own AWS credentials. Default: the local stack."
    ),
]
Timeout = Annotated[float, typer.Option("--timeout", min=0, help="Seconds to wait for the report.")]
PartyOption = Annotated[
    Party,
    typer.Option(
        "--party",
        parser=read_party,
        autocompletion=_parties,
        metavar="PARTY",
        help=f"Who asks: {_KEYS}, or a KBO number.",
    ),
]
Numbers = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INSZ",
        help="Person numbers; - reads them from standard input, one a line. A number typed here stays in the "
        "shell's history and shows in the list of processes: prefer --file or - for real persons.",
        show_default=False,
    ),
]
NumbersFile = Annotated[
    Path | None,
    typer.Option(
        "--file",
        metavar="FILE",
        allow_dash=True,
        help="Read person numbers from a file, one a line (- for standard input).",
    ),
]
EndUser = Annotated[
    str | None,
    typer.Option(
        "--enduser",
        parser=read_identifier,
        envvar="JBPLUS_ENDUSER",
        metavar="ID",
        help="Who is asking, for the privacy log: you, as your organisation names you.",
        show_default="nobody; on the local stack jbplus-cli",
    ),
]
PurposeOption = Annotated[
    Purpose, typer.Option("--doel", metavar="DOEL", help=f"What the lookup is for: {', '.join(Purpose)}.")
]
Begin = Annotated[str | None, typer.Option(metavar="DAY", help="First day.", show_default="today in Brussels")]
End = Annotated[str | None, typer.Option(metavar="DAY", help="Last day, inclusive.", show_default="open")]
RightOption = Annotated[
    Right, typer.Option("--recht", metavar="RECHT", help=f"The state of the right to Groeipakket: {', '.join(Right)}.")
]
