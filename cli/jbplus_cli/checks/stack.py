"""All checks of one stack."""

from dataclasses import dataclass
from typing import Final

from jbplus.aws.objects import Objects
from jbplus.intake.ledger_table import DynamoLedger
from jbplus.notices.table import DynamoQueues
from jbplus.persons.pseudonym import KeyRing
from jbplus.persons.rotation import Phase, Standing
from jbplus.persons.table import DynamoPersons, DynamoStanding, StandingItem
from jbplus.protocol.parties import PARTIES, Role, with_ends
from jbplus_cli.checkpoints.stack import SealedLog
from jbplus_cli.checks.deliveries import DeliveriesCheck
from jbplus_cli.checks.findings import Check
from jbplus_cli.checks.kept_files import KeptFiles
from jbplus_cli.checks.log import LogCheck
from jbplus_cli.checks.notices import NoticesCheck
from jbplus_cli.checks.persons import PersonsCheck, PersonStates, all_items
from jbplus_cli.checks.records import RecordsCheck
from jbplus_cli.checks.registrations import RegistrationsCheck
from jbplus_cli.keys.stack import Resources, SecretKeys
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Target
from jbplus_recipient.errors import ExchangeError

_STEADY: Final = frozenset({Phase.SETTLED, Phase.SWEEPING})


@dataclass(frozen=True, slots=True)
class StackChecks:
    """What is looked at, and by which keys.

    Attributes:
        standings: reads which version of the key the tables are at.
        standing: what it was when the checks were made.
        checks: the checks. Who can derive more of what is kept adds the check of it here.
    """

    standings: DynamoStanding
    standing: Standing
    checks: dict[str, Check]

    @classmethod
    def of(cls, world: Surroundings, target: Target) -> "StackChecks":
        """Give the checks of a stack.

        Raises:
            ExchangeError: the stack cannot be read, or its persons are being copied at this moment.
            UnavailableError: a store is out of reach, or secret and tables do not agree.
        """
        aws = world.aws(target)
        resources = Resources.of(target.name, aws.cloudformation(), target.advice_when_unreachable)
        dynamodb = aws.dynamodb()
        persons, registrations = resources.output("PersonsTable"), resources.output("RegistrationsTable")
        standings = DynamoStanding(
            dynamodb,
            [StandingItem.of_persons(persons), StandingItem.of_registrations(registrations)],
            world.sleep,
        )
        standing = standings.read()
        if standing.phase not in _STEADY:
            raise ExchangeError(
                "Persons are being copied: a rotation or a restore runs. Bring it to its end first, with jbplus rekey "
                "or jbplus restore."
            )
        ring: KeyRing = SecretKeys(aws.secrets(), resources.output("PseudonymSecret")).ring()
        in_use = standing.version if standing.phase is Phase.SETTLED else None
        files = KeptFiles(aws.s3(), target.bucket)
        states = PersonStates(dynamodb, persons, world.sleep)
        objects = Objects(aws.s3(), target.bucket, world.sleep)
        years = int(resources.parameter("RetentionYears"))
        parties = with_ends(PARTIES, resources.parameter("PartyEnds"))
        return cls(
            standings,
            standing,
            {
                "deliveries": DeliveriesCheck(
                    DynamoLedger(dynamodb, resources.output("LedgerTable")), files, objects, world.now
                ),
                "records": RecordsCheck(
                    files,
                    states,
                    standing.pseudonyms(ring),
                    years,
                    test_numbers_allowed=resources.parameter("TestNumbersAllowed") == "true",
                    clock=world.now,
                ),
                "persons": PersonsCheck(
                    lambda: all_items(dynamodb, persons),
                    states.links,
                    DynamoPersons(
                        dynamodb, persons, world.sleep, lambda: standing.version, world.now, succession_allowed=True
                    ),
                    standing.version,
                    standing.phase is Phase.SETTLED,
                    years,
                    world.now,
                ),
                "registrations": RegistrationsCheck(
                    dynamodb,
                    registrations,
                    lambda: all_items(dynamodb, registrations),
                    ring,
                    in_use,
                    parties,
                    world.now,
                    world.sleep,
                ),
                "log": LogCheck(SealedLog.of(world, target), world.now),
                "notices": NoticesCheck(
                    DynamoQueues(dynamodb, resources.output("NoticesTable")),
                    objects,
                    [party.kbo for party in PARTIES if party.role is Role.PAYMENT_ACTOR],
                    world.now,
                ),
            },
        )

    def demand_unchanged(self) -> None:
        """Make sure that all was read by the keys that the tables are at.

        Raises:
            ExchangeError: a rotation or a restore began meanwhile.
        """
        if self.standings.read() != self.standing:
            raise ExchangeError("A rotation or a restore began meanwhile: run it again afterwards.")
