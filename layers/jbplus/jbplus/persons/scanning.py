"""Reading all persons, each once."""

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from jbplus.persons.merging import StoredPerson


class PersonScan(Protocol):
    """Where all persons are read from."""

    def linked(self) -> Mapping[frozenset[str], StoredPerson]:
        """Read the persons who have several numbers, each once, by the pseudonyms of these.

        Raises:
            UnavailableError: throttled or out of reach.
        """
        ...

    def segment(self, number: int, of: int, without: Collection[str] = ()) -> Iterator[StoredPerson]:
        """Read one of several parts of all persons but some, a page at a time; without telling who they are.

        Raises:
            UnavailableError: throttled or out of reach.
        """
        ...


def each_once(scan: PersonScan) -> Iterator[StoredPerson]:
    """Give all persons, each once: who has several numbers is one person.

    Raises:
        UnavailableError: throttled or out of reach.
    """
    linked = scan.linked()
    yield from linked.values()
    yield from scan.segment(0, 1, frozenset(number for person in linked for number in person))
