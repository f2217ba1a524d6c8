"""A recipient's state on the disk: one run at a time, one party, nobody else's eyes, and nothing by halves."""

import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from jbplus.protocol.parties import PARTIES
from jbplus.protocol.purposes import Right
from jbplus.registrations.rules import Registration
from jbplus_recipient.notices import read_notice
from jbplus_recipient.standing import Due, Missing
from jbplus_recipient.store import FILE, Store, StoreError
from tests.recipient.fakes import INFINO, memory, notice_bytes, person
from tests.support.people import ANNA, BRAM, CELINE, person_number

KIDSLIFE = next(party for party in PARTIES if party.key == "kidslife")
OPEN = Registration(date(2025, 1, 1), None, Right.RUNNING)


@pytest.fixture
def store() -> Store:
    return Store(memory(), INFINO)


def take(store: Store, number: int, *told: tuple[str, int]) -> None:
    store.take(f"notice {number}", read_notice(notice_bytes(number, told), recipient=INFINO))


def told(insz: str, volgnummer: int) -> Due:
    return Due(insz, volgnummer, after_notice=True)


def test_a_person_stays_due_until_the_answer_is_as_new_as_what_was_told(store: Store) -> None:
    take(store, 1, (ANNA, 17))

    store.keep([(told(ANNA, 17), person(ANNA, 16, "1.00"))], [])
    assert store.due() == [told(ANNA, 17)]
    store.keep([(told(ANNA, 17), person(ANNA, 18, "2.00"))], [])

    assert store.due() == []
    assert [answer.volgnummer for answer in store.answers()] == [18]


def test_an_older_answer_changes_nothing(store: Store) -> None:
    take(store, 1, (ANNA, 17))
    store.keep([(told(ANNA, 17), person(ANNA, 18, "2.00"))], [])

    store.keep([(told(ANNA, 17), person(ANNA, 17, "1.00"))], [])

    assert [row.wire()["netto"] for row in store.deductions()] == ["2.00"]


def test_a_late_or_repeated_notice_makes_nobody_due(store: Store) -> None:
    take(store, 2, (ANNA, 17))
    store.keep([(told(ANNA, 17), person(ANNA, 17, "1.00"))], [])

    take(store, 1, (ANNA, 16))
    take(store, 2, (ANNA, 17))

    assert store.due() == []


def test_when_nothing_is_known_any_more_nothing_is_deducted(store: Store) -> None:
    take(store, 1, (ANNA, 17))
    store.keep([(told(ANNA, 17), person(ANNA, 17, "1.00"))], [])
    take(store, 2, (ANNA, 18))

    store.keep([(told(ANNA, 18), person(ANNA, None))], [])

    assert (store.due(), list(store.answers())) == ([], [])


def test_what_is_known_no_more_is_gone_even_when_a_notice_is_still_to_come(store: Store) -> None:
    take(store, 1, (ANNA, 17))
    store.keep([(told(ANNA, 17), person(ANNA, 18, "1.00"))], [])
    store.expect([ANNA], OPEN)
    store.confirm([ANNA], {})

    store.keep([(Due(ANNA, 17, after_notice=False), person(ANNA, None))], [])

    assert (store.due(), list(store.answers())) == ([], [])


def test_a_refused_person_is_remembered_and_left_out_until_something_new_comes(store: Store) -> None:
    take(store, 1, (ANNA, 17))
    store.keep([(told(ANNA, 17), person(ANNA, 17, "1.00"))], [])
    take(store, 2, (ANNA, 18))

    store.keep([], [(told(ANNA, 18), "40003")])
    assert (store.due(), store.standing().refused, list(store.deductions())) == ([], {ANNA: "40003"}, [])
    take(store, 3, (ANNA, 19))
    assert store.due() == [told(ANNA, 19)]
    store.keep([(told(ANNA, 19), person(ANNA, 19, "3.00"))], [])

    assert (store.standing().refused, len(list(store.deductions()))) == ({}, 1)


def test_registering_makes_due_once_the_exchange_confirms_it(store: Store) -> None:
    ended = Registration(date(2024, 1, 1), date(2024, 6, 30), Right.ENDED)
    store.expect([ANNA, BRAM], OPEN)
    store.expect([CELINE], ended)

    assert store.due() == []
    assert store.unconfirmed() == {ended: [CELINE], OPEN: [ANNA, BRAM]}
    assert store.standing().due == tuple(sorted([ANNA, BRAM, CELINE]))
    store.confirm([ANNA], {BRAM: "20002"})

    assert store.due() == [Due(ANNA, 0, after_notice=False)]
    assert store.unconfirmed() == {ended: [CELINE]}
    assert store.standing().refused == {BRAM: "20002"}


