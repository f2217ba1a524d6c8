"""A party's registrations by handle, in memory."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FakeHandles:
    """Lists the same pseudonyms whatever is asked."""

    persons: Sequence[str]

    def of_party(self, party: str, version: int, ranges: Collection[str] | None) -> Iterator[Sequence[str]]:  # noqa: ARG002 - the protocol's
        yield self.persons
