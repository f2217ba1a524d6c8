"""The state on a bad day: a full disk, a broken page, an earlier version; in words, and nothing is lost."""

import sqlite3
from datetime import date
from pathlib import Path

import pytest

from jbplus.protocol.purposes import Right
from jbplus.registrations.rules import Registration
from jbplus_recipient.database import FILE, VERSION, Database, StoreError
from jbplus_recipient.notices import read_notice
from jbplus_recipient.store import Store
from tests.recipient.fakes import INFINO, NOW, memory, notice_bytes, person
from tests.support.people import ANNA, BRAM, person_number

OPEN = Registration(date(2025, 1, 1), None, Right.RUNNING)
MANY = [person_number(serial) for serial in range(1, 600)]


def test_a_full_disk_is_said_and_leaves_the_state_as_it_was() -> None:
    connection = memory()
    store = Store(connection, INFINO)
    store.expect([ANNA], OPEN)
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")

    with pytest.raises(StoreError, match="disk is full") as caught:
        store.expect(MANY, OPEN)

    assert "rollback" not in str(caught.value)
    assert store.unconfirmed() == {OPEN: [ANNA]}
    connection.execute("PRAGMA max_page_count = 10000")
    store.expect(MANY, OPEN)
    assert len(store.unconfirmed()[OPEN]) == len({ANNA, *MANY})


def test_a_failure_within_a_transaction_undoes_all_of_it() -> None:
    store = Store(memory(), INFINO)
    store.expect([ANNA], OPEN)
    database = store._database

    def fail() -> None:
        with database.transaction():
            database.do("DELETE FROM persons")
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert store.unconfirmed() == {OPEN: [ANNA]}
    assert not database.connection.in_transaction


def test_that_something_was_undone_is_a_change_too() -> None:
    database = Store(memory(), INFINO)._database
    seen = [database.changes]

    def fail() -> None:
        with database.transaction():
            database.do("INSERT INTO leaving VALUES ('a')")
            seen.append(database.changes)
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert len({*seen, database.changes}) == 3


def test_what_sqlite_undid_by_itself_is_told_by_its_cause() -> None:
    database = Store(memory(), INFINO)._database

    def fail() -> None:
        with database.transaction():
            database.connection.execute("ROLLBACK")
            raise KeyError

    with pytest.raises(KeyError):
        fail()


def test_what_is_forgotten_is_nowhere_on_the_disk(tmp_path: Path) -> None:
    with Store.opened(tmp_path, INFINO) as store:
        store.take("notice", read_notice(notice_bytes(1, [(ANNA, 1)]), recipient=INFINO))
        store.keep([(one, person(ANNA, 1, "600.00", bewaarTot="2026-03-04")) for one in store.due()], [])
        assert ANNA.encode() in (tmp_path / FILE).read_bytes()

        store.expire(NOW)

        assert ANNA.encode() not in (tmp_path / FILE).read_bytes()


def test_what_is_done_is_on_the_disk(tmp_path: Path) -> None:
    with Store.opened(tmp_path, INFINO) as store:
        assert store._database.one("PRAGMA synchronous") == 2


def broken(folder: Path) -> Path:
    """Make a state of many pages, and break those of its tables."""
    with Store.opened(folder, INFINO) as store:
        store.expect(MANY, OPEN)
    path = folder / FILE
    content = bytearray(path.read_bytes())
    content[4096 * 8 :] = b"\xff" * (len(content) - 4096 * 8)
    path.write_bytes(content)
    return path


def test_a_broken_page_is_said(tmp_path: Path) -> None:
    broken(tmp_path)

    with Store.opened(tmp_path, INFINO) as store:
        with pytest.raises(StoreError, match="is damaged"):
            store.unconfirmed()
        with pytest.raises(StoreError, match="is damaged"):
            store.expect(MANY, OPEN)


def test_an_answer_that_is_broken_is_said_without_its_content() -> None:
    store = Store(memory(), INFINO)
    store.take("notice", read_notice(notice_bytes(1, [(ANNA, 1)]), recipient=INFINO))
    store.keep([(one, person(ANNA, 1, "600.00")) for one in store.due()], [])
    store._database.do("UPDATE persons SET answer = replace(answer, 'insz', 'x')")

    with pytest.raises(StoreError, match="cannot be read") as caught:
        list(store.deductions())

    assert (ANNA in str(caught.value), caught.value.__cause__) == (False, None)


def test_the_state_gets_its_mode_whatever_it_was(tmp_path: Path) -> None:
    (tmp_path / FILE).touch(mode=0o644)

    with Store.opened(tmp_path, INFINO):
        assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "state").touch()

    with pytest.raises(StoreError, match="cannot be opened"), Store.opened(tmp_path / "state", INFINO):
        pass


