"""What a recipient is shown: what to deduct for whom, and how it stands with the exchange."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pydantic import JsonValue
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.parties import Party
from jbplus_cli.screen import looks
from jbplus_recipient.changes import CSV_NAME as CHANGES
from jbplus_recipient.changes import Change
from jbplus_recipient.client import Outcome
from jbplus_recipient.deductions import CSV_NAME, JSON_LINES_NAME, Deduction
from jbplus_recipient.standing import Standing
from jbplus_recipient.stands import Divergence, Proof


def outcome(found: Outcome, output: Path) -> RenderableType:
    """Show what a sync did."""
    table = looks.fields()
    table.add_row("New notices", str(found.taken))
    table.add_row("Looked up", looks.counted(found.looked_up, "person"))
    if found.expired:
        table.add_row("Forgotten", looks.counted(found.expired, "person") + ", five years after the last payment")
    table.add_row("Deductions", Text(f"{found.rows} in {output / CSV_NAME} and {JSON_LINES_NAME}"))
    table.add_row("Changed", Text(f"{found.changes} in {output / CHANGES}"))
    return Group(table, _state(found.standing), *_divergences(found.differed))


def outcome_wire(found: Outcome) -> dict[str, JsonValue]:
    """Say the same for programs."""
    return {
        "taken": found.taken,
        "malformed": [{"name": file.name, "reason": file.reason} for file in found.malformed],
        "unread": [{"name": file.name, "reason": file.reason} for file in found.unread],
        "lookedUp": found.looked_up,
        "expired": found.expired,
        "rows": found.rows,
        "changes": found.changes,
        "standing": standing_wire(found.standing),
        "differed": _divergences_wire(found.differed),
        "healed": found.healed,
    }


def standing(found: Standing) -> RenderableType:
    """Show how the recipient stands."""
    parts: list[RenderableType] = [_state(found)]
    if found.proof is not None:
        parts += _divergences(found.proof.divergences)
    if found.refused:
        refused = looks.table("Refused, and left out")
        refused.add_column("Person", style="cyan", no_wrap=True)
        refused.add_column("Code", overflow="fold")
        for number, code in found.refused.items():
            refused.add_row(Text(number), Text(code))
        parts.append(refused)
    if found.due:
        parts.append(Text.assemble(("Still to be looked up: ", looks.DOUBTFUL), ", ".join(found.due)))
    return Group(*parts)


def standing_wire(found: Standing) -> dict[str, JsonValue]:
    """Say how the recipient stands for programs."""
    return {
        "persons": found.persons,
        "due": list(found.due),
        "refused": [{"insz": number, "code": code} for number, code in found.refused.items()],
        "inDoubt": list(found.in_doubt),
        "missingNotices": [{"van": gap.first, "tot": gap.last} for gap in found.missing],
        "missingSuccessionNotices": [{"van": gap.first, "tot": gap.last} for gap in found.missing_successions],
        "lastNotice": found.last_notice,
        "lastVolgnummer": found.last_volgnummer,
        "inStep": found.is_in_step,
        "stand": None
        if found.proof is None
        else {
            "tijdstip": found.proof.moment.isoformat(),
            "persons": found.proof.persons,
            "differed": _divergences_wire(found.proof.divergences),
        },
    }


def _divergences_wire(found: Sequence[Divergence]) -> list[JsonValue]:
    return [{"name": one.name, "kind": one.kind.value, "healed": one.is_healed} for one in found]


def _divergences(found: Sequence[Divergence]) -> list[RenderableType]:
    """Show what differed from what the exchange has, if anything did."""
    if not found:
        return []
    table = looks.table("Not as the exchange had it")
    table.add_column("Person or handle", style="cyan", overflow="fold")
    table.add_column("What", no_wrap=True)
    table.add_column("Mended", no_wrap=True)
    for one in found:
        table.add_row(Text(one.name), one.kind.value, Text("yes") if one.is_healed else Text("no", looks.BAD))
    return [table]


def deductions(rows: Sequence[Deduction], party: Party) -> RenderableType:
    """Show what is to be deducted for whom; the number is that of the latest file that touched the person."""
    if not rows:
        return Text(f"{party.name} has nothing to deduct.")
    table = looks.table(f"{party.name}: to be deducted (EUR)")
    table.add_column("Person", style="cyan", no_wrap=True)
    for heading in ("Fiscal year", "Paid", "Reclaimed", "Net", "Deduct", "Nr"):
        table.add_column(heading, justify="right", no_wrap=True)
    told = _column_of_doubt(table, [row.in_doubt for row in rows])
    for row, doubt in zip(rows, told, strict=True):
        amounts = [f"{amount:f}" for amount in (row.paid, row.reclaimed, row.net)]
        deducted, number = Text(f"{row.deducted:f}", "bold"), str(row.volgnummer or "")
        table.add_row(Text(row.insz), str(row.fiscal_year), *amounts, deducted, number, *doubt)
    return table


def changes(found: Sequence[Change], party: Party, since: date) -> RenderableType:
    """Show which deductions are not what they were before a day."""
    if not found:
        return Text(f"{party.name}: no deduction changed since {since}.")
    table = looks.table(f"{party.name}: deductions that changed since {since} (EUR)")
    table.add_column("Person", style="cyan", no_wrap=True)
    for heading in ("Fiscal year", "Before", "Now"):
        table.add_column(heading, justify="right", no_wrap=True)
    told = _column_of_doubt(table, [change.after.in_doubt for change in found])
    for change, doubt in zip(found, told, strict=True):
        year, now = str(change.key.fiscal_year), Text(f"{change.after.deducted:f}", "bold")
        table.add_row(Text(change.key.insz), year, f"{change.before.deducted:f}", now, *doubt)
    return table


def _column_of_doubt(table: Table, in_doubt: Sequence[bool]) -> list[tuple[Text, ...]]:
    """Add a column where anybody is in doubt, and give what stands in it; else there is room for the amounts."""
    if not any(in_doubt):
        return [()] * len(in_doubt)
    table.add_column("In doubt")
    return [(Text("yes", looks.DOUBTFUL) if doubted else Text(),) for doubted in in_doubt]


def _state(found: Standing) -> RenderableType:
    table = looks.fields()
    table.add_row("Persons", str(found.persons))
    table.add_row("Last notice", str(found.last_notice))
    table.add_row("Last volgnummer", str(found.last_volgnummer))
    if found.proof is not None:
        table.add_row("In step", _in_step(found, found.proof))
    if found.missing:
        missing = ", ".join(gap.words for gap in found.missing)
        table.add_row("Missing notices", Text(missing, looks.DOUBTFUL))
    if found.due:
        table.add_row("Due", Text(looks.counted(len(found.due), "person"), looks.DOUBTFUL))
    if found.in_doubt:
        table.add_row("In doubt", Text(looks.counted(len(found.in_doubt), "person"), looks.DOUBTFUL))
    if found.refused:
        table.add_row("Refused", Text(looks.counted(len(found.refused), "person"), looks.BAD))
    return table


def _in_step(found: Standing, proof: Proof) -> Text:
    when = f"the stand of {brussels_day(proof.moment)}, of {looks.counted(proof.persons, 'registration')}"
    mended = sum(one.is_healed for one in proof.divergences)
    if not proof.is_in_step:
        return Text(f"no, by {when}", looks.BAD)
    words = f"proven by {when}" + (f"; {mended} mended" if mended else "")
    return Text(words) if found.is_in_step else Text(f"{words}; since then persons are due", looks.DOUBTFUL)
