"""Reading all persons, each once."""

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from jbplus.errors import UnavailableError
from jbplus.persons.merging import WholePerson


class PersonScan(Protocol):
    """Where all persons are read from."""

    def key_version(self) -> int:
        """Give the version of the key that the persons' names are of.

        Raises:
            UnavailableError: throttled or out of reach, or a rotation runs.
        """
        ...

    @property
    def succession_allowed(self) -> bool:
        """Whether numbers may be linked."""
        ...

    def numbers_with_links(self, number: int, of: int) -> Iterator[str]:
        """Read one of several parts of all persons: the pseudonyms of who has several numbers.

        Raises:
            UnavailableError: throttled or out of reach.
        """
        ...

    def linked(self, numbers: Collection[str]) -> Mapping[frozenset[str], WholePerson]:
        """Read the persons who have several numbers, each once, by the pseudonyms of these.

        Args:
            numbers: those that have links.

        Raises:
            UnavailableError: throttled or out of reach.
        """
        ...

    def segment(self, number: int, of: int, without: Collection[str] = ()) -> Iterator[WholePerson]:
        """Read one of several parts of all persons but some, a page at a time; without telling who they are.

        Raises:
            UnavailableError: throttled or out of reach.
        """
        ...


def each_once(scan: PersonScan) -> Iterator[WholePerson]:
    """Give all persons, each once: who has several numbers is one person.

    Raises:
        UnavailableError: throttled or out of reach, or a rotation came between.
    """
    version = scan.key_version()
    linked = scan.linked(frozenset(scan.numbers_with_links(0, 1))) if scan.succession_allowed else {}
    yield from linked.values()
    yield from scan.segment(0, 1, frozenset(number for person in linked for number in person))
    if scan.key_version() != version:
        # Who was read has another name by now.
        raise UnavailableError("pseudonym keys: a rotation came between, reading begins anew")
