"""Applying the records of a succession file: which number replaces which."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from jbplus.intake.applying import GoodRecord, Merged
from jbplus.mutation_file.codes import Code
from jbplus.mutation_file.records import Context
from jbplus.mutation_file.successions import Succession
from jbplus.notices.applied import AppliedRecord
from jbplus.persons.linking import link
from jbplus.persons.merging import PersonStore
from jbplus.persons.pseudonym import Pseudonyms
from jbplus.persons.state import Outcome, Rank
from jbplus.protocol.calendar import Clock
from jbplus.retry import Sleep, TimeLeft, no_deadline
from jbplus.successions.rules import Link, groups

_Linked = tuple[GoodRecord, Succession, Outcome]


@dataclass(frozen=True, slots=True)
class Linker:
    """Links the numbers of persons.

    Attributes:
        persons: where links and states are kept.
        retention_years: the retention term.
        clock: gives the present moment.
        sleep: pauses for a number of seconds.
    """

    persons: PersonStore
    retention_years: int
    clock: Clock
    sleep: Sleep

    def merge(
        self,
        good: Sequence[GoodRecord],
        context: Context,
        pseudonym: Pseudonyms,
        pool: ThreadPoolExecutor,
        time_left: TimeLeft = no_deadline,
    ) -> Merged:
        """Link numbers: what touches the same ones in the order of the file, all else at the same time."""
        successions = [(item, item.record) for item in good if isinstance(item.record, Succession)]
        together = groups(
            (number for _, record in successions for number in (record.oud, record.nieuw)),
            [(record.oud, record.nieuw) for _, record in successions],
        )
        by_number = {number: place for place, numbers in enumerate(together) for number in numbers}
        by_group: dict[int, list[tuple[GoodRecord, Succession]]] = {}
        for item, record in successions:
            by_group.setdefault(by_number[record.oud], []).append((item, record))

        def link_all(group: Sequence[tuple[GoodRecord, Succession]]) -> list[_Linked]:
            return [(item, record, self._link(item, record, context, pseudonym, time_left)) for item, record in group]

        results = (
            (item, AppliedRecord(item.place, record.referte, record.type, record.oud, record.nieuw), outcome)
            for linked in pool.map(link_all, by_group.values())
            for item, record, outcome in linked
        )
        return Merged.of(results, context, Code.TOO_MANY_NUMBERS)

    def _link(
        self, item: GoodRecord, record: Succession, context: Context, pseudonym: Pseudonyms, time_left: TimeLeft
    ) -> Outcome:
        new = None if record.is_taken_back else pseudonym(record.nieuw)
        return link(
            self.persons,
            pseudonym(record.oud),
            Link(new, Rank(context.volgnummer, item.place), context.file_day),
            retention_years=self.retention_years,
            clock=self.clock,
            sleep=self.sleep,
            time_left=time_left,
        )
