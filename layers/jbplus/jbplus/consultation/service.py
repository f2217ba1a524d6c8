"""Looking persons up (Articles 2, 4 and 6): decide, log, and only then answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from jbplus.consultation import rules
from jbplus.consultation.versions import Answered, version_of
from jbplus.doubts.rules import Doubt, is_in_doubt
from jbplus.persons import retention
from jbplus.persons.merging import WholePerson, joined_items
from jbplus.persons.pseudonym import Name, Pseudonyms
from jbplus.privacy_log.rules import OUTCOME_OF_REFUSAL, LogEntry, LogOutcome, PrivacyLog, Service
from jbplus.protocol import access
from jbplus.protocol.access import Refusal, RefusedError
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.protocol.caller import Asker, Caller
from jbplus.protocol.insz import Accepts
from jbplus.protocol.purposes import MATRIX, Purpose
from jbplus.protocol.usage import CountUse, Use
from jbplus.registrations.rules import Registration
from jbplus.successions.rules import Links
from jbplus.suspensions.rules import Suspension, bars_lookup, subject_of


@dataclass(frozen=True, slots=True)
class Lookup:
    """What is asked.

    Attributes:
        numbers: the INSZ, each once; in a call for several persons some may be invalid.
        purpose: what for.
        file: the `dossier` that it serves, when one is named.
        after_mutation: whether a mutation notice is the ground to ask.
    """

    numbers: tuple[str, ...]
    purpose: Purpose
    file: str | None = None
    after_mutation: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of one person.

    Attributes:
        person: the stored state, or None.
        registrations: by KBO number of the party.
        doubts: what became of the reports on the person.
        links: the person's other numbers, when there are any.
        elsewhere: the registrations under each of these, by KBO number.
        is_replaced: whether another number took this one's place.
    """

    person: WholePerson | None
    registrations: Mapping[str, Registration]
    doubts: Sequence[Doubt] = ()
    links: Links | None = None
    elsewhere: Sequence[Mapping[str, Registration]] = ()
    is_replaced: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What the store has for a lookup.

    Attributes:
        known: what is known of each pseudonym.
        suspensions: those of the party that asks.
    """

    known: Mapping[str, Known]
    suspensions: Sequence[Suspension]

    def under(self, names: Sequence[Name]) -> Known:
        """Give what is known of one person: what stands under an earlier one of its names goes before the rest."""
        known = [self.known[name.person] for name in names]
        persons = (each.person for each in known if each.person is not None)
        registrations = {kbo: found for each in reversed(known) for kbo, found in each.registrations.items()}
        doubts = next((each.doubts for each in known if each.doubts), ())
        alone = Known(next(persons, None), registrations, doubts)
        return self._with_other_numbers(alone, [name.person for name in names])

    def _with_other_numbers(self, alone: Known, names: Sequence[str]) -> Known:
        """Add what stands under a person's other numbers; its first name with links tells which these are."""
        links = {name: cluster for name in names if (cluster := self.known[name].links) is not None}
        if not links:
            return alone
        first, whole = next(iter(links.items()))
        numbers = {name: found.linked_with(name) for name, found in links.items()}
        stored = {number: found for number in numbers[first] if (found := self.known[number].person) is not None}
        others = sorted(number for name, each in numbers.items() for number in each if number not in names)
        return replace(
            alone,
            person=joined_items(stored, whole),
            links=whole,
            # A report under any number of the person is a report on the person.
            doubts=[doubt for each in (alone, *(self.known[number] for number in others)) for doubt in each.doubts],
            elsewhere=[self.known[number].registrations for number in others],
            is_replaced=first in whole.counting,
        )

    @property
    def unread(self) -> list[str]:
        """The other numbers of those that were read, which were not."""
        linked = {
            number: None
            for person, known in self.known.items()
            if known.links is not None
            for number in sorted(known.links.linked_with(person))
        }
        return [number for number in linked if number not in self.known]


class LookupStore(Protocol):
    """Where persons, registrations, doubts, links and suspensions are read, together in one round trip a batch."""

    def read(self, persons: Sequence[str], parties: Sequence[str], asking: str) -> Found:
        """Read what is known of each pseudonym, and the suspensions of the party that asks.

        Args:
            persons: the pseudonyms.
            parties: KBO numbers of the parties whose registrations count.
            asking: the KBO number under which the party that asks is suspended.
        """
        ...


Answer = Answered | Refusal
"""What comes of a lookup of one person."""


