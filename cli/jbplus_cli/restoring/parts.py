"""What a restore is made of: tables, keys, functions and files of a stack, and of the one that it is filled with."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from jbplus.intake.ledger_table import DynamoLedger
from jbplus.persons.table import StandingItem
from jbplus_cli.checks.kept_files import KeptFiles
from jbplus_cli.files.delivery import Deliveries
from jbplus_cli.keys.rotation import LONGEST_CALL
from jbplus_cli.keys.stack import Functions, Resources, SecretKeys
from jbplus_cli.keys.tables import DynamoStandings
from jbplus_cli.restoring.files_since import FilesSince
from jbplus_cli.restoring.filling import FilesOfAnother, NewStack
from jbplus_cli.restoring.restoration import Progress, Replay, Restoration, RestoredTable
from jbplus_cli.restoring.tables import EARLIER, DynamoRestoredTable
from jbplus_cli.stack.aws import Clients
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Target
from jbplus_recipient.errors import ExchangeError

# What the longest invocation of a function takes on AWS; on a laptop files are small.
_LONGEST_ON_AWS: Final = 900.0
# Copied as they are now: records that came since must stay, numbers are given out once, and what a party deleted since
# would come back.
_NEWEST: Final = {
    "NoticesTable": ("the notices", ["party", "entry"]),
    "PrivacyLogTable": ("the privacy log", ["subject", "entry"]),
    "SuspensionsTable": ("the suspensions", ["party"]),
    "QualityTable": ("the quality reports", ["party", "report"]),
    "StatisticsTable": ("the statistics", ["fiscalYear", "month"]),
}


@dataclass
class Parts:
    """What of a stack is restored, and by what.

    Attributes:
        world: everything outside the command.
        target: the stack.
        progress: shows how far it is.
        timeout: seconds to wait for the report of each file.
    """

    world: Surroundings
    target: Target
    progress: Progress
    timeout: float

    def in_place(self) -> Restoration:
        """Give what sets persons and ledger of the stack back."""
        return self._restoration([self._persons(self), self._ledger(self)], self.files_since)

    def of(self, target: Target) -> "Parts":
        """Give those of another stack.

        Raises:
            ExchangeError: it is the same stack.
        """
        if target == self.target:
            raise ExchangeError("A stack cannot be filled with itself. Without --of it is set back.")
        return replace(self, target=target)

    def filling(self, other: "Parts") -> Restoration:
        """Give what fills the stack, which is new, with what another has."""
        persons, ledger = self._persons(other), self._ledger(other)
        registrations = replace(
            self._table(other, "RegistrationsTable", "the registrations", ["person", "party"]),
            standing=StandingItem.of_registrations,
            is_newest=True,
        )
        newest = [replace(self._table(other, name, *what), is_newest=True) for name, what in _NEWEST.items()]
        return replace(
            self._restoration(
                [persons, registrations, *newest, ledger],
                FilesOfAnother(
                    self._aws.s3(), other.target.bucket, self.target.bucket, self.files_since, self.progress
                ),
            ),
            of=other.target.name,
            preparation=NewStack(
                self.secret, self.standings, [persons, registrations, ledger], other.secret, other.standings
            ),
        )

    @cached_property
    def files_since(self) -> FilesSince:
        """Finds what was taken in since a moment, and has it in again."""
        return FilesSince(
            KeptFiles(self._aws.s3(), self.target.bucket),
            DynamoLedger(self._aws.dynamodb(), self.resources.output("LedgerTable")),
            Deliveries.of(self.world, self.target),
            self.timeout,
            self.progress,
        )

    @property
    def _aws(self) -> Clients:
        return self.world.aws(self.target)

    @cached_property
    def resources(self) -> Resources:
        """Its outputs and parameters."""
        return Resources.of(self.target.name, self._aws.cloudformation(), self.target.advice_when_unreachable)

    @property
    def secret(self) -> SecretKeys:
        """The secret that holds the keys."""
        return SecretKeys(self._aws.secrets(), self.resources.output("PseudonymSecret"))

    @property
    def standings(self) -> DynamoStandings:
        """Where the tables tell which key they are at."""
        persons, registrations = self.resources.output("PersonsTable"), self.resources.output("RegistrationsTable")
        return DynamoStandings.of(self._aws.dynamodb(), persons, registrations, self.world.sleep)

    def _persons(self, origin: "Parts") -> DynamoRestoredTable:
        table = self._table(origin, "PersonsTable", "persons", ["person"])
        return replace(table, standing=StandingItem.of_persons)

    def _ledger(self, origin: "Parts") -> DynamoRestoredTable:
        return replace(self._table(origin, "LedgerTable", "the ledger", ["series", "number"]), earlier=EARLIER)

    def _table(self, origin: "Parts", name: str, label: str, keys: list[str]) -> DynamoRestoredTable:
        return DynamoRestoredTable(
            self._aws.dynamodb(),
            self.resources.output(name),
            label,
            keys,
            self.world.now,
            self.world.sleep,
            origin=origin.resources.output(name),
        )

    def _restoration(self, tables: list[RestoredTable], replay: Replay) -> Restoration:
        return Restoration(
            tables=tables,
            standings=self.standings,
            secret=self.secret,
            halted=Functions.of(self._aws.functions(), self.resources),
            replay=replay,
            longest=LONGEST_CALL if self.target.is_local else _LONGEST_ON_AWS,
            progress=self.progress,
            sleep=self.world.sleep,
        )
