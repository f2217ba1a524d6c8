"""What a recipient remembers: its persons, what they were last answered, and which notices it has seen.

One SQLite file, readable by nobody else. Every method is one transaction: wherever the process dies, a method's
work is there wholly or not at all, and doing it once more changes nothing.
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Final, Self

from jbplus.consultation.wire import PersonAnswer
from jbplus.notices.notice import Notice
from jbplus.protocol.calendar import end_of_day
from jbplus.protocol.parties import Party
from jbplus.protocol.purposes import Right
from jbplus.registrations.rules import Registration
from jbplus_recipient.deductions import Deduction, deductions, last_day
from jbplus_recipient.errors import ExchangeError
from jbplus_recipient.standing import Due, Missing, Standing

FILE: Final = "recipient.sqlite3"

# told: the highest volgnummer that a notice told of the person. known: up to which one it was looked up.
# fresh: registered, and not looked up since. begin, einde, recht: a registration that the exchange has not
# confirmed. expires: when the answer must be gone, in epoch seconds (Article 3 b).
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS state (one INTEGER PRIMARY KEY CHECK (one = 1), party TEXT NOT NULL, first_notice INTEGER);
CREATE TABLE IF NOT EXISTS notices (number INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS notices_by_name ON notices (name);
CREATE TABLE IF NOT EXISTS persons (
    insz TEXT PRIMARY KEY,
    told INTEGER NOT NULL DEFAULT 0,
    known INTEGER NOT NULL DEFAULT 0,
    fresh INTEGER NOT NULL DEFAULT 0,
    begin TEXT, einde TEXT, recht TEXT,
    answer TEXT, expires INTEGER, refused TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS persons_due ON persons (insz) WHERE fresh = 1 OR told > known;
"""


class StoreError(ExchangeError):
    """The state cannot be used; the text says why, and what to do."""


