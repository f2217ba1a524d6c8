"""Has a changed retention term reach what is stored, person by person (Article 3 b).

Every merge compares the end too, so that it may be stopped and begun again, run twice, and run beside the intake.
"""

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from jbplus.persons.merging import BATCH, PersonStore, StoredPerson, is_due, merge
from jbplus.protocol.calendar import Clock
from jbplus.retry import Sleep, TimeLeft, chunks
from jbplus.successions.rules import StoredLinks
from jbplus.wire import Wire

# What a page takes when the store is slow, and to tell: so much must be left to begin one.
TIME_FOR_A_PAGE = 30.0


class Step(Wire):
    """What is said of how far a recomputation has come: nobody is named in it.

    Attributes:
        years: the term that it is about.
        seen: how many persons were looked at.
        changed: how many of them were written anew.
        complete: whether all were looked at.
    """

    years: int
    seen: int
    changed: int
    complete: bool


class Recomputed(Wire):
    """How far a recomputation has come.

    Attributes:
        years: the term that it is about.
        seen: how many persons were looked at.
        changed: how many of them were written anew.
        after: the pseudonym of the last of them; None when all were looked at.
    """

    years: int
    seen: int = 0
    changed: int = 0
    after: str | None = None

    @property
    def step(self) -> Step:
        """Say it without naming anybody."""
        return Step(years=self.years, seen=self.seen, changed=self.changed, complete=self.after is None)


class PersonPages(Protocol):
    """Where all persons are read, a page at a time."""

    def page(self, after: str | None) -> tuple[Mapping[str, StoredPerson | None], str | None]:
        """Read the items that come after this one, or the first; and which is the last of them, None at the end.

        Returns:
            The persons by pseudonym; None for a number of which its links alone are among them.
        """
        ...


class RecomputingProgress(Protocol):
    """Where it is kept how far a recomputation has come."""

    def read(self) -> Recomputed | None:
        """Read it; None while none is under way."""
        ...

    def keep(self, progress: Recomputed) -> None:
        """Keep it."""
        ...

    def forget(self) -> None:
        """Forget it: all is done. Once more is fine."""
        ...


@dataclass(frozen=True, slots=True)
class Recomputing:
    """Writes the ends anew that the retention term, as it is now, no longer gives.

    Attributes:
        pages: where all persons are read.
        persons: where their states are kept.
        progress: where it is kept how far it has come.
        years: the retention term.
        clock: gives the present moment.
        sleep: pauses for a number of seconds.
        workers: how many batches of persons are written at the same time.
    """

    pages: PersonPages
    persons: PersonStore
    progress: RecomputingProgress
    years: int
    clock: Clock
    sleep: Sleep
    workers: int = 8

    def go_on(self, time_left: TimeLeft) -> Recomputed:
        """Go on from where it stopped, as far as the time goes but a page at least; begin when nothing is under way.

        Args:
            time_left: gives the number of seconds that this invocation may still run.

        Returns:
            How far it has come; once all were looked at, the next call begins anew.

        Raises:
            UnavailableError: a store is out of reach; calling again goes on from there.
        """
        kept = self.progress.read()
        done = Recomputed(years=self.years) if kept is None or kept.years != self.years else kept
        with ThreadPoolExecutor(self.workers) as pool:
            while True:
                done = self._page(done, time_left, pool)
                if done.after is None:
                    self.progress.forget()
                    return done
                self.progress.keep(done)
                if time_left() < TIME_FOR_A_PAGE:
                    return done

    def _page(self, done: Recomputed, time_left: TimeLeft, pool: ThreadPoolExecutor) -> Recomputed:
        def again(batch: list[str]) -> int:
            # Alone, a number that is linked may seem due: its end is that of the whole.
            linked = self.persons.links(batch)
            before = self._items(linked)
            merge(
                self.persons,
                dict.fromkeys(batch, ()),
                retention_years=self.years,
                clock=self.clock,
                sleep=self.sleep,
                time_left=lambda: time_left() - TIME_FOR_A_PAGE / 2,
            )
            alone = [person for person in batch if person not in linked and found[person] is not None]
            return len(alone) + sum(before[person] != item for person, item in self._items(linked).items())

        found, after = self.pages.page(done.after)
        now = self.clock()
        # The end of links is that of all that they join, which stands elsewhere.
        due = [person for person, stored in found.items() if stored is None or is_due(stored, self.years, now)]
        changed = sum(pool.map(again, chunks(due, BATCH)))
        seen = sum(stored is not None for stored in found.values())
        return Recomputed(years=self.years, seen=done.seen + seen, changed=done.changed + changed, after=after)

    def _items(self, linked: Collection[str]) -> dict[str, tuple[StoredPerson | None, StoredLinks | None]]:
        """Give what stands under numbers that are linked."""
        if not linked:
            return {}
        states, links = self.persons.read(linked), self.persons.links(linked)
        return {person: (states.get(person), links.get(person)) for person in linked}
