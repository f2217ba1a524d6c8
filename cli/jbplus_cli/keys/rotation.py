"""Rotating the key of the pseudonyms (`jbplus.persons.rotation` says how calls go on meanwhile).

It may die anywhere: begun again, it goes on from the phase that stands in the tables. A phase is left only when nobody
can go by the one before it any more.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from jbplus.persons.pseudonym import KeyRing, Name
from jbplus.persons.rotation import LEASE, Phase, Standing
from jbplus_recipient.errors import ExchangeError

if TYPE_CHECKING:
    from jbplus.aws.dynamodb import Item

Advance = Callable[[int], None]
Progress = Callable[[str, int], AbstractContextManager[Advance]]
"""Follows a step of so many parts, and is told how many more are done."""

LONGEST_CALL = 10.0 + LEASE
"""Seconds after which no call of the API can go by an earlier phase: what API Gateway's functions may take."""
_MOST_PASSES = 20
_STEPS_OF_A_WAIT = 20


class KeyedTable(Protocol):
    """A table whose items are kept under pseudonyms."""

    @property
    def label(self) -> str:
        """What is in it, for people to read."""
        ...

    def count(self, version: int) -> int:
        """Count the items under names of a version."""
        ...

    def pages(self, version: int) -> "Iterator[Sequence[Item]]":
        """Read the items under names of a version, a page at a time."""
        ...

    def copy(self, items: "Sequence[Item]", version: int, successor: Callable[[str], Name]) -> int:
        """Copy items to their next names, unless their copies stand there already.

        Returns:
            How many were not as they should be; what a rival came between is left for the next time.
        """
        ...

    def remove(self, items: "Sequence[Item]", version: int) -> None:
        """Remove items under names of a version; what a rival came between is left for the next time."""
        ...


class StandingStore(Protocol):
    """Where the tables tell which version they are at."""

    def read(self) -> Standing:
        """Read it."""
        ...

    def write(self, becomes: Standing, replaces: Standing) -> None:
        """Write it, in all tables or none.

        Raises:
            ExchangeError: it is not what it replaces: somebody else rotates.
        """
        ...


class KeySecret(Protocol):
    """The secret that holds the keys."""

    def ring(self) -> KeyRing:
        """Read the keys."""
        ...

    def add_key(self, version: int) -> None:
        """Add a new random key, which waits for its version to be named."""
        ...

    def name_version(self, version: int) -> None:
        """Name the version of the newest key."""
        ...


class Halted(Protocol):
    """What waits for a rotation."""

    def stop(self) -> None:
        """Stop the intake of files; what comes waits."""
        ...

    def go_on(self) -> None:
        """Let the intake go on, and statistics be counted that were due meanwhile. Once more is fine."""
        ...