class Store:
    """One recipient's state.

    Args:
        connection: to the database, in autocommit mode (`isolation_level=None`).
        party: whose state it is.

    Raises:
        StoreError: it is another party's, or another process has it open.
    """

    def __init__(self, connection: sqlite3.Connection, party: Party) -> None:
        self._connection = connection
        self.party = party
        try:
            # Deleted data are overwritten; two runs at once would write each other's outputs.
            for setting in ("secure_delete = ON", "synchronous = FULL", "locking_mode = EXCLUSIVE"):
                connection.execute(f"PRAGMA {setting}")
            connection.executescript(f"BEGIN EXCLUSIVE; {_TABLES} COMMIT")
            self._do("INSERT OR IGNORE INTO state VALUES (1, ?, NULL)", (party.kbo,))
            (owner,) = connection.execute("SELECT party FROM state").fetchone()
        except sqlite3.OperationalError as error:
            raise StoreError("The state is in use by another run, or cannot be written. Try again later.") from error
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{FILE} is not the state of a recipient. Choose another folder.") from error
        if owner != party.kbo:
            raise StoreError(f"The state is another party's than {party.name}'s. Choose another folder.")

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, party: Party) -> Iterator[Self]:
        """Open the state in a folder, which is made when it is not there; one process at a time.

        Raises:
            StoreError: it cannot be opened.
        """
        path = folder / FILE
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # SQLite gives its journals the mode of the file itself.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            connection = sqlite3.connect(path, isolation_level=None, timeout=0)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"{path} cannot be opened. Choose another folder.") from error
        try:
            yield cls(connection, party)
        finally:
            connection.close()

    def expect(self, numbers: Sequence[str], registration: Registration) -> None:
        """Note that persons are to be registered, and looked up after it."""
        end = None if registration.end is None else registration.end.isoformat()
        said = (registration.begin.isoformat(), end, registration.right.value)
        self._each(
            "INSERT INTO persons (insz, fresh, begin, einde, recht) VALUES (?, 1, ?, ?, ?) ON CONFLICT (insz) DO "
            "UPDATE SET fresh = 1, begin = excluded.begin, einde = excluded.einde, recht = excluded.recht",
            [(number, *said) for number in numbers],
        )

    def unconfirmed(self) -> dict[Registration, list[str]]:
        """List the persons whose registration the exchange has not confirmed, by registration."""
        found: dict[Registration, list[str]] = {}
        for number, begin, end, right in self._connection.execute(
            "SELECT insz, begin, einde, recht FROM persons WHERE begin IS NOT NULL ORDER BY begin, einde, recht, insz"
        ):
            last = None if end is None else date.fromisoformat(end)
            found.setdefault(Registration(date.fromisoformat(begin), last, Right(right)), []).append(number)
        return found

    def confirm(self, numbers: Sequence[str], refused: Mapping[str, str]) -> None:
        """Note what became of registrations: made, or refused with a code."""
        made = [(number,) for number in numbers]
        with self._transaction():
            self._connection.executemany(
                "UPDATE persons SET begin = NULL, einde = NULL, recht = NULL, refused = NULL WHERE insz = ?", made
            )
            for number, code in refused.items():
                self._refuse(number, 0, code)

    def has_notice(self, name: str) -> bool:
        """Tell whether a notice of this name was taken."""
        return self._connection.execute("SELECT 1 FROM notices WHERE name = ?", (name,)).fetchone() is not None

    def take(self, name: str, notice: Notice) -> None:
        """Take a notice: its number, and that its persons are due when it tells something new of them."""
        with self._transaction():
            self._connection.execute("INSERT OR IGNORE INTO notices VALUES (?, ?)", (notice.context.volgnummer, name))
            self._connection.executemany(
                "INSERT INTO persons (insz, told) VALUES (?, ?) ON CONFLICT (insz) DO "
                "UPDATE SET told = max(told, excluded.told)",
                notice.told().items(),
            )

    def begin_at(self, number: int) -> None:
        """Say which notice is the first that is ours to have: earlier ones are not missed."""
        self._do("UPDATE state SET first_notice = ?", (number,))

    def due(self) -> list[Due]:
        """List who is to be looked up: told something new, or registered and not looked up since."""
        return [
            Due(number, told, after_notice=told > known)
            for number, told, known in self._connection.execute(
                "SELECT insz, told, known FROM persons WHERE (fresh = 1 OR told > known) AND begin IS NULL "
                "ORDER BY insz"
            )
        ]

    def keep(self, answers: Sequence[tuple[Due, PersonAnswer]], refused: Sequence[tuple[Due, str]]) -> None:
        """Keep what lookups gave; an answer older than what is known changes nothing.

        Args:
            answers: who was looked up, as `due` gave it, and the answer.
            refused: who was looked up, and the code of the refusal.
        """
        with self._transaction():
            for due, answer in answers:
                self._answer(due, answer)
            for due, code in refused:
                self._refuse(due.insz, due.told, code)

    def expire(self, now: datetime) -> int:
        """Forget the answers that may not be kept any longer (Article 3 b); give their number."""
        return self._do("UPDATE persons SET answer = NULL, expires = NULL WHERE expires <= ?", (now.timestamp(),))

    def deductions(self) -> Iterator[Deduction]:
        """Tell what is to be deducted, by person and fiscal year in their order; who is refused is left out."""
        for person in self.answers():
            yield from deductions(person)

    def answers(self) -> Iterator[PersonAnswer]:
        """Give the last answer about each person who has one, in the order of their numbers."""
        for (answer,) in self._connection.execute("SELECT answer FROM persons WHERE answer IS NOT NULL ORDER BY insz"):
            yield PersonAnswer.read(answer)

    def standing(self) -> Standing:
        """Tell how the recipient stands."""
        ask = self._connection.execute
        (persons, last) = ask("SELECT count(*), coalesce(max(max(told, known)), 0) FROM persons").fetchone()
        (last_notice,) = ask("SELECT coalesce(max(number), 0) FROM notices").fetchone()
        (first,) = ask("SELECT coalesce(first_notice, 1) FROM state").fetchone()
        due = ask("SELECT insz FROM persons WHERE fresh = 1 OR told > known ORDER BY insz").fetchall()
        refused = ask("SELECT insz, refused FROM persons WHERE refused IS NOT NULL ORDER BY insz").fetchall()
        return Standing(
            persons, tuple(number for (number,) in due), dict(refused), tuple(self._missing(first)), last_notice, last
        )

    def _missing(self, expected: int) -> Iterator[Missing]:
        for (number,) in self._connection.execute(
            "SELECT number FROM notices WHERE number >= ? ORDER BY number", (expected,)
        ):
            if number > expected:
                yield Missing(expected, number - 1)
            expected = number + 1

    def _answer(self, due: Due, answer: PersonAnswer) -> None:
        # An answer without volgnummer settles what was told: nothing is known any more, so nothing is deducted.
        is_nothing = answer.volgnummer is None
        last = last_day(answer)
        self._connection.execute(
            "UPDATE persons SET known = max(known, :known), fresh = 0, refused = NULL, answer = :answer, "
            "expires = :expires WHERE insz = :insz AND (known <= :known OR :is_nothing)",
            {
                "insz": due.insz,
                "known": due.told if is_nothing else answer.volgnummer,
                "is_nothing": is_nothing,
                "answer": None if is_nothing else answer.model_dump_json(by_alias=True, exclude_unset=True),
                "expires": None if last is None else end_of_day(last),
            },
        )

    def _refuse(self, number: str, told: int, code: str) -> None:
        self._connection.execute(
            "UPDATE persons SET known = max(known, ?), fresh = 0, begin = NULL, einde = NULL, recht = NULL, "
            "answer = NULL, expires = NULL, refused = ? WHERE insz = ?",
            (told, code, number),
        )

    def _do(self, statement: str, values: tuple[object, ...]) -> int:
        with self._transaction():
            return self._connection.execute(statement, values).rowcount

    def _each(self, statement: str, values: Sequence[tuple[object, ...]]) -> None:
        with self._transaction():
            self._connection.executemany(statement, values)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