def test_gaps_close_when_their_notices_come_late(store: Store) -> None:
    for number in (3, 4, 8):
        take(store, number)
    assert store.standing().missing == (Missing(1, 2), Missing(5, 7))
    assert [gap.words for gap in store.standing().missing] == ["1 to 2", "5 to 7"]

    for number in (6, 1, 2):
        take(store, number)
    assert store.standing().missing == (Missing(5, 5), Missing(7, 7))
    assert store.standing().last_notice == 8

    store.begin_at(7)
    assert [gap.words for gap in store.standing().missing] == ["7"]


def test_answers_are_forgotten_five_years_after_the_last_payment(store: Store) -> None:
    take(store, 1, (ANNA, 1), (BRAM, 1))
    store.keep(
        [
            (told(ANNA, 1), person(ANNA, 1, "1.00", day="2022-03-05")),
            (told(BRAM, 1), person(BRAM, 1, "2.00", day="2022-03-06")),
        ],
        [],
    )

    # Midnight in Brussels after 5 March, and a second before it.
    assert store.expire(datetime(2027, 3, 5, 22, 59, 59, tzinfo=UTC)) == 0
    assert store.expire(datetime(2027, 3, 5, 23, tzinfo=UTC)) == 1
    assert [answer.insz for answer in store.answers()] == [BRAM]


def test_the_state_is_for_nobody_else_to_read(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "state", INFINO) as store:
        store.expect([ANNA], OPEN)

    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "state").iterdir()} == {0o600}


def test_one_run_at_a_time_has_the_state(tmp_path: Path) -> None:
    with Store.opened(tmp_path, INFINO), pytest.raises(StoreError, match="in use"), Store.opened(tmp_path, INFINO):
        pass
    with Store.opened(tmp_path, INFINO) as store:
        assert store.standing().persons == 0


def test_another_partys_state_is_not_opened(tmp_path: Path) -> None:
    with Store.opened(tmp_path, INFINO):
        pass

    with pytest.raises(StoreError, match="another party's than Kidslife"), Store.opened(tmp_path, KIDSLIFE):
        pass


def test_something_else_under_its_name_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database at all" * 100)

    with pytest.raises(StoreError, match="not the state of a recipient"), Store.opened(tmp_path, INFINO):
        pass
    assert (tmp_path / FILE).read_bytes().startswith(b"no database")


KILLED_IN_ITS_TRANSACTION = """
import os, signal, sqlite3, sys
from datetime import date
from pathlib import Path
from jbplus_recipient.store import Store
from jbplus.protocol.purposes import Right
from jbplus.registrations.rules import Registration
from tests.recipient.fakes import INFINO

folder, numbers = Path(sys.argv[1]), sys.argv[2:]
with Store.opened(folder, INFINO) as store:
    def last_wish(statement):
        if statement == "COMMIT":
            os.kill(os.getpid(), signal.SIGKILL)
    store._connection.set_trace_callback(last_wish)
    store.expect(numbers, Registration(date(2025, 1, 1), None, Right.RUNNING))
"""


def test_a_process_killed_in_its_transaction_leaves_what_was_before_it(tmp_path: Path) -> None:
    with Store.opened(tmp_path, INFINO) as store:
        store.expect([ANNA], OPEN)
    numbers = [person_number(serial) for serial in range(10, 900)]

    died = subprocess.run(
        [sys.executable, "-c", KILLED_IN_ITS_TRANSACTION, str(tmp_path), *numbers], check=False, capture_output=True
    )

    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    with Store.opened(tmp_path, INFINO) as store:
        assert store.unconfirmed() == {OPEN: [ANNA]}


def test_the_tables_are_there_for_any_program_to_read(tmp_path: Path) -> None:
    with Store.opened(tmp_path, INFINO) as store:
        take(store, 1, (ANNA, 5))

    connection = sqlite3.connect(tmp_path / FILE)
    assert connection.execute("SELECT insz, told FROM persons").fetchall() == [(ANNA, 5)]
    connection.close()
