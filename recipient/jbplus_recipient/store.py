"""What a recipient remembers: its persons, what they were last answered, and which notices it has seen.

One SQLite file, readable by nobody else. Every method is one transaction: wherever the process dies, a method's
work is there wholly or not at all, and doing it once more changes nothing.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final, Self, TypeVar

from pydantic import ValidationError

from jbplus.notices.notice import Notice, SuccessionNotice
from jbplus.protocol.calendar import brussels_day, end_of_day, start_of_day
from jbplus.protocol.parties import Party
from jbplus.protocol.purposes import Right
from jbplus.registrations.rules import Registration
from jbplus.wire import Wire
from jbplus_recipient.answers import Nets, Person
from jbplus_recipient.changes import NOTHING, Change, Key, Written, diff, net
from jbplus_recipient.database import FILE, Database, StoreError, opened
from jbplus_recipient.deductions import Deduction, deductions, last_day
from jbplus_recipient.hashes import hash_of, record_of
from jbplus_recipient.standing import Due, Known, Missing, Standing
from jbplus_recipient.stands import Stands
from jbplus_recipient.successions import Successions

_Form = TypeVar("_Form", bound=Wire)

__all__ = ["FILE", "HISTORY", "Store", "StoreError"]

HISTORY: Final = timedelta(days=365)
"""How long changes of deductions are remembered, where the person's data do not end sooner."""

REFUSALS: Final = timedelta(days=30)
"""How long it is remembered that the exchange refused a person whom we did not register."""

_END: Final = "SELECT persons.expires FROM persons WHERE persons.insz = written.insz"

_IS_DUE: Final = """
    due > 0 AND (begin IS NULL OR confirmed) AND
    (told > 0 OR begin IS NULL OR :day IS NULL OR (begin <= :day AND (einde IS NULL OR :day <= einde)))
"""


