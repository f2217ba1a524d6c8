"""An exchange in memory: takes in files, with fakes at its edges."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from jbplus.intake.service import Intake, IntakeRules
from jbplus.mutation_file.reader import Limits
from jbplus.mutation_file.report import Report
from jbplus.persons.state import PersonState, decode
from tests.intake.fakes import FakeBucket, FakeLedger
from tests.notices.fakes import FakeApplied
from tests.persons.fakes import FakePersons
from tests.support.fakes import NOW, PSEUDONYMS, no_sleep


@dataclass
class Exchange:
    """Takes in files and shows what became of them."""

    bucket: FakeBucket = field(default_factory=FakeBucket)
    persons: FakePersons = field(default_factory=FakePersons)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    limits: Limits = field(default_factory=Limits)
    test_numbers_allowed: bool = True
    chunk: int = 1000
    invocations: int = 0
    applied: FakeApplied = field(default_factory=FakeApplied)
    successions: FakeLedger | None = None

    def take_in(self, content: bytes, name: str = "a.json", *, time_left: Iterable[float] = ()) -> Report:
        """Drop a file and take it in, over as many invocations as it takes.

        Args:
            content: the file.
            name: its name.
            time_left: what the first looks at the clock give, in seconds; after that time is no matter.
        """
        looks = iter(time_left)
        file = self.bucket.drop(content, name)
        for _ in range(100):
            self.invocations += 1
            report = self.intake().take_in(file, lambda: next(looks, float("inf")))
            if report is not None:
                return report
        raise AssertionError("the file is never finished")

    def intake(self) -> Intake:
        """Give what takes in one file in one invocation."""
        return Intake(
            bucket=self.bucket,
            applied=self.applied,
            persons=self.persons,
            ledger=self.ledger,
            pseudonyms=lambda: PSEUDONYMS,
            rules=IntakeRules(5, self.test_numbers_allowed, self.limits, workers=2, chunk=self.chunk),
            clock=lambda: NOW,
            sleep=no_sleep,
            successions=self.successions,
        )

    def state(self, insz: str) -> PersonState:
        """Give the state of a person; empty when nothing is known."""
        stored = self.persons.items.get(PSEUDONYMS(insz))
        return PersonState() if stored is None else decode(stored.state)

    def quarantined_records(self) -> list[dict[str, Any]]:
        """Give the records in quarantine with their findings, without the context that stands before them."""
        return [
            json.loads(line)
            for _, content in sorted(self.bucket.quarantined.items())
            for line in content.decode().splitlines()[1:]
        ]