@dataclass(frozen=True, slots=True)
class Rotation:
    """Rotates the key of all tables.

    Attributes:
        tables: those with pseudonyms for keys.
        standings: where they tell which version they are at.
        secret: the keys.
        halted: what waits meanwhile.
        longest: seconds after which no invocation at all can go by an earlier phase.
        progress: shows how far it is.
        sleep: pauses for a number of seconds.
        monotonic: gives a number of seconds that only grows.
    """

    tables: Sequence[KeyedTable]
    standings: StandingStore
    secret: KeySecret
    halted: Halted
    longest: float
    progress: Progress
    sleep: Callable[[float], None]
    monotonic: Callable[[], float]

    def run(self) -> Standing:
        """Rotate the key; or go on with a rotation that did not come to its end.

        Returns:
            The standing of the tables at the end.

        Raises:
            ExchangeError: secret and tables do not agree, or others kept writing; running again is harmless.
        """
        standing = self.standings.read()
        if standing.is_closed:
            raise ExchangeError("An earlier moment is being restored. Bring that to its end first: jbplus restore.")
        steps = {
            Phase.SETTLED: self._begin,
            Phase.OPENING: self._open,
            Phase.COPYING: self._copy,
            Phase.SWITCHED: self._leave,
            Phase.CLOSING: self._close,
            Phase.SWEEPING: self._sweep,
        }
        while True:
            becomes = steps[standing.phase](standing)
            self.standings.write(becomes, standing)
            standing = becomes
            if standing.phase is Phase.SETTLED:
                return standing

    def _begin(self, standing: Standing) -> Standing:
        """Have the next key ready; whoever reads the phase that follows finds it."""
        self._ring(standing)
        self.halted.stop()
        if len(self.secret.ring().keys) == standing.version:
            self.secret.add_key(standing.version + 1)
        # A rival may have put another key meanwhile: the one that stands is the one that counts.
        ring = self._ring(standing)
        return Standing(standing.version, Phase.OPENING, ring.mark(standing.version + 1))

    def _open(self, standing: Standing) -> Standing:
        """Have everybody remove under both names; nothing is written under the next one yet."""
        self._ring(standing)
        self.halted.stop()
        self._wait("Waiting for calls that know one name only", LONGEST_CALL)
        return Standing(standing.version, Phase.COPYING, standing.mark)

    def _copy(self, standing: Standing) -> Standing:
        """Copy all to the next names; by the end everybody writes under both."""
        ring = self._ring(standing)
        self.halted.stop()
        begun = self.monotonic()
        self._wait("Waiting for calls that write under one name", LONGEST_CALL)
        self._copy_all(ring, standing)
        self._wait("Waiting for files that are being taken in", self.longest - (self.monotonic() - begun))
        for _ in range(_MOST_PASSES):
            if not self._copy_all(ring, standing):
                return Standing(standing.newest, Phase.SWITCHED, standing.mark)
        raise ExchangeError("Others kept writing what was copied. Run jbplus rekey again: it goes on from here.")

    def _copy_all(self, ring: KeyRing, standing: Standing) -> int:
        version, newest = standing.version, standing.newest

        def successor(person: str) -> Name:
            return Name(ring.successor(person, newest), newest)

        changed = 0
        for table in self.tables:
            with self.progress(f"Copying {table.label}", table.count(version)) as advance:
                for items in table.pages(version):
                    changed += table.copy(items, version, successor)
                    advance(len(items))
        return changed

    def _leave(self, standing: Standing) -> Standing:
        """Name the new version in the secret; by the end nobody reads under the old names first."""
        self._ring(standing)
        self.halted.stop()
        self.secret.name_version(standing.version)
        self._wait("Waiting for calls that read the old names", LONGEST_CALL)
        return Standing(standing.version, Phase.CLOSING, standing.mark)

    def _close(self, standing: Standing) -> Standing:
        """Have nobody read or write under the old names any more."""
        self._ring(standing)
        self.halted.stop()
        self._wait("Waiting for calls that write under both names", LONGEST_CALL)
        return Standing(standing.version, Phase.SWEEPING, standing.mark)

    def _sweep(self, standing: Standing) -> Standing:
        """Remove what is left under the old names, once nobody reads or writes it."""
        self._ring(standing)
        self.halted.go_on()
        self._wait("Waiting for what may still read the old names", self.longest)
        before = standing.version - 1
        for _ in range(_MOST_PASSES):
            if not sum(table.count(before) for table in self.tables):
                return Standing(standing.version, Phase.SETTLED, standing.mark)
            for table in self.tables:
                with self.progress(f"Removing old names of {table.label}", table.count(before)) as advance:
                    for items in table.pages(before):
                        table.remove(items, before)
                        advance(len(items))
        raise ExchangeError("Old names could not be removed. Run jbplus rekey again: it goes on from here.")

    def _ring(self, standing: Standing) -> KeyRing:
        """Read the keys, once they are known to be those of the tables."""
        ring = self.secret.ring()
        standing.pseudonyms(ring)
        return ring

    def _wait(self, description: str, seconds: float) -> None:
        if seconds <= 0:
            return
        with self.progress(description, _STEPS_OF_A_WAIT) as advance:
            for _ in range(_STEPS_OF_A_WAIT):
                self.sleep(seconds / _STEPS_OF_A_WAIT)
                advance(1)