class Store:
    """One recipient's state.

    Args:
        connection: to the database, in autocommit mode (`isolation_level=None`).
        party: whose state it is.

    Raises:
        StoreError: here and in every method: it cannot be used; it is as it was before.
    """

    def __init__(self, connection: sqlite3.Connection, party: Party) -> None:
        self._database = Database(connection, party)
        self._successions = Successions(self._database, self._next_event)
        self.stands = Stands(self._database, self._next_event)
        self.party = party

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, party: Party) -> Iterator[Self]:
        """Open the state in a folder, which is made when it is not there; one process at a time."""
        with opened(folder) as connection:
            yield cls(connection, party)

    def expect(self, numbers: Sequence[str], registration: Registration) -> None:
        """Note that persons are to be registered, and looked up after it."""
        end = None if registration.end is None else registration.end.isoformat()
        said = (registration.begin.isoformat(), end, registration.right.value)
        with self._database.transaction():
            due = self._next_event()
            self._database.each(
                "INSERT INTO persons (insz, due, begin, einde, recht) VALUES (?, ?, ?, ?, ?) ON CONFLICT (insz) DO "
                "UPDATE SET due = excluded.due, begin = excluded.begin, einde = excluded.einde, "
                "recht = excluded.recht, confirmed = 0",
                ((number, due, *said) for number in numbers),
            )
            self._successions.expect(numbers, said, due)

    def unconfirmed(self) -> dict[Registration, list[str]]:
        """List the persons whose registration the exchange has not confirmed, by registration."""
        found: dict[Registration, list[str]] = {}
        for number, begin, end, right in self._database.rows(
            "SELECT insz, begin, einde, recht FROM persons WHERE begin IS NOT NULL AND NOT confirmed "
            "ORDER BY begin, einde, recht, insz"
        ):
            last = None if end is None else date.fromisoformat(end)
            found.setdefault(Registration(date.fromisoformat(begin), last, Right(right)), []).append(number)
        return found

    def confirm(
        self, numbers: Iterable[str], refused: Mapping[str, str], handles: Mapping[str, str | None] | None = None
    ) -> None:
        """Note what became of registrations: made, or refused with a code; and the exchange's own names of them."""
        names = handles or {}
        with self._database.transaction():
            self._database.each(
                "UPDATE persons SET confirmed = 1, handle = ?, refused = NULL WHERE insz = ?",
                ((names.get(number), number) for number in numbers),
            )
            self._database.each(
                "UPDATE persons SET begin = NULL, einde = NULL, recht = NULL, confirmed = 0, handle = NULL, "
                "due = iif(told > 0, due, 0), answer = NULL, known = 0, expires = NULL, versie = NULL, hash = NULL, "
                "refused = ? WHERE insz = ?",
                ((code, number) for number, code in refused.items()),
            )

    def has_notice(self, name: str) -> bool:
        """Tell whether a notice of this name was taken, of either kind."""
        both = "SELECT 1 FROM notices WHERE name = :name UNION SELECT 1 FROM succession_notices WHERE name = :name"
        return self._database.one(both, {"name": name}) is not None

    def take(self, name: str, notice: Notice) -> None:
        """Take a notice: its number, and that its persons are due until a lookup that is made after this.

        No volgnummer makes up for the lookup: files come late, are applied in pieces, and have records released.
        """
        told = notice.told()
        made = brussels_day(notice.context.tijdstip).isoformat()
        with self._database.transaction():
            due = self._next_event(max(told.values(), default=0))
            self._database.do("INSERT OR IGNORE INTO notices VALUES (?, ?)", (name, notice.context.volgnummer))
            for number in self._successions.hear_of(notice.notificaties, due):
                del told[number]
            self._database.each(
                "INSERT INTO persons (insz, due, told) VALUES (?, ?, ?) ON CONFLICT (insz) DO "
                "UPDATE SET due = excluded.due, told = max(told, excluded.told)",
                ((number, due, volgnummer) for number, volgnummer in told.items()),
            )
            # Only registered persons are told of: when ours had ended, another application of the party made one.
            self._database.each(
                "UPDATE persons SET begin = NULL, einde = NULL, recht = NULL, confirmed = 0, handle = NULL "
                "WHERE insz = ? AND confirmed AND einde < ?",
                ((number, made) for number in told),
            )

    def take_succession(self, name: str, notice: SuccessionNotice) -> None:
        """Take a notice of successions: new numbers are to be registered and looked up, and its persons are due."""
        with self._database.transaction():
            self._successions.take(name, notice)

    def let_go(self) -> list[str]:
        """Let old numbers go whose new number is answered; list those whose registration is to be deleted."""
        with self._database.transaction():
            self._successions.let_go()
        return self._successions.leaving()

    def left(self, number: str) -> None:
        """Forget a number: the exchange has deleted its registration."""
        with self._database.transaction():
            self._successions.left(number)

    def begin_at(self, number: int) -> None:
        """Say which notice is the first that is ours to have: earlier ones are not missed."""
        self._database.do("UPDATE state SET first_notice = ?", (number,))

    def due(self, day: date | None = None) -> list[Due]:
        """List who is to be looked up: told of, or registered and not looked up since.

        Args:
            day: whose registration runs on this day, in Brussels: before it the exchange refuses; None for everybody.
        """
        found = self._database.rows(f"SELECT insz, told, due FROM persons WHERE {_IS_DUE} ORDER BY insz", _on(day))  # noqa: S608 - own words
        return [Due(*row) for row in found]

    def keep(
        self,
        answers: Sequence[tuple[Due, Person]],
        refused: Sequence[tuple[Due, str]],
        *,
        asked: datetime | None = None,
        began: datetime | None = None,
    ) -> None:
        """Keep what lookups gave.

        A lookup settles what made the person due before it, not what came since. An answer that is provably older,
        by its volgnummer, than what is known changes nothing; older than what was told it does not settle that.

        Args:
            answers: who was looked up, as `due` gave it, and the answer.
            refused: who was looked up, and the code of the refusal.
            asked: when they were looked up.
            began: when the run of these lookups began; None when they were all.
        """
        with self._database.transaction():
            for due, answer in answers:
                self._answer(due, answer, asked)
            if asked is not None:
                for due, _ in answers:
                    self._successions.ask_again(due.insz, int((began or asked).timestamp()))
            self._database.each(
                "UPDATE persons SET told = iif(due = :since, 0, told), due = iif(due = :since, 0, due), "
                "answer = NULL, known = 0, expires = NULL, asked = NULL, in_doubt = 0, versie = NULL, hash = NULL, "
                "handle = NULL, refused = :code "
                "WHERE insz = :insz AND due > 0",
                ({"insz": due.insz, "since": due.since, "code": code} for due, code in refused),
            )

    def expire(self, now: datetime) -> int:
        """Forget what may not be kept any longer (Article 3 b), and persons whom nobody registers.

        Returns:
            How many persons' answers were forgotten.
        """
        at = int(now.timestamp())
        with self._database.transaction():
            forgotten = self._database.one(
                "SELECT count(*) FROM persons WHERE expires <= ? AND answer IS NOT NULL", (at,)
            )
            self._database.do(
                "UPDATE persons SET answer = NULL, known = 0, asked = NULL, versie = NULL, hash = NULL, expires = NULL "
                "WHERE expires <= ? AND refused IS NULL",
                (at,),
            )
            self._database.do(
                "DELETE FROM persons WHERE (confirmed AND einde < :today) OR (begin IS NULL AND answer IS NULL "
                "AND due = 0 AND (refused IS NULL OR expires <= :at))",
                {"today": brussels_day(now).isoformat(), "at": at},
            )
            for table in ("written", "changes"):
                self._database.do(f"DELETE FROM {table} WHERE expires <= ?", (at,))  # noqa: S608 - own words
            self._database.do("DELETE FROM divergences WHERE at <= ?", (at - int(REFUSALS.total_seconds()),))
            self._successions.forget()
        return int(forgotten)

    def deductions(self) -> Iterator[Deduction]:
        """Tell what is to be deducted, by person and fiscal year in their order; who is refused is left out.

        A person who is known under several numbers is counted once.
        """
        uncounted = self._successions.uncounted()
        answered = "SELECT insz, answer FROM persons WHERE answer IS NOT NULL ORDER BY insz"
        for number, answer in self._database.rows(answered):
            if number not in uncounted:
                yield from deductions(_read(answer, Nets))

    def person(self, number: str) -> Known | None:
        """Give what is known of one person, None of somebody who is not here."""
        for answer, asked, due, in_doubt, refused in self._database.rows(
            "SELECT answer, asked, due, in_doubt, refused FROM persons WHERE insz = ?", (number,)
        ):
            moment = None if asked is None else datetime.fromtimestamp(asked, UTC)
            return Known(number, answer and _read(answer, Person), moment, bool(due), bool(in_doubt), refused)
        return None

    def changes(self, now: Mapping[Key, Written]) -> list[Change]:
        """Compare the deductions with those that the last run wrote; what was forgotten is no change.

        Args:
            now: what is to be deducted, as `deductions` tells it.
        """
        before = self._database.rows("SELECT insz, year, deducted, in_doubt FROM written")
        return diff({Key(number, year): _written(*what) for number, year, *what in before}, now)

    def changes_since(self, day: date) -> list[Change]:
        """Tell what changed from a day on, in Brussels, as far as it is remembered (`HISTORY`)."""
        found = self._database.rows(
            "SELECT insz, year, before, was_in_doubt, after, in_doubt FROM changes WHERE at >= ? ORDER BY rowid",
            (start_of_day(day).timestamp(),),
        )
        return net(
            Change(Key(number, year), _written(before, was_in_doubt), _written(after, in_doubt))
            for number, year, before, was_in_doubt, after, in_doubt in found
        )

    def settle(self, changes: Sequence[Change], now: datetime) -> None:
        """Note that the deductions are written, and what changed in them: the next run compares with these."""
        at = int(now.timestamp())
        with self._database.transaction():
            for change in changes:
                end = min(at + int(HISTORY.total_seconds()), self._write_anew(change))
                values = (f"{change.before.deducted:f}", f"{change.after.deducted:f}")
                doubts = (change.before.in_doubt, change.after.in_doubt)
                self._database.do(
                    "INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (at, *change.key, *values, *doubts, end)
                )
            # What is deducted may stay the same, and its end not.
            self._database.do(f"UPDATE written SET expires = ({_END}) WHERE expires IS NOT ({_END})")  # noqa: S608 - own words
            self._database.do(
                "UPDATE persons SET expires = ? WHERE refused IS NOT NULL AND expires IS NULL",
                (at + int(REFUSALS.total_seconds()),),
            )

    def _write_anew(self, change: Change) -> int:
        """Note what one deduction became; give the end of what is known of it, in epoch seconds."""
        end = "SELECT expires FROM written WHERE insz = ? AND year = ?"
        earlier = self._database.one(end, change.key)
        self._database.do("DELETE FROM written WHERE insz = ? AND year = ?", change.key)
        if change.after != NOTHING:
            self._database.do(
                "INSERT INTO written SELECT insz, ?, ?, ?, expires FROM persons WHERE insz = ?",
                (change.key.fiscal_year, f"{change.after.deducted:f}", change.after.in_doubt, change.key.insz),
            )
        return int(self._database.one(end, change.key) or earlier)

    def standing(self, day: date | None = None) -> Standing:
        """Tell how the recipient stands; `day` as for `due`."""
        one, rows = self._database.one, self._database.rows
        due = rows(
            f"SELECT insz FROM persons WHERE (due > 0 AND NOT confirmed AND begin IS NOT NULL) OR ({_IS_DUE}) "  # noqa: S608 - own words
            "ORDER BY insz",
            _on(day),
        )
        refused = rows("SELECT insz, refused FROM persons WHERE refused IS NOT NULL ORDER BY insz")
        in_doubt = rows("SELECT insz FROM persons WHERE in_doubt ORDER BY insz")
        return Standing(
            persons=one("SELECT count(*) FROM persons"),
            due=tuple(number for (number,) in due),
            refused=dict(refused),
            in_doubt=tuple(number for (number,) in in_doubt),
            missing=tuple(self._missing("notices", one("SELECT coalesce(first_notice, 1) FROM state"))),
            missing_successions=tuple(self._missing("succession_notices", 1)),
            last_notice=one("SELECT coalesce(max(number), 0) FROM notices"),
            last_volgnummer=one("SELECT volgnummer FROM state"),
            proof=self.stands.proof(),
        )

    def _missing(self, notices: str, expected: int) -> Iterator[Missing]:
        whole = "count(DISTINCT number) = ifnull(max(number) - :first + 1, 0)"
        if self._database.one(f"SELECT {whole} FROM {notices} WHERE number >= :first", {"first": expected}):  # noqa: S608 - own words
            return  # nearly always
        numbers = f"SELECT number, lag(number, 1, :first - 1) OVER (ORDER BY number) AS before FROM {notices}"  # noqa: S608 - own words
        gaps = self._database.rows(
            f"SELECT before + 1, number - 1 FROM ({numbers} WHERE number >= :first) WHERE number > before + 1",  # noqa: S608 - own words
            {"first": expected},
        )
        yield from (Missing(*gap) for gap in gaps)

    def _answer(self, due: Due, answer: Person, asked: datetime | None) -> None:
        # An answer without volgnummer settles what was told: nothing is known any more, so nothing is deducted.
        volgnummer = answer.volgnummer
        last = last_day(answer)
        kept = {
            "answer": answer.model_dump_json(by_alias=True, exclude_unset=True) if answer.verrichtingen else None,
            # What is known of nothing live may not be known for ever.
            "known": 0 if volgnummer is None or last is None else volgnummer,
            "expires": None if last is None else end_of_day(last),
            "asked": None if asked is None else int(asked.timestamp()),
            "in_doubt": int(answer.in_onderzoek),
            "versie": answer.versie,
            "replaced": int(bool(answer.vervangen)),
        }
        self._database.do(
            "UPDATE persons SET answer = :answer, known = :known, expires = :expires, asked = :asked, "
            "in_doubt = :in_doubt, versie = :versie, replaced = :replaced, refused = NULL, hash = :hash, "
            "told = iif(due = :since AND told <= :volgnummer, 0, told), "
            "due = iif(due = :since AND told <= :volgnummer, 0, due) "
            "WHERE insz = :insz AND due > 0 AND known <= :volgnummer",
            kept
            | {
                "insz": due.insz,
                "since": due.since,
                "volgnummer": _ANY if volgnummer is None else volgnummer,
                "hash": hash_of(record_of(due.insz, *kept.values())),
            },
        )
        self._database.do("UPDATE state SET volgnummer = max(volgnummer, ?)", (volgnummer or 0,))

    def _next_event(self, volgnummer: int = 0) -> int:
        self._database.do("UPDATE state SET events = events + 1, volgnummer = max(volgnummer, ?)", (volgnummer,))
        return int(self._database.one("SELECT events FROM state"))


# Above every volgnummer: an answer that nothing is known any more settles whatever was told.
_ANY: Final = 2**63 - 1


def _on(day: date | None) -> dict[str, str | None]:
    return {"day": None if day is None else day.isoformat()}


def _written(deducted: str, in_doubt: int) -> Written:
    return Written(Decimal(deducted), bool(in_doubt))


def _read(answer: str, form: type[_Form]) -> _Form:
    try:
        return form.read(answer)
    except ValidationError:
        raise StoreError(f"{FILE} holds an answer that cannot be read. Put a copy of an earlier day back.") from None
