"""The exchange's answers for people: rich tables, a function for each thing, no printing.

Whatever comes from elsewhere is put in a Text: as a plain string its brackets would be taken for markup.
"""

from collections.abc import Iterable
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from jbplus.registrations.service import RegistrationResult
from jbplus_cli import looks
from jbplus_cli.answers import (
    FiscalYearTotal,
    Payment,
    Person,
    Problem,
    Refused,
    Registered,
    Report,
    ReportedError,
)
from jbplus_cli.looks import BAD, DOUBTFUL, GOOD, STATUS_STYLES
from jbplus_cli.sample_files import Made

INSTALMENTS = {"1": "first", "2": "second"}
MOST_ERRORS_SHOWN = 50
"""How many bad records the report's table lists; the rest is counted (`--json` has them all)."""

_RESULT_STYLES: dict[str, str] = {
    RegistrationResult.REGISTERED: GOOD,
    RegistrationResult.CHANGED: DOUBTFUL,
    RegistrationResult.UNCHANGED: "dim",
}


def person(answer: Person) -> RenderableType:
    """Show what is known of one person: its payments and recoveries, and the net of each fiscal year."""
    title = Text.assemble(("Person ", "bold"), (answer.insz, "bold cyan"))
    if not answer.payments and not answer.totals:
        return Text.assemble(title, ": registered; no payments known.")
    title.append(f" (volgnummer {answer.volgnummer})", "dim")
    return Group(title, _payments(answer.payments), _totals(answer.totals), Text())


def refused(item: Refused) -> Text:
    """Show why one person of a request was refused."""
    return Text.assemble(("Person ", "bold"), (item.insz, "bold cyan"), ": ", ("refused: ", BAD), item.problem.words)


def lookup(item: Person | Refused) -> RenderableType:
    """Show one item of a lookup, answered or refused."""
    return refused(item) if isinstance(item, Refused) else person(item)


def registrations(items: Iterable[Registered | Refused]) -> Table:
    """Show what became of registrations."""
    table = looks.table("Registrations")
    table.add_column("Person", style="cyan", no_wrap=True)
    table.add_column("Result", overflow="fold")
    for item in items:
        outcome = (
            Text.assemble(("refused: ", BAD), item.problem.words)
            if isinstance(item, Refused)
            else Text(item.result, _RESULT_STYLES.get(item.result, ""))
        )
        table.add_row(Text(item.insz), outcome)
    return table


def report(answer: Report, *, earlier: bool = False) -> RenderableType:
    """Show the report of a file.

    Args:
        answer: the report.
        earlier: whether it is the report of an earlier delivery of the same content.
    """
    parts: list[RenderableType] = [_summary(answer)]
    if earlier:
        parts.append(Text("This very content was delivered before: this is the report of that delivery.", DOUBTFUL))
    if answer.errors:
        parts.append(_errors(answer.errors[:MOST_ERRORS_SHOWN]))
    unseen = len(answer.errors) - MOST_ERRORS_SHOWN
    if unseen > 0:
        parts.append(Text(f"… and {unseen} more in the report; --json shows them all.", "dim"))
    if answer.errors_cut:
        parts.append(Text("The report itself lists only the first errors.", "dim"))
    return Group(*parts)


def made(file: Made) -> RenderableType:
    """Show what was written by make-file."""
    table = looks.fields()
    table.add_row("File", Text(str(file.path)))
    table.add_row("Volgnummer", str(file.volgnummer))
    table.add_row("Tijdstip", file.tijdstip.isoformat())
    table.add_row("Persons", str(file.persons))
    table.add_row("Records", str(file.records))
    table.add_row("Bad records", str(file.bad))
    table.add_row("Size", f"{file.size} bytes")
    return table


def problem(answer: Problem) -> Text:
    """Show why the exchange refused a request as a whole."""
    return Text.assemble(("Refused: ", BAD), answer.words)


def warning(words: str) -> Text:
    """Show what to be careful with."""
    return Text.assemble(("Warning: ", DOUBTFUL), words)


def failure(words: str) -> Text:
    """Show why a command could not do what was asked."""
    return Text.assemble(("Error: ", BAD), words)


def _payments(payments: Iterable[Payment]) -> Table:
    table = looks.table("Payments and recoveries")
    table.add_column("Fiscal year", justify="right", no_wrap=True)
    table.add_column("Instalment")
    table.add_column("Day", no_wrap=True)
    table.add_column("Amount (EUR)", justify="right", no_wrap=True)
    table.add_column("Referte", overflow="fold")
    for payment in payments:
        table.add_row(
            str(payment.fiscal_year),
            Text(INSTALMENTS.get(payment.instalment, payment.instalment)),
            payment.day.isoformat(),
            _amount(payment.amount),
            Text(payment.referte),
        )
    return table


def _totals(totals: Iterable[FiscalYearTotal]) -> Table:
    table = looks.table("Net per fiscal year (EUR)")
    for heading in ("Fiscal year", "Paid", "Reclaimed", "Net"):
        table.add_column(heading, justify="right", no_wrap=True)
    for total in totals:
        net = _amount(total.net)
        net.stylize("bold")
        table.add_row(str(total.fiscal_year), _amount(total.paid), _amount(total.reclaimed), net)
    return table


def _amount(amount: Decimal) -> Text:
    """Write an amount exactly as it is: `f` neither rounds nor takes exponents."""
    return Text(f"{amount:f}", "red" if amount < 0 else "")


def _summary(answer: Report) -> Table:
    table = looks.fields()
    table.add_row("Status", Text(answer.status, STATUS_STYLES.get(answer.status, "bold")))
    if answer.file is not None:
        table.add_row("File", Text(answer.file))
    if answer.volgnummer is not None:
        table.add_row("Volgnummer", str(answer.volgnummer))
    if answer.counts is not None:
        counts = answer.counts
        table.add_row(
            "Records",
            f"{counts.read} read: {counts.applied} applied, {counts.superseded} superseded, {counts.refused} refused",
        )
    if answer.gaps:
        table.add_row("Missing files", Text(", ".join(gap.words for gap in answer.gaps), DOUBTFUL))
    table.add_row("SHA-256", Text(answer.sha256))
    return table


def _errors(errors: Iterable[ReportedError]) -> Table:
    table = looks.table("What is wrong")
    table.add_column("Index", justify="right", no_wrap=True)
    table.add_column("Code", no_wrap=True)
    table.add_column("Pad", overflow="fold")
    table.add_column("Melding", overflow="fold")
    for error in errors:
        where = "" if error.index is None else str(error.index)
        table.add_row(where, Text(error.code), Text(error.path or ""), Text(error.message or ""))
    return table
