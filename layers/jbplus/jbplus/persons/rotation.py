"""Rotating the key of the pseudonyms, while calls go on: which version the tables are at, and what follows from it.

A rotation from n to n+1 goes through phases, one after another. Who reads the phase may go by it for a short while;
whoever moves the rotation on waits until nobody can go by the phase before the last one any more. So at any moment all
go by one of two neighbouring phases, and those agree with each other:

| phase    | read          | written under | removed under |
|----------|---------------|---------------|---------------|
| settled  | n             | n             | n             |
| opening  | n             | n             | both          |
| copying  | n, then n+1   | both          | both          |
| switched | n+1, then n   | both          | both          |
| closing  | n+1           | n+1           | both          |
| sweeping | n+1           | n+1           | n+1           |
| settled  | n+1           | n+1           | n+1           |

Opening and closing are for what is removed: else it would be found under the name of which its remover does not know.
The states of persons are not written before sweeping: the intake waits.

A table that is set back to an earlier moment is closed by the same means, so that no lookup is answered by half of it:
restoring has everybody wait, replaying lets the intake in alone, until all files since then are in again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from jbplus.errors import UnavailableError
from jbplus.persons.pseudonym import KeyRing, Pseudonyms

LEASE = 10.0
"""How long a phase that was read may be gone by, in seconds."""


class Phase(StrEnum):
    """How far a rotation has come."""

    SETTLED = "settled"
    OPENING = "opening"
    COPYING = "copying"
    SWITCHED = "switched"
    CLOSING = "closing"
    SWEEPING = "sweeping"
    RESTORING = "restoring"
    REPLAYING = "replaying"


_CLOSED = frozenset({Phase.RESTORING, Phase.REPLAYING})
_KEPT_TWICE = frozenset({Phase.COPYING, Phase.SWITCHED})
_STEPS_TO_THE_OTHER = {Phase.OPENING: 1, Phase.COPYING: 1, Phase.SWITCHED: -1, Phase.CLOSING: -1}


class KeyVersionError(UnavailableError):
    """The secret does not hold the keys that the tables are at."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Which version of the key the tables are at.

    Attributes:
        version: the version that the tables are read by.
        phase: how far a rotation has come.
        mark: the mark of the newest key that the tables are kept under; None before the first rotation.
        moment: the moment that the tables are set back to, as ISO 8601 has it; None while they are not.
    """

    version: int = 1
    phase: Phase = Phase.SETTLED
    mark: str | None = None
    moment: str | None = None

    @property
    def other(self) -> int | None:
        """The other version of a rotation that runs."""
        step = _STEPS_TO_THE_OTHER.get(self.phase)
        return None if step is None else self.version + step

    @property
    def is_rotating(self) -> bool:
        """Whether something may stand under two versions, and count."""
        return self.other is not None

    @property
    def is_closed(self) -> bool:
        """Whether persons may be missing that belong there: an earlier moment is being restored."""
        return self.phase in _CLOSED

    @property
    def newest(self) -> int:
        """The newest version that the tables are kept under."""
        return max(self.version, self.other or 0)

    @property
    def settled_version(self) -> int:
        """The version under which the states of persons are written, which wait for a rotation.

        Raises:
            UnavailableError: a rotation runs, or persons are being set back.
        """
        if self.is_rotating:
            raise UnavailableError("pseudonym keys: a rotation runs, the states of persons wait for it")
        if self.phase is Phase.RESTORING:
            raise UnavailableError("persons: an earlier moment is being restored, their states wait for it")
        return self.version

    def demand_all(self) -> None:
        """Make sure that each person is there, and once: for who answers, or reads all persons.

        Raises:
            UnavailableError: they are being set back.
        """
        if self.is_closed:
            raise UnavailableError("persons: an earlier moment is being restored, answers wait for it")

    def pseudonyms(self, ring: KeyRing) -> Pseudonyms:
        """Give what makes the pseudonyms of tables that stand like this.

        Raises:
            KeyVersionError: the secret names another version, or holds another key, than the tables are at. Going on
                would find nobody, and answer that there is nothing to deduct.
        """
        named = {self.version, self.other} if self.is_rotating else {self.version}
        if ring.version not in named or len(ring.keys) < self.newest:
            raise KeyVersionError("pseudonym keys: the tables are not at the version that the secret names")
        if self.mark is not None and self.mark != ring.mark(self.newest):
            raise KeyVersionError("pseudonym keys: the secret holds another key than the tables are kept under")
        return Pseudonyms(ring.keys[: self.newest], self.version, self.other, is_kept_twice=self.phase in _KEPT_TWICE)


@dataclass(slots=True)
class KeysInUse:
    """Gives the keys that the tables are at, at every moment of a rotation.

    Attributes:
        ring: gives the secret's keys; with True it reads them anew.
        standing: reads which version the tables are at.
        now: gives the present moment in epoch seconds.
    """

    ring: Callable[[bool], KeyRing]
    standing: Callable[[], Standing]
    now: Callable[[], float] = time.time
    _standing: Standing | None = field(default=None, init=False)
    _read_at: float = field(default=0.0, init=False)
    _is_forgotten: bool = field(default=False, init=False)

    def forget(self) -> None:
        """Read both anew at the next question, however fresh they are."""
        self._standing, self._is_forgotten = None, True

    def current(self) -> Pseudonyms:
        """Give what makes the pseudonyms that the tables are kept under.

        Raises:
            UnavailableError: secret or table is out of reach, they are not at the same version, or persons are missing
                while an earlier moment is restored.
        """
        standing = self._at_most_a_lease_old()
        standing.demand_all()
        return self._pseudonyms(standing)

    def _pseudonyms(self, standing: Standing) -> Pseudonyms:
        anew = self._is_forgotten
        try:
            ring = self.ring(anew)
            self._is_forgotten = False
            return standing.pseudonyms(ring)
        except KeyVersionError:
            # A key that was put meanwhile is taken up at once.
            return standing.pseudonyms(self.ring(True))  # noqa: FBT003

    def alone(self) -> Pseudonyms:
        """Give the same to who must find each person there, and once: who compares all that is known of a party's.

        Raises:
            UnavailableError: as of `current` and `version`.
        """
        self.version()
        return self.current()

    def is_alone(self) -> bool:
        """Tell whether `alone` gives keys now: neither a rotation nor a restore runs."""
        standing = self._at_most_a_lease_old()
        return not standing.is_rotating and not standing.is_closed

    def settled(self) -> Pseudonyms:
        """Give the same to who writes the states of persons, which waits for a rotation.

        Raises:
            UnavailableError: secret or table is out of reach, or as of `version`.
        """
        self.version()
        return self._pseudonyms(self._at_most_a_lease_old())

    def version(self) -> int:
        """Give the version under which the states of persons are written.

        Raises:
            UnavailableError: the table is out of reach, a rotation runs, or persons are being set back.
        """
        return self._at_most_a_lease_old().settled_version

    def _at_most_a_lease_old(self) -> Standing:
        now = self.now()
        if self._standing is None or not 0 <= now - self._read_at < LEASE:
            self._standing, self._read_at = self.standing(), now
        return self._standing
