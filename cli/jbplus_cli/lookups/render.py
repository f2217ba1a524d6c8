"""Answers to lookups and registrations for people: rich tables, a function for each thing, no printing.

Whatever comes from elsewhere is put in a Text: as a plain string its brackets would be taken for markup.
"""

from collections.abc import Iterable
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.text import Text

from jbplus.consultation.wire import NetAnswer, PersonAnswer, VerrichtingAnswer
from jbplus.registrations.rules import RegistrationResult
from jbplus.registrations.wire import RegisteredItem, RegistrationAnswer
from jbplus_cli.screen import looks
from jbplus_cli.screen.looks import BAD, DOUBTFUL, GOOD, INSTALMENTS
from jbplus_recipient.answers import Refused

_RESULT_STYLES: dict[str, str] = {
    RegistrationResult.REGISTERED: GOOD,
    RegistrationResult.CHANGED: DOUBTFUL,
    RegistrationResult.UNCHANGED: "dim",
}


def person(answer: PersonAnswer) -> RenderableType:
    """Show what is known of one person: its payments and recoveries, and the net of each fiscal year."""
    title = Text.assemble(("Person ", "bold"), (answer.insz, "bold cyan"))
    doubt = (" In doubt: WEWIS looks into a report.", DOUBTFUL) if answer.in_onderzoek else ""
    if not answer.verrichtingen and not answer.netto_per_fiscaal_jaar:
        return Text.assemble(title, ": registered; no payments known.", doubt)
    title = Text.assemble(title, (f" (volgnummer {answer.volgnummer})", "dim"), doubt)
    return Group(title, _payments(answer.verrichtingen), _totals(answer.netto_per_fiscaal_jaar), Text())


def refused(item: Refused) -> Text:
    """Show why one person of a request was refused."""
    return Text.assemble(("Person ", "bold"), (item.insz, "bold cyan"), ": ", ("refused: ", BAD), item.problem.words)


def lookup(item: PersonAnswer | Refused) -> RenderableType:
    """Show one item of a lookup, answered or refused."""
    return refused(item) if isinstance(item, Refused) else person(item)


def registrations(items: Iterable[RegisteredItem | Refused]) -> RenderableType:
    """Show what became of registrations."""
    table = looks.table("Registrations")
    table.add_column("Person", style="cyan", no_wrap=True)
    table.add_column("Result", overflow="fold")
    for item in items:
        outcome = (
            Text.assemble(("refused: ", BAD), item.problem.words)
            if isinstance(item, Refused)
            else Text(item.resultaat, _RESULT_STYLES.get(item.resultaat, ""))
        )
        table.add_row(Text(item.insz), outcome)
    return table


def registration(found: RegistrationAnswer) -> Text:
    """Show a party's own registration of a person."""
    title = Text.assemble(("Person ", "bold"), (found.insz, "bold cyan"), ": ")
    if found.periode is None:
        return title.append("not registered.")
    until = "open" if found.periode.einde is None else f"to {found.periode.einde}"
    return title.append(f"registered from {found.periode.begin}, {until}; recht {found.recht}.")


def deleted(number: str) -> Text:
    """Show that a person is not registered any more."""
    return Text.assemble(("Person ", "bold"), (number, "bold cyan"), ": not registered any more.")


def _payments(payments: Iterable[VerrichtingAnswer]) -> RenderableType:
    table = looks.table("Payments and recoveries")
    table.add_column("Fiscal year", justify="right", no_wrap=True)
    table.add_column("Instalment")
    table.add_column("Day", no_wrap=True)
    table.add_column("Amount (EUR)", justify="right", no_wrap=True)
    table.add_column("Referte", overflow="fold")
    for payment in payments:
        table.add_row(
            str(payment.fiscaal_jaar),
            Text(INSTALMENTS.get(payment.bedragtype, payment.bedragtype)),
            payment.effectieve_verrichtingsdatum.isoformat(),
            _amount(payment.verrichtingbedrag),
            Text(payment.referte),
        )
    return table


def _totals(totals: Iterable[NetAnswer]) -> RenderableType:
    table = looks.table("Net per fiscal year (EUR)")
    for heading in ("Fiscal year", "Paid", "Reclaimed", "Net"):
        table.add_column(heading, justify="right", no_wrap=True)
    for total in totals:
        net = _amount(total.netto)
        net.stylize("bold")
        table.add_row(str(total.fiscaal_jaar), _amount(total.betaald), _amount(total.teruggevorderd), net)
    return table


def _amount(amount: Decimal) -> Text:
    """Write an amount exactly as it is: `f` neither rounds nor takes exponents."""
    return Text(f"{amount:f}", "red" if amount < 0 else "")
