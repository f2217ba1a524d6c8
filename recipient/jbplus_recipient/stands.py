"""What a recipient remembers of stands: the newest one, what it is compared with, and what was found to differ."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from jbplus.protocol import insz
from jbplus.registrations.rules import Registration, RegistrationResult
from jbplus.stand.document import Stand
from jbplus.stand.rules import Pair
from jbplus_recipient.answers import Registered, RegistrationItem
from jbplus_recipient.database import Database
from jbplus_recipient.hashes import hash_of, is_bit_apart, is_one_bit_off, record_of

_MOST_LOOKED_INTO: Final = 100
"""In so many damaged answers a flipped bit is looked for, which takes thousands of hashes each."""

_KEPT: Final = (
    "CAST(insz AS BLOB), CAST(answer AS BLOB), known, expires, asked, in_doubt, CAST(versie AS BLOB), replaced"
)
_RUNS: Final = "confirmed AND begin <= :day AND (einde IS NULL OR :day <= einde) AND refused IS NULL"
_NOTHING: Final = "answer = NULL, known = 0, expires = NULL, asked = NULL, in_doubt = 0, versie = NULL, hash = NULL"


class Kind(StrEnum):
    """What differs between a recipient and the exchange."""

    OUTDATED = "outdated"
    """Another answer would be given now: nobody told of it, or the notice was lost."""
    EXPIRED = "expired"
    """One of the two has forgotten what it knew, and the other has not."""
    EDITED = "edited"
    """What is kept here is not what was answered."""
    FLIPPED = "flipped bit"
    """The same, and one bit makes the difference."""
    NOT_HERE = "not here"
    """The exchange has a registration, and nobody is known here with it."""
    ONLY_HERE = "only here"
    """The exchange has no registration."""
    ENDED = "ended"
    """The registration does not run at the exchange."""
    RENEWED = "renewed"
    """The exchange has another registration in place of ours."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """One thing that differs.

    Attributes:
        name: the person (INSZ); or the handle, where nobody is known to have it.
        kind: how.
        is_healed: whether it was mended.
    """

    name: str
    kind: Kind
    is_healed: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of the last stand that was compared.

    Attributes:
        moment: of the stand.
        persons: how many registrations it was of.
        divergences: what differed.
    """

    moment: datetime
    persons: int
    divergences: Sequence[Divergence]

    @property
    def is_in_step(self) -> bool:
        """Whether nothing differs any more."""
        return all(one.is_healed for one in self.divergences)


