"""The state of a person whose number changed: joined from what stands under each number, each time it is read.

Of each `referte` the highest rank decides, but an annulment annuls only what came under its own number or under one
that it replaced: so that a payment that was mended by an annulment under the old number and a payment under the new
survives that the two numbers are linked.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from jbplus.persons.state import Entry, PersonState
from jbplus.successions.rules import Links, chain


@dataclass(frozen=True, slots=True)
class Woven:
    """The states of a person's numbers as they must be kept, and what they are together.

    Attributes:
        states: by pseudonym.
        whole: joined.
    """

    states: Mapping[str, PersonState]
    whole: PersonState


def joined(states: Mapping[str, PersonState], links: Links) -> PersonState:
    """Join the states of the numbers of one person.

    Args:
        states: by pseudonym; of numbers that the links join.
        links: which number replaces which.
    """
    if len(states) == 1:
        (only,) = states.values()
        return only
    replaced = links.counting
    leads_to = {person: frozenset(chain(person, replaced)) for person in states}
    found: dict[str, list[tuple[str, Entry]]] = {}
    for person, state in sorted(states.items()):
        for referte, entry in state.entries.items():
            found.setdefault(referte, []).append((person, entry))
    return PersonState({referte: _decided(entries, leads_to) for referte, entries in found.items()})


def weave(states: Mapping[str, PersonState], links: Links, years: int) -> Woven:
    """Join the states of one person's numbers, and end in each what a later record of any of them starts anew.

    Args:
        states: by pseudonym; of numbers that the links join.
        links: which number replaces which.
        years: the retention term.
    """
    whole = joined(states, links).started_anew(years)
    ended = {referte for referte, entry in whole.entries.items() if entry.ended}
    return Woven({person: state.without(ended) for person, state in states.items()}, whole)


def _decided(entries: Sequence[tuple[str, Entry]], leads_to: Mapping[str, Collection[str]]) -> Entry:
    """Decide one `referte`; the highest rank that spoke of it is kept, whatever it said."""
    annulments = [(person, entry.rank) for person, entry in entries if entry.is_annulled]
    standing = [
        entry
        for person, entry in entries
        if not entry.is_annulled and not any(rank > entry.rank and by in leads_to[person] for by, rank in annulments)
    ]
    if standing:
        decides = max(standing, key=lambda entry: entry.rank)
    else:
        decides = reduce(Entry.join, (entry for _, entry in entries))
    return replace(decides, rank=max(entry.rank for _, entry in entries))
