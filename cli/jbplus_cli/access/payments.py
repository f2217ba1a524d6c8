"""The payments of one person, read by the exchange's operator with a right of its own (GDPR, Article 15)."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from jbplus.aws.dynamodb import batch_get
from jbplus.aws.keys import PERSON_KEY
from jbplus.consultation.service import known_at
from jbplus.consultation.wire import PersonAnswer
from jbplus.errors import UnavailableError
from jbplus.persons.merging import StoredPerson
from jbplus.persons.pseudonym import Pseudonyms
from jbplus.persons.secret import keys_in_use
from jbplus.persons.table import StandingItem, person_key, stored_person
from jbplus.privacy_log.rules import LogEntry, LogOutcome, PrivacyLog, Service
from jbplus.privacy_log.table import DynamoPrivacyLog
from jbplus.protocol.calendar import Clock
from jbplus.protocol.caller import Asker, Caller
from jbplus.protocol.parties import Party
from jbplus_cli.stack.aws import aws_errors, outputs_of
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Target
from jbplus_recipient.errors import ExchangeError

_APPLICATION: Final = "jbplus-cli"
_PERSONS, _LOG, _SECRET = "PersonsTable", "PrivacyLogTable", "PseudonymSecret"

ReadPersons = Callable[[Sequence[str]], Mapping[str, StoredPerson]]


@dataclass(frozen=True, slots=True)
class Payments:
    """Reads what is held on one person; the reading stands in the privacy log before anything is told of it.

    Attributes:
        persons: reads the items of pseudonyms.
        log: the privacy log.
        pseudonyms: gives what makes them.
        now: gives the present moment.
        advice: what the operator does when AWS gives no answer.
    """

    persons: ReadPersons
    log: PrivacyLog
    pseudonyms: Callable[[], Pseudonyms]
    now: Clock
    advice: str

    @classmethod
    def of(cls, world: Surroundings, target: Target) -> Self:
        """Give those of a stack.

        Raises:
            ExchangeError: the stack cannot be read.
        """
        aws, advice = world.aws(target), target.advice_when_unreachable
        with aws_errors(f"read the outputs of stack {target.name}", advice):
            outputs = outputs_of(target.name, aws.cloudformation())
        missing = [name for name in (_PERSONS, _LOG, _SECRET) if name not in outputs]
        if missing:
            raise ExchangeError(f"Stack {target.name} has no output {', '.join(missing)}. Is it a jbplus stack?")
        dynamodb, table = aws.dynamodb(), outputs[_PERSONS]

        def persons(names: Sequence[str]) -> Mapping[str, StoredPerson]:
            items = batch_get(dynamodb, {table: [person_key(name) for name in names]}, world.sleep)[table]
            return {item[PERSON_KEY]["S"]: stored_person(item) for item in items}

        keys = keys_in_use(aws.secrets(), outputs[_SECRET], dynamodb, StandingItem.of_persons(table))
        return cls(persons, DynamoPrivacyLog(dynamodb, outputs[_LOG]), keys.current, world.now, advice)

    def of_person(self, number: str, party: Party, end_user: str) -> PersonAnswer:
        """Read what was paid to a person and reclaimed, and keep in a party's privacy log that it was read.

        Args:
            number: the INSZ.
            party: whose officer answers the person; its log keeps the record.
            end_user: who reads.

        Raises:
            ExchangeError: something is out of reach, and then nothing is told.
        """
        try:
            pseudonyms = self.pseudonyms()
            names = [name.person for name in pseudonyms.names(number)]
            stored = self.persons(names)
            found = known_at(next((stored[name] for name in names if name in stored), None), self.now())
            outcome = LogOutcome.ANSWERED if found.state.payments else LogOutcome.EMPTY
            self.log.write([self._entry(names[0], pseudonyms.version, party, end_user, outcome)])
        except UnavailableError as error:
            raise ExchangeError(f"Could not read the payments: {error}. {self.advice}") from error
        return PersonAnswer.of(number, found.state, found.kept_until, is_in_doubt=found.is_in_doubt)

    def _entry(self, subject: str, key_version: int, party: Party, end_user: str, outcome: LogOutcome) -> LogEntry:
        trace = str(uuid.uuid4())
        return LogEntry(
            caller=Caller(Asker(party.kbo, _APPLICATION, frozenset()), end_user, correlation=trace, trace=trace),
            position=0,
            service=Service.ACCESS,
            moment=self.now(),
            subject=subject,
            key_version=key_version,
            outcome=outcome,
        )
