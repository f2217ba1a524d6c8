"""Linking numbers: a succession is written with all that it joins, whoever else is writing the same."""

from jbplus.errors import ConflictError
from jbplus.persons.merging import PersonStore, Read
from jbplus.persons.state import Outcome
from jbplus.protocol.calendar import Clock
from jbplus.retry import Sleep, TimeLeft, no_deadline, patiently
from jbplus.successions.rules import MAX_NUMBERS, Link, Links

_MOST_ATTEMPTS = 12


def link(
    store: PersonStore,
    old: str,
    link: Link,
    *,
    retention_years: int,
    clock: Clock,
    sleep: Sleep,
    time_left: TimeLeft = no_deadline,
) -> Outcome:
    """Say what replaces a number, unless a higher rank said it already.

    Args:
        store: where links and states are kept.
        old: the pseudonym of the number that is replaced.
        link: what replaces it.
        retention_years: the retention term.
        clock: gives the present moment.
        sleep: pauses for a number of seconds.
        time_left: gives the number of seconds in which another try may begin.

    Returns:
        What became of it; `TOO_MANY` when too many numbers would be linked with each other.

    Raises:
        UnavailableError: the store is out of reach, or others kept coming between.
    """
    return patiently(
        lambda: _try_to_link(store, old, link, retention_years, clock),
        _MOST_ATTEMPTS,
        sleep,
        time_left,
        what="links",
    )


def _try_to_link(store: PersonStore, old: str, link: Link, years: int, clock: Clock) -> Outcome:
    named = {old} if link.new is None else {old, link.new}
    before = Links()
    for stored in store.links(named).values():
        before = before.joined(stored.links)
    decided = before.by_old.get(old)
    if decided is not None and decided.rank[0] > link.rank[0]:
        return Outcome.SUPERSEDED
    after = before.joined(Links({old: link}))
    if any(len(cluster.numbers) > MAX_NUMBERS for cluster in after.clusters().values()):
        return Outcome.TOO_MANY
    read = Read.of(store, before.numbers | after.numbers, clock())
    if read.clusters != before.clusters():
        raise ConflictError("links: others were written meanwhile")
    changes = read.together({number: read.state(number) for number in read.numbers}, after, years)
    if not changes.is_empty:
        store.write_together(changes)
    return Outcome.APPLIED