def test_a_state_that_a_newer_library_wrote_is_left_alone() -> None:
    connection = memory()
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")

    with pytest.raises(StoreError, match="newer version"):
        Database(connection, INFINO)

    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


def make_earlier(connection: sqlite3.Connection, version: int) -> None:
    """Make a state as an earlier version of the library left it."""
    added_by = {
        6: "ALTER TABLE successions DROP COLUMN own;",
        5: "DROP TRIGGER persons_answered; DROP TRIGGER persons_deleted; DROP TABLE refertes;",
        4: "ALTER TABLE persons DROP COLUMN hash;",
    }
    undone = [statement for added, statement in added_by.items() if added > version]
    connection.executescript(f"{' '.join(undone)} PRAGMA user_version = {version};")


@pytest.mark.parametrize("forget", ["UPDATE persons SET answer = NULL", "DELETE FROM persons"])
def test_payments_are_found_in_the_answers_of_an_earlier_version_and_are_gone_with_them(forget: str) -> None:
    connection = memory()
    store = Store(connection, INFINO)
    store.take("notice", read_notice(notice_bytes(1, [(ANNA, 1)]), recipient=INFINO))
    store.keep([(one, person(ANNA, 1, "600.00")) for one in store.due()], [])
    make_earlier(connection, 4)

    database = Store(connection, INFINO)._database

    assert list(database.rows("SELECT insz FROM refertes")) == [(ANNA,)]
    database.do(forget)
    assert list(database.rows("SELECT insz FROM refertes")) == []


@pytest.mark.parametrize("version", [3, 4, 5])
def test_whose_number_was_for_its_own_sake_is_seen_in_an_earlier_version(version: int) -> None:
    connection = memory()
    store = Store(connection, INFINO)
    for old, new in (("a", "b"), ("b", "c")):
        connection.execute("INSERT INTO successions VALUES (?, ?, '2025-01-01', NULL, 'lopend', 1, 1, 1)", (old, new))
    make_earlier(connection, version)

    store = Store(connection, INFINO)

    assert list(store._database.rows("SELECT oud, own FROM successions")) == [("a", 1), ("b", 0)]


FIRST_VERSION = """
CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), party TEXT NOT NULL, first_notice INTEGER);
CREATE TABLE notices (number INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE INDEX notices_by_name ON notices (name);
CREATE TABLE persons (
    insz TEXT PRIMARY KEY,
    told INTEGER NOT NULL DEFAULT 0, known INTEGER NOT NULL DEFAULT 0, fresh INTEGER NOT NULL DEFAULT 0,
    begin TEXT, einde TEXT, recht TEXT, answer TEXT, expires INTEGER, refused TEXT
) WITHOUT ROWID;
CREATE INDEX persons_due ON persons (insz) WHERE fresh = 1 OR told > known;
"""


def test_a_state_of_the_first_version_is_taken_over_and_everybody_is_looked_up_once_more() -> None:
    connection = memory()
    connection.executescript(FIRST_VERSION)
    answer = person(ANNA, 17, "600.00").model_dump_json(by_alias=True, exclude_unset=True)
    connection.execute("INSERT INTO state VALUES (1, ?, 4)", (INFINO.kbo,))
    connection.execute("INSERT INTO notices VALUES (5, 'five')")
    connection.execute("INSERT INTO persons (insz, told, known, answer) VALUES (?, 16, 17, ?)", (ANNA, answer))
    connection.execute("INSERT INTO persons (insz, fresh, begin, recht) VALUES (?, 1, '2025-01-01', 'lopend')", (BRAM,))

    for _ in range(2):
        store = Store(connection, INFINO)
        assert [one.insz for one in store.due()] == [ANNA]
        assert store.unconfirmed() == {OPEN: [BRAM]}
        assert [row.insz for row in store.deductions()] == [ANNA]
        assert (store.has_notice("five"), [gap.words for gap in store.standing().missing]) == (True, ["4"])
    store.keep([(one, person(ANNA, 17, "900.00")) for one in store.due()], [])

    assert [f"{row.net:f}" for row in store.deductions()] == ["900.00"]


def test_a_state_of_the_first_version_stays_as_it_is_when_it_cannot_be_taken_over() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(FIRST_VERSION + "CREATE TABLE old_persons (x);")
    before = connection.execute("SELECT sql FROM sqlite_master").fetchall()

    with pytest.raises(StoreError):
        Database(connection, INFINO)

    assert connection.execute("SELECT sql FROM sqlite_master").fetchall() == before
    connection.close()
