"""Setting tables back to a moment, or filling those of a new stack, while nobody is answered by half of them.

AWS restores a table beside the damaged one, without its settings: no TTL, no recovery of its own, no protection; and
CloudFormation goes on with the old one. So what the copy holds is written into the stack's own table, and then it goes.

It may die anywhere: begun again with the same moment, it goes on from the phase that stands in the tables.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from jbplus.persons.pseudonym import KeyRing
from jbplus.persons.rotation import Phase, Standing
from jbplus_cli.keys.rotation import LONGEST_CALL, StandingStore
from jbplus_recipient.errors import ExchangeError

Advance = Callable[[int], None]
Progress = Callable[[str, int | None], AbstractContextManager[Advance]]
"""Follows a step of so many parts, and is told how many more are done."""

_STEPS_OF_A_WAIT = 20
_PATIENCE = 6 * 60 * 60.0
_PAUSE = 20.0


class RestoredTable(Protocol):
    """A table of the stack, and its copy of a moment."""

    @property
    def label(self) -> str:
        """What is in it, for people to read."""
        ...

    def begin_copy(self, moment: datetime) -> None:
        """Have the copy made, unless it is there or being made.

        Raises:
            ExchangeError: there cannot be one of this moment.
        """
        ...

    def is_copied(self, moment: datetime) -> bool:
        """Tell whether the copy can be read."""
        ...

    def set_back(self, moment: datetime, ring: KeyRing, version: int, advance: Advance) -> None:
        """Make the table what the copy is; it may be broken off and done again.

        Args:
            moment: of the copy.
            ring: the keys of the pseudonyms.
            version: of the key that the table is at now.
            advance: is told how many items were looked at.
        """
        ...

    def remove_copy(self, moment: datetime) -> None:
        """Remove the copy; fine when it is gone."""
        ...


class KeyReader(Protocol):
    """The secret that holds the keys."""

    def ring(self) -> KeyRing:
        """Read the keys."""
        ...


class Halted(Protocol):
    """What waits for a restore."""

    def stop(self) -> None:
        """Stop the intake of files; what comes waits."""
        ...

    def let_in(self) -> None:
        """Let the intake go on. Once more is fine."""
        ...

    def publish(self) -> None:
        """Have the statistics counted that were due meanwhile. Once more is fine."""
        ...


class Preparation(Protocol):
    """What comes before a new stack is filled."""

    def run(self) -> None:
        """Have it hold the keys under which another stack's data are kept. Once more is fine until it is filled.

        Raises:
            ExchangeError: the stack is not new, or the other one is at something.
        """
        ...


class Replay(Protocol):
    """Has files taken in again that the ledger, as it was set back, does not know."""

    def run(self) -> Sequence[int]:
        """Send them through the intake one after another, and wait for their reports.

        Returns:
            The volgnummers of those that the intake refused.

        Raises:
            ExchangeError: no report came in time, or the bucket is out of reach.
        """
        ...


@dataclass(frozen=True, slots=True)
class Restoration:
    """Sets the tables back.

    Attributes:
        tables: those that belong together.
        standings: where they tell that they are being set back.
        secret: the keys.
        halted: what waits meanwhile.
        replay: has files in again.
        longest: seconds after which no invocation can go by what stood before.
        progress: shows how far it is.
        sleep: pauses for a number of seconds.
        of: the name of the stack whose data this one is filled with; None when it is set back itself.
        preparation: comes before a stack is filled.
    """

    tables: Sequence[RestoredTable]
    standings: StandingStore
    secret: KeyReader
    halted: Halted
    replay: Replay
    longest: float
    progress: Progress
    sleep: Callable[[float], None]
    of: str | None = None
    preparation: Preparation | None = None

    def under_way(self) -> str | None:
        """Give the moment that is being restored, and of which stack, as the command takes it; None while none is.

        Raises:
            ExchangeError: the key of the pseudonyms is being rotated.
        """
        standing = self.standings.read()
        if standing.is_rotating or standing.phase is Phase.SWEEPING:
            raise ExchangeError("The key is being rotated. Bring that to its end first: jbplus rekey.")
        return standing.moment

    def run(self, moment: datetime, *, keep_copies: bool = False) -> Sequence[int]:
        """Set the tables back to a moment; or go on with that.

        Args:
            moment: the moment.
            keep_copies: whether the copies stay.

        Returns:
            The volgnummers of the files since then that the intake refused now.

        Raises:
            ExchangeError: another moment is being restored, or something is out of reach; running again goes on.
            UnavailableError: a store is out of reach, or secret and tables do not agree; running again goes on.
        """
        under_way = self.under_way()
        if under_way not in (None, self._named(moment)):
            raise ExchangeError(
                f"{under_way} is being restored. Bring that to its end first: jbplus restore {under_way}."
            )
        if self.preparation and under_way is None:
            self.preparation.run()
        standing = self.standings.read()
        standing.pseudonyms(self.secret.ring())
        if standing.phase is Phase.SETTLED:
            self._copy(moment)
            standing = self._moved_on(standing, Phase.RESTORING, moment)
        if standing.phase is Phase.RESTORING:
            self._set_back(moment, standing)
            standing = self._moved_on(standing, Phase.REPLAYING, moment)
        refused = self._replay()
        if not keep_copies:
            for table in self.tables:
                table.remove_copy(moment)
        self._moved_on(standing, Phase.SETTLED, None)
        self.halted.publish()
        return refused

    def _moved_on(self, standing: Standing, phase: Phase, moment: datetime | None) -> Standing:
        becomes = Standing(standing.version, phase, standing.mark, None if moment is None else self._named(moment))
        self.standings.write(becomes, standing)
        return becomes

    def _named(self, moment: datetime) -> str:
        """Name what is restored as the command takes it."""
        return moment.isoformat() + ("" if self.of is None else f" --of {self.of}")

    def _copy(self, moment: datetime) -> None:
        """Have the copies made; calls are answered and files taken in meanwhile."""
        for table in self.tables:
            table.begin_copy(moment)
        for table in self.tables:
            waited = 0.0
            with self.progress(f"Having a copy made of {table.label}", None):
                while not table.is_copied(moment):
                    if waited >= _PATIENCE:
                        raise ExchangeError("The copies are not ready yet. Run it again later: it goes on from here.")
                    self.sleep(_PAUSE)
                    waited += _PAUSE
        self.halted.stop()

    def _set_back(self, moment: datetime, standing: Standing) -> None:
        """Set the tables back once nobody reads or writes persons any more."""
        self.halted.stop()
        self._wait("Waiting for calls and files that began before", self.longest)
        ring = self.secret.ring()
        for table in self.tables:
            with self.progress(f"Setting {table.label} back", None) as advance:
                table.set_back(moment, ring, standing.version, advance)

    def _replay(self) -> Sequence[int]:
        """Have in again what came since, once the intake knows that it may."""
        self._wait("Waiting for functions that know of the restore alone", LONGEST_CALL)
        self.halted.let_in()
        return self.replay.run()

    def _wait(self, description: str, seconds: float) -> None:
        with self.progress(description, _STEPS_OF_A_WAIT) as advance:
            for _ in range(_STEPS_OF_A_WAIT):
                self.sleep(seconds / _STEPS_OF_A_WAIT)
                advance(1)
