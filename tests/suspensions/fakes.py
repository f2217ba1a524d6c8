"""Suspensions in memory."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from jbplus.errors import ConflictError
from jbplus.persons.state import version_of
from jbplus.suspensions.rules import Suspension, encode
from jbplus.suspensions.service import StoredSuspensions


@dataclass
class FakeSuspensionStore:
    """Keeps the suspensions of each party, with the conditions of the real table.

    Attributes:
        rivals: each comes between one read and its write.
    """

    items: dict[str, tuple[Suspension, ...]] = field(default_factory=dict)
    writes: int = 0
    rivals: list[Callable[["FakeSuspensionStore"], None]] = field(default_factory=list)

    def read(self, parties: Collection[str]) -> dict[str, StoredSuspensions]:
        return {party: self._stored(party) for party in parties}

    def write(self, party: str, suspensions: Sequence[Suspension], replaces: str | None) -> None:
        if self.rivals:
            self.rivals.pop()(self)
        if self._stored(party).version != replaces:
            raise ConflictError("suspensions")
        self.items[party] = tuple(suspensions)
        self.writes += 1

    def _stored(self, party: str) -> StoredSuspensions:
        if party not in self.items:
            return StoredSuspensions()
        return StoredSuspensions(self.items[party], version_of(encode(self.items[party])))