class Stands:
    """Remembers stands; every method is one transaction, or reads.

    Args:
        database: the state.
        next_event: counts one more thing that makes persons due, and gives its number.
    """

    def __init__(self, database: Database, next_event: Callable[[], int]) -> None:
        self._database = database
        self._next_event = next_event

    def take(self, content: bytes, stand: Stand) -> bool:
        """Keep a stand until it is compared, unless one as new was taken; tell whether it was kept."""
        moment = stand.context.tijdstip
        with self._database.transaction():
            latest = self._database.one("SELECT moment FROM stand")
            if latest is not None and moment <= datetime.fromisoformat(latest):
                return False
            self._database.do(
                "INSERT INTO stand (one, moment, content) VALUES (1, ?, ?) ON CONFLICT (one) DO UPDATE "
                "SET moment = excluded.moment, content = excluded.content",
                (moment.isoformat(), content),
            )
            # They were told with the one before.
            self._database.do("DELETE FROM divergences")
        return True

    def waiting(self) -> Stand | None:
        """Give the stand that is to be compared."""
        content = self._database.one("SELECT content FROM stand")
        return None if content is None else Stand.model_validate_json(content)

    def compared(self, stand: Stand) -> None:
        """Note that a stand was compared to its end."""
        self._database.do("UPDATE stand SET content = NULL, compared = moment, persons = ?", (stand.context.aantal,))

    def proof(self) -> Proof | None:
        """Tell what came of the last stand, None before there was one."""
        for moment, persons in self._database.rows("SELECT compared, persons FROM stand WHERE compared IS NOT NULL"):
            return Proof(datetime.fromisoformat(moment), persons, self.divergences())
        return None

    def divergences(self) -> tuple[Divergence, ...]:
        """List what was found since the last stand came, by name."""
        found = self._database.rows(
            "SELECT name, kind, length(name) = 11 AND (insz IS NULL OR (due = 0 AND refused IS NULL)) "
            "FROM divergences LEFT JOIN persons ON insz = name ORDER BY name"
        )
        return tuple(Divergence(name, Kind(kind), bool(is_healed)) for name, kind, is_healed in found)

    def find_damage(self, now: datetime) -> int:
        """Check what is kept against our own hash; what was damaged is forgotten, and its person due.

        Returns:
            How many there were.
        """
        damaged = [
            (record, kept, number, handle)
            for kept, handle, number, *columns in self._database.rows(
                f"SELECT hash, handle, {_KEPT} FROM persons WHERE due = 0 AND refused IS NULL "  # noqa: S608 - own words
                "AND (hash IS NOT NULL OR answer IS NOT NULL OR versie IS NOT NULL)"
            )
            if kept != hash_of(record := record_of(number, *columns))
        ]
        if damaged:
            with self._database.transaction():
                due = self._next_event()
                for place, (record, kept, number, handle) in enumerate(damaged):
                    is_flip = place < _MOST_LOOKED_INTO and kept is not None and is_one_bit_off(record, kept)
                    self._forget(number, handle, Kind.FLIPPED if is_flip else Kind.EDITED, due, now)
        return len(damaged)

    def _forget(self, number: bytes, handle: str | None, kind: Kind, due: int, now: datetime) -> None:
        person = number.decode("ascii", "replace")
        if insz.kind(person, year=9999) is None:
            # The number itself is damaged: whose it was, the party's own list says.
            self._database.do("DELETE FROM persons WHERE CAST(insz AS BLOB) = ?", (number,))
            self._database.do("DELETE FROM refertes WHERE insz NOT IN (SELECT insz FROM persons)")
            if handle is not None:
                self._note([(handle, True)], kind, now)
            return
        self._note([(person, True)], kind, now)
        self._database.do(f"UPDATE persons SET {_NOTHING}, due = ? WHERE insz = ?", (due, person))  # noqa: S608 - own words

    def find_unproven(self, day: date, now: datetime) -> None:
        """Have those registered again who have no handle, and those looked up who have no version.

        Args:
            day: whose registration runs on this day, in Brussels.
            now: the present moment.
        """
        with self._database.transaction():
            due = self._next_event()
            on = {"day": day.isoformat(), "due": due}
            for kind, which, change in (
                (Kind.ONLY_HERE, "handle IS NULL", "confirmed = 0, "),
                # Nobody was asked since it was forgotten, or an older exchange answered, without a version.
                (Kind.EXPIRED, "handle IS NOT NULL AND versie IS NULL AND asked IS NULL", ""),
                (None, "handle IS NOT NULL AND versie IS NULL", ""),
            ):
                where = f"{_RUNS} AND due = 0 AND {which}"
                if kind is not None:
                    found = self._database.rows(f"SELECT insz FROM persons WHERE {where}", on)  # noqa: S608 - own words
                    self._note([(number, False) for (number,) in list(found)], kind, now)
                self._database.do(f"UPDATE persons SET {change}due = :due WHERE {where}", on)  # noqa: S608 - own words

    def registered(self, items: Iterable[RegistrationItem]) -> None:
        """Hear what became of registrations: whom the exchange had already was not here alone."""
        known = [
            (item.insz, Kind.ONLY_HERE)
            for item in items
            if isinstance(item, Registered) and item.resultaat != RegistrationResult.REGISTERED
        ]
        with self._database.transaction():
            self._database.each("DELETE FROM divergences WHERE name = ? AND kind = ?", known)

    def pairs(self, day: date) -> Iterator[Pair]:
        """Give what is compared of each registration that runs on a day in Brussels."""
        found = self._database.rows(
            f"SELECT handle, versie FROM persons WHERE handle IS NOT NULL AND versie IS NOT NULL AND {_RUNS}",  # noqa: S608 - own words
            {"day": day.isoformat()},
        )
        yield from (Pair(*row) for row in found)

    def find_other_answers(self, handles: Iterable[str], now: datetime) -> None:
        """Note whose answer is another at the exchange: they are due."""
        self._make_due(handles, Kind.OUTDATED, now)

    def find_only_here(self, handles: Iterable[str], now: datetime) -> None:
        """Note whose registration is here alone: they are due, and doubtful until the exchange is asked."""
        self._make_due(handles, Kind.ENDED, now)

    def doubtful(self) -> list[str]:
        """List the persons of whom it is not known yet why their registration is here alone."""
        found = self._database.rows(
            "SELECT insz FROM persons JOIN divergences ON name = insz WHERE kind = ? ORDER BY insz", (Kind.ENDED,)
        )
        return [number for (number,) in found]

    def _make_due(self, handles: Iterable[str], kind: Kind, now: datetime) -> None:
        with self._database.transaction():
            due = self._next_event()
            found = [
                row
                for handle in handles
                for row in self._database.rows(
                    "SELECT insz, answer IS NOT NULL OR expires IS NOT NULL FROM persons WHERE handle = ? AND due = 0",
                    (handle,),
                )
            ]
            self._note([(number, bool(had)) for number, had in found], kind, now)
            # What is known now is no measure of the answer: fewer files may be joined in it.
            self._database.each(
                "UPDATE persons SET due = ?, known = 0 WHERE insz = ?", ((due, number) for number, _ in found)
            )

    def rename(self, here: Iterable[str], there: Mapping[str, str], now: datetime) -> None:
        """Mend handles that are not as the exchange gave them: their version tells which it is.

        Args:
            here: handles that the exchange does not have.
            there: handles that nobody here has, by version.
            now: the present moment.
        """
        with self._database.transaction():
            for handle in here:
                for number, version in list(
                    self._database.rows("SELECT insz, versie FROM persons WHERE handle = ?", (handle,))
                ):
                    if version in there:
                        kind = Kind.FLIPPED if is_bit_apart(handle, there[version]) else Kind.EDITED
                        self._note([(number, True)], kind, now)
                        self._database.do("UPDATE persons SET handle = ? WHERE insz = ?", (there[version], number))

    def call(self, number: str, kind: Kind) -> None:
        """Say how a person differs, now that it is known."""
        with self._database.transaction():
            self._call(number, kind)

    def forget(self, number: str, kind: Kind) -> None:
        """Forget a person, who is not ours any more, and say how it differed."""
        with self._database.transaction():
            self._call(number, kind)
            self._database.do("DELETE FROM persons WHERE insz = ?", (number,))

    def register_again(self, number: str, kind: Kind) -> None:
        """Have a person registered again, as it is noted here, and say how it differs."""
        with self._database.transaction():
            due = self._next_event()
            self._call(number, kind)
            self._database.do(
                "UPDATE persons SET confirmed = 0, due = ?, refused = NULL WHERE insz = ? AND begin IS NOT NULL",
                (due, number),
            )

    def unmatched(self) -> list[str]:
        """List the persons here who have no handle: a registration that nobody is known with may be theirs."""
        return [n for (n,) in self._database.rows("SELECT insz FROM persons WHERE handle IS NULL ORDER BY insz")]

    def handles(self) -> dict[str, str]:
        """Give who is known here, by handle."""
        return dict(self._database.rows("SELECT handle, insz FROM persons WHERE handle IS NOT NULL"))

    def find_missing(self, handles: Iterable[str], now: datetime) -> None:
        """Note the exchange's registrations that nobody here is known with."""
        with self._database.transaction():
            self._note([(handle, False) for handle in handles], Kind.NOT_HERE, now)

    def restore(self, number: str, handle: str, registration: Registration, now: datetime) -> int:
        """Take a person in who was missing here; gives the number of what makes the person due."""
        end = None if registration.end is None else registration.end.isoformat()
        said = (registration.begin.isoformat(), end, registration.right.value, handle)
        with self._database.transaction():
            due = self._next_event()
            self._database.do(
                "INSERT INTO persons (insz, due, begin, einde, recht, handle, confirmed) VALUES (?, ?, ?, ?, ?, ?, 1) "
                "ON CONFLICT (insz) DO UPDATE SET due = excluded.due, begin = excluded.begin, einde = excluded.einde, "
                "recht = excluded.recht, handle = excluded.handle, confirmed = 1, known = 0, refused = NULL",
                (number, due, *said),
            )
            self._note([(number, False)], Kind.NOT_HERE, now)
            # What was found of the handle was this person's.
            kind = self._database.one("SELECT kind FROM divergences WHERE name = ?", (handle,))
            self._database.do("DELETE FROM divergences WHERE name = ?", (handle,))
            if kind is not None:
                self._call(number, Kind(kind))
        return due

    def settle(self) -> None:
        """Say of what was looked up whether only one of the two had forgotten it."""
        empty = "SELECT insz FROM persons WHERE due = 0 AND versie IS NOT NULL AND answer IS NULL AND expires IS NULL"
        with self._database.transaction():
            # Both have: at the end of its term, as it should.
            self._database.do(
                f"DELETE FROM divergences WHERE kind = ? AND NOT had AND name IN ({empty})",  # noqa: S608 - own words
                (Kind.EXPIRED,),
            )
            self._database.do(
                f"UPDATE divergences SET kind = ? WHERE kind = ? AND had AND name IN ({empty})",  # noqa: S608 - own words
                (Kind.EXPIRED, Kind.OUTDATED),
            )

    def _note(self, found: Iterable[tuple[str, bool]], kind: Kind, now: datetime) -> None:
        at = int(now.timestamp())
        self._database.each(
            "INSERT OR IGNORE INTO divergences VALUES (?, ?, ?, ?)", ((name, kind, had, at) for name, had in found)
        )

    def _call(self, name: str, kind: Kind) -> None:
        self._database.do("UPDATE divergences SET kind = ? WHERE name = ?", (kind, name))
