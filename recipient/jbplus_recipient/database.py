"""The SQLite file underneath: for one run at a time and one party; its changes whole, its errors in words."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from jbplus.protocol.parties import Party
from jbplus_recipient.errors import ExchangeError

FILE: Final = "recipient.sqlite3"
VERSION: Final = 6
_WITHOUT_OWN: Final = 5
_WITHOUT_REFERTES: Final = 4
_WITHOUT_HASHES: Final = 3

# due: the number of what made the person due (events counts them), 0 when nothing is to be looked up. told: the
# highest volgnummer that notices told of the person since. begin, einde, recht: our registration, which the exchange
# has confirmed or not. known: the answer's volgnummer. expires: when the answer, or the refusal, must be gone, in
# epoch seconds (Article 3 b). asked: when it was looked up. written: the deductions as the last run wrote them.
# successions: which number replaces which, with the old one's registration; ours: whether the new one is registered
# because of it; let_go: whether it is answered; own: whether the old one was registered for its own sake. leaving:
# whose registration the exchange is to delete.
# handle, versie: the exchange's marks of registration and answer. hash: our own, over what is kept of the answer.
# stand: one row: moment and content of the newest stand, until it is compared; what the last comparison was of.
# divergences: what it found, by person, or by handle where nobody here is known to have it; had: whether there was an
# answer before.
# others: numbers known by notices alone, and the number of ours that is the same person's.
# answer: the last column, since it is long: to read another one it need not be read.
# refertes: which payments stand in whose answer, kept by triggers: it is there as long as the answer, and no longer.
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS state (
    one INTEGER PRIMARY KEY CHECK (one = 1), party TEXT NOT NULL, first_notice INTEGER,
    events INTEGER NOT NULL DEFAULT 0, volgnummer INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS notices (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS notices_by_number ON notices (number);
CREATE TABLE IF NOT EXISTS persons (
    insz TEXT PRIMARY KEY,
    due INTEGER NOT NULL DEFAULT 0, told INTEGER NOT NULL DEFAULT 0,
    begin TEXT, einde TEXT, recht TEXT, confirmed INTEGER NOT NULL DEFAULT 0, handle TEXT,
    known INTEGER NOT NULL DEFAULT 0, expires INTEGER, asked INTEGER,
    in_doubt INTEGER NOT NULL DEFAULT 0, versie TEXT, replaced INTEGER NOT NULL DEFAULT 0,
    refused TEXT, hash TEXT, answer TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS persons_due ON persons (insz) WHERE due > 0;
CREATE INDEX IF NOT EXISTS persons_replaced ON persons (insz) WHERE replaced;
CREATE TABLE IF NOT EXISTS written (
    insz TEXT, year INTEGER, deducted TEXT NOT NULL, in_doubt INTEGER NOT NULL, expires INTEGER,
    PRIMARY KEY (insz, year)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS changes (
    at INTEGER NOT NULL, insz TEXT NOT NULL, year INTEGER NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
    was_in_doubt INTEGER NOT NULL, in_doubt INTEGER NOT NULL, expires INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS changes_by_moment ON changes (at);
CREATE INDEX IF NOT EXISTS changes_by_end ON changes (expires);
CREATE TABLE IF NOT EXISTS succession_notices (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS successions (
    oud TEXT PRIMARY KEY, nieuw TEXT NOT NULL, begin TEXT NOT NULL, einde TEXT, recht TEXT NOT NULL,
    ours INTEGER NOT NULL, let_go INTEGER NOT NULL, own INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS leaving (insz TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stand (
    one INTEGER PRIMARY KEY CHECK (one = 1), moment TEXT NOT NULL, content BLOB, compared TEXT, persons INTEGER
);
CREATE TABLE IF NOT EXISTS divergences (
    name TEXT PRIMARY KEY, kind TEXT NOT NULL, had INTEGER NOT NULL, at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS others (insz TEXT, own TEXT, PRIMARY KEY (insz, own)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refertes (insz TEXT, referte TEXT, PRIMARY KEY (insz, referte)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS refertes_by_referte ON refertes (referte);
CREATE TRIGGER IF NOT EXISTS persons_answered AFTER UPDATE OF answer ON persons BEGIN
    DELETE FROM refertes WHERE insz = old.insz;
    INSERT OR IGNORE INTO refertes SELECT new.insz, json_extract(value, '$.referte')
        FROM json_each(iif(json_valid(new.answer), new.answer, '{}'), '$.verrichtingen');
END;
CREATE TRIGGER IF NOT EXISTS persons_deleted AFTER DELETE ON persons BEGIN
    DELETE FROM refertes WHERE insz = old.insz;
END;
"""

_NOTE_REFERTES: Final = "UPDATE persons SET answer = answer WHERE answer IS NOT NULL;"

# Which numbers were registered for their own sake is seen from those that replaced no other one.
_NOTE_OWN: Final = """
ALTER TABLE successions ADD COLUMN own INTEGER NOT NULL DEFAULT 0;
UPDATE successions SET own = NOT EXISTS (SELECT 1 FROM successions AS one WHERE one.nieuw = successions.oud AND ours);
"""

# Answers that have no hash of ours are asked for once more.
_FROM_THE_THIRD_VERSION: Final = f"""
ALTER TABLE persons ADD COLUMN hash TEXT;
UPDATE state SET events = events + 1;
UPDATE persons SET due = (SELECT events FROM state), known = 0 WHERE asked IS NOT NULL AND refused IS NULL;
{_TABLES}
{_NOTE_OWN}
{_NOTE_REFERTES}
"""  # noqa: S608 - own words

