"""Whether a record of a mutation file is in its person's state, or outranked there (Article 3)."""

from datetime import date

from jbplus.mutation_file.records import FIRST_DAY
from jbplus.persons.state import Entry, PersonState
from jbplus.protocol.calendar import anniversary
from jbplus.successions.rules import Link, Links
from jbplus_cli.checks.findings import Kind


def judge(state: PersonState, referte: str, entry: Entry) -> Kind | None:
    """Compare a record with the state of its person; None when it is there or outranked.

    Args:
        state: the person's state.
        referte: of the record.
        entry: the record in the terms of the state.
    """
    known = state.entries.get(referte)
    if known is None:
        return Kind.RECORD_MISSING
    if known.rank < entry.rank:
        return Kind.RECORD_NOT_APPLIED
    if known.rank == entry.rank and known.payment != entry.payment and not known.ended:
        return Kind.RECORD_DIFFERS
    # What is annulled keeps the day of its highest body; the day of a file only while there is none.
    if entry.body_rank is None:
        differs = known.rank == entry.rank and known.body_rank is None and known.day != entry.day
    elif known.body_rank is None or known.body_rank < entry.body_rank:
        differs = True
    else:
        differs = known.body_rank == entry.body_rank and known.day != entry.day
    return Kind.RECORD_DIFFERS if differs else None


def judge_link(links: Links, old: str, link: Link) -> Kind | None:
    """Compare a succession with the links of the number that it is about; None when it is there or outranked.

    Args:
        links: those of the number.
        old: its pseudonym.
        link: what the succession says.
    """
    known = links.by_old.get(old)
    if known is None:
        return Kind.RECORD_MISSING
    if known.rank < link.rank:
        return Kind.RECORD_NOT_APPLIED
    return Kind.RECORD_DIFFERS if known.rank == link.rank and known != link else None


def may_have_ended(kept: PersonState, until: date, years: int) -> bool | None:
    """Tell whether records that are not in the state may have ended with their person before a day (Article 3 b).

    A live payment keeps its person for the whole term, whatever else there was. All else may be dated by a payment that
    no kept file tells of.

    Args:
        kept: what the kept files tell of the person, and the state does not.
        until: today, of a person who is gone; else the day of the latest record in the state.
        years: the retention term.

    Returns:
        Whether they have; None when it cannot be known.
    """
    paid = [payment.day for _, payment in kept.payments if not payment.is_recovery]
    if paid:
        return anniversary(max(paid), years) < until
    return None if anniversary(FIRST_DAY, years) < until else False


def last_day_told(state: PersonState) -> date | None:
    """Give the day of the latest record with a body in a state: one that may have started the person anew."""
    return max((entry.day for entry in state.entries.values() if entry.body_rank is not None), default=None)