@dataclass(frozen=True, slots=True)
class Lookups:
    """Answers lookups."""

    store: LookupStore
    log: PrivacyLog
    pseudonyms: Callable[[], Pseudonyms]
    clock: Clock
    accepts: Accepts
    count_use: CountUse

    def look_up(self, lookup: Lookup, caller: Caller) -> list[Answer]:
        """Look persons up: at most one reading and one writing round trip for each batch of the store.

        Whose number changed takes one more reading round trip.

        Args:
            lookup: what is asked.
            caller: who asks.

        Returns:
            The answers in the order of the numbers.

        Raises:
            RefusedError: the party may not ask this at all.
            UnavailableError: the store, the secret or the log is out of reach: nothing may be answered.
        """
        now = self.clock()
        pseudonyms = self.pseudonyms()
        names = [pseudonyms.names(number) for number in lookup.numbers]
        subjects = [first.person for first, *_ in names]
        decided = self._decide(lookup, caller.asker, names, now, pseudonyms.key_of_versions(caller.asker.kbo))
        if isinstance(decided, Refusal):
            refused: list[tuple[Answer, str | None]] = [(decided, None)] * len(subjects)
            self._write_log(lookup, caller, subjects, refused, pseudonyms.version)
            self.count_use(caller.asker.kbo, {Use.REFUSED: len(subjects)}, lookup.purpose)
            raise RefusedError(decided, scope=MATRIX[lookup.purpose].scope)
        self._write_log(lookup, caller, subjects, decided, pseudonyms.version)
        answers = [answer for answer, _ in decided]
        refusals = sum(isinstance(answer, Refusal) for answer in answers)
        counts = {Use.LOOKED_UP: len(answers) - refusals, Use.REFUSED: refusals}
        self.count_use(caller.asker.kbo, counts, lookup.purpose)
        return answers

    def _decide(
        self, lookup: Lookup, asker: Asker, names: Sequence[tuple[Name, ...]], now: datetime, key: bytes
    ) -> Refusal | list[tuple[Answer, str | None]]:
        """Refuse the call as a whole, or decide for each person, with the party whose registration allows it."""
        today = brussels_day(now)
        refusal = access.refuse_purpose(asker, lookup.purpose, today)
        if refusal is not None:
            return refusal
        valid = [self.accepts(number) for number in lookup.numbers]
        wanted = [name.person for each, is_valid in zip(names, valid, strict=True) if is_valid for name in each]
        registrars = rules.registrars(asker, lookup.purpose, today)
        found = read_whole(self.store, wanted, registrars, subject_of(asker.kbo))
        if bars_lookup(found.suspensions, lookup.purpose, now):
            return Refusal.SUSPENDED
        return [
            self._answer(found.under(each), asker, lookup.purpose, today, key)
            if is_valid
            else (Refusal.INSZ_INVALID, None)
            for each, is_valid in zip(names, valid, strict=True)
        ]

    def _answer(
        self, known: Known, asker: Asker, purpose: Purpose, today: date, key: bytes
    ) -> tuple[Answer, str | None]:
        # A registration under any number of the person will do.
        for registrations in (known.registrations, *known.elsewhere):
            registered_by = rules.find_ground(registrations, purpose, today)
            if registered_by is not None:
                answered = answer_at(known, asker.kbo, self.clock())
                handle = registrations[registered_by].handle
                if registered_by == asker.kbo and handle is not None:
                    answered = replace(answered, version=version_of(answered, key, handle))
                return answered, registered_by
        return Refusal.NOT_REGISTERED, None

    def _write_log(
        self,
        lookup: Lookup,
        caller: Caller,
        subjects: Sequence[str],
        decided: Sequence[tuple[Answer, str | None]],
        key_version: int,
    ) -> None:
        moment = self.clock()
        self.log.write(
            [
                LogEntry(
                    caller=caller,
                    position=position,
                    service=Service.LOOKUP,
                    moment=moment,
                    subject=subject,
                    key_version=key_version,
                    outcome=_outcome(answer),
                    purpose=lookup.purpose,
                    file=lookup.file,
                    registered_by=registered_by,
                    after_mutation=lookup.after_mutation,
                )
                for position, (subject, (answer, registered_by)) in enumerate(zip(subjects, decided, strict=True))
            ]
        )


def _outcome(answer: Answer) -> LogOutcome:
    if isinstance(answer, Refusal):
        return OUTCOME_OF_REFUSAL[answer]
    return LogOutcome.ANSWERED if answer.state.payments else LogOutcome.EMPTY


def read_whole(store: LookupStore, persons: Sequence[str], parties: Sequence[str], asking: str) -> Found:
    """Read what `LookupStore.read` gives, and the same of the persons' other numbers, when there are any."""
    found = store.read(persons, parties, asking)
    if not found.unread:
        return found
    others = store.read(found.unread, parties, asking)
    return replace(found, known={**others.known, **found.known})


def answer_at(known: Known, party: str, now: datetime) -> Answered:
    """Say what a party is answered about a person at a moment, when it may know.

    Args:
        known: what is known of the person.
        party: KBO number.
        now: the moment.
    """
    in_doubt = is_in_doubt(known.doubts, party, now)
    return replace(known_at(known.person, now), is_in_doubt=in_doubt, is_replaced=known.is_replaced)


def known_at(person: WholePerson | None, now: datetime) -> Answered:
    """Say what is known of a person at a moment; who has expired is absent (Article 3 b)."""
    if person is None or retention.is_expired(person.expires_at, now):
        return Answered()
    return Answered(person.state_at(now), retention.last_day(person.expires_at))