# The first version dropped notices that told of lower files than the answer's: everybody is looked up once more.
_FROM_THE_FIRST_VERSION: Final = f"""
ALTER TABLE state RENAME TO old_state; ALTER TABLE notices RENAME TO old_notices;
ALTER TABLE persons RENAME TO old_persons; DROP INDEX notices_by_name; DROP INDEX persons_due;
{_TABLES}
INSERT INTO state (one, party, first_notice, events) SELECT one, party, first_notice, 1 FROM old_state;
INSERT INTO notices SELECT name, number FROM old_notices WHERE true ON CONFLICT DO NOTHING;
INSERT INTO persons (insz, due, begin, einde, recht, answer, known, expires, refused)
    SELECT insz, 1, begin, einde, recht, answer, known, expires, refused FROM old_persons;
DROP TABLE old_state; DROP TABLE old_notices; DROP TABLE old_persons;
{_NOTE_REFERTES}
"""  # noqa: S608 - own words

Values = Sequence[object] | Mapping[str, object]


class StoreError(ExchangeError):
    """The state cannot be used; the text says why, and what to do."""


class Database:
    """One recipient's tables.

    Args:
        connection: to the database, in autocommit mode (`isolation_level=None`).
        party: whose state it is.

    Raises:
        StoreError: it is another party's, another process has it open, or it is no state of a recipient.
    """

    def __init__(self, connection: sqlite3.Connection, party: Party) -> None:
        self.connection = connection
        self._undone = 0
        with _told():
            # Deleted data are overwritten; two runs at once would write each other's outputs.
            for setting in ("secure_delete = ON", "synchronous = FULL", "locking_mode = EXCLUSIVE"):
                connection.execute(f"PRAGMA {setting}")
            with self._undone_on_error():
                connection.executescript(f"BEGIN EXCLUSIVE; {self._tables()} PRAGMA user_version = {VERSION}; COMMIT")
        self.do("INSERT OR IGNORE INTO state (one, party) VALUES (1, ?)", (party.kbo,))
        if self.one("SELECT party FROM state") != party.kbo:
            raise StoreError(f"The state is another party's than {party.name}'s. Choose another folder.")

    def rows(self, statement: str, values: Values = ()) -> Iterator[tuple[Any, ...]]:
        """Read rows, one by one."""
        with _told():
            yield from self.connection.execute(statement, values)

    def one(self, statement: str, values: Values = ()) -> Any:  # noqa: ANN401 - whatever the column holds
        """Read the one value that a statement gives, None when it gives none."""
        found = list(self.rows(statement, values))
        return found[0][0] if found else None

    def do(self, statement: str, values: Values = ()) -> int:
        """Change rows, within a transaction or as one; give how many."""
        with _told():
            return self.connection.execute(statement, values).rowcount

    def each(self, statement: str, values: Iterable[Values]) -> None:
        """Change rows once for each of the values, within a transaction."""
        with _told():
            self.connection.executemany(statement, values)

    @property
    def changes(self) -> tuple[int, int]:
        """How often rows were changed, and changes undone: when it is as it was, so is all that is read."""
        return self.connection.total_changes, self._undone

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all that is done in it, or nothing.

        Raises:
            StoreError: it cannot be done.
        """
        self.do("BEGIN IMMEDIATE")
        with self._undone_on_error():
            yield
            self.do("COMMIT")

    @contextmanager
    def _undone_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._undone += 1
            # On a full disk SQLite has rolled back by itself; whatever happens here, the cause is what is told.
            with suppress(sqlite3.Error):
                self.connection.execute("ROLLBACK")
            raise

    def _tables(self) -> str:
        version = self.one("PRAGMA user_version")
        if version > VERSION:
            raise StoreError(f"{FILE} was written by a newer version of this library. Install that one.")
        if version == _WITHOUT_OWN:
            return _TABLES + _NOTE_OWN
        if version == _WITHOUT_REFERTES:
            return _TABLES + _NOTE_OWN + _NOTE_REFERTES
        if version == _WITHOUT_HASHES:
            return _FROM_THE_THIRD_VERSION
        is_old = version == 0 and self.one("SELECT 1 FROM sqlite_master WHERE name = 'notices_by_name'")
        return _FROM_THE_FIRST_VERSION if is_old else _TABLES


@contextmanager
def opened(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open the file in a folder, which is made when it is not there; it is for nobody else to read.

    Raises:
        StoreError: it cannot be opened.
    """
    path = folder / FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives its journals the mode of the file itself.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
        connection = sqlite3.connect(path, isolation_level=None, timeout=0)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{path} cannot be opened. Choose another folder.") from error
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(_words(error)) from error


def _words(error: sqlite3.Error) -> str:
    # The first byte is the kind of error; extended codes say more about it.
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return "The state is in use by another run. Try again later."
        case sqlite3.SQLITE_FULL:
            return "The disk is full: the state is as it was before. Make room, and run it again."
        case sqlite3.SQLITE_NOTADB:
            return f"{FILE} is not the state of a recipient. Choose another folder."
        case sqlite3.SQLITE_CORRUPT:
            return (
                f"{FILE} is damaged. Put a copy of an earlier day back, or move it away and register everybody again: "
                "who is registered is looked up."
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN:
            return "The state may not be written. Check who owns its folder, and its rights."
        case _:
            name = getattr(error, "sqlite_errorname", "SQLite")
            return f"The state cannot be read or written ({name}). Check the disk, and run it again."
