"""A recipient's state on the disk: one run at a time, one party, nobody else's eyes, and nothing by halves."""

import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from jbplus.protocol.parties import PARTIES
from jbplus.protocol.purposes import Right
from jbplus.registrations.rules import Registration
from jbplus_recipient.answers import Person
from jbplus_recipient.notices import read_notice
from jbplus_recipient.standing import Known, Missing
from jbplus_recipient.store import FILE, Store, StoreError
from tests.recipient.fakes import INFINO, NOW, memory, notice_bytes, person
from tests.support.people import ANNA, BRAM, CELINE, person_number

KIDSLIFE = next(party for party in PARTIES if party.key == "kidslife")
OPEN = Registration(date(2025, 1, 1), None, Right.RUNNING)


@pytest.fixture
def store() -> Store:
    return Store(memory(), INFINO)


def take(store: Store, number: int, *told: tuple[str, int]) -> None:
    store.take(f"notice {number}", read_notice(notice_bytes(number, told), recipient=INFINO))


def answered(store: Store, *answers: Person) -> None:
    """Look up who is due, and keep what is answered about them."""
    by_number = {answer.insz: answer for answer in answers}
    store.keep([(due, by_number[due.insz]) for due in store.due() if due.insz in by_number], [])


def due(store: Store) -> list[tuple[str, int]]:
    return [(one.insz, one.told) for one in store.due()]


def nets(store: Store) -> list[str]:
    return [f"{row.net:f}" for row in store.deductions()]


def everything(store: Store) -> str:
    """Give all that is written anywhere in the state, as one text."""
    return "\n".join(store._database.connection.iterdump())


@pytest.mark.parametrize("volgnummer", [16, 17, 18])
def test_who_is_told_of_is_due_whatever_is_known(store: Store, volgnummer: int) -> None:
    take(store, 1, (ANNA, 17))
    answered(store, person(ANNA, 17, "600.00"))
    assert due(store) == []

    take(store, 2, (ANNA, volgnummer))
    assert due(store) == [(ANNA, volgnummer)]
    answered(store, person(ANNA, 18, "900.00"))

    assert (due(store), nets(store)) == ([], ["900.00"])


def test_a_lookup_does_not_settle_a_notice_that_was_taken_after_it(store: Store) -> None:
    take(store, 1, (ANNA, 17))
    (before,) = store.due()
    take(store, 2, (ANNA, 17))

    store.keep([(before, person(ANNA, 17, "600.00"))], [])
    assert (due(store), nets(store)) == ([(ANNA, 17)], ["600.00"])
    answered(store, person(ANNA, 17, "900.00"))

    assert (due(store), nets(store)) == ([], ["900.00"])


def test_the_highest_that_was_told_since_the_last_lookup_is_remembered(store: Store) -> None:
    take(store, 1, (ANNA, 17))
    take(store, 2, (ANNA, 16))
    assert due(store) == [(ANNA, 17)]

    answered(store, person(ANNA, 17, "600.00"))
    take(store, 3, (ANNA, 15))

    assert due(store) == [(ANNA, 15)]


def test_nor_does_a_refusal(store: Store) -> None:
    take(store, 1, (ANNA, 17))
    (before,) = store.due()
    store.expect([ANNA], OPEN)
    store.confirm([ANNA], {})

    store.keep([], [(before, "40003")])

    assert due(store) == [(ANNA, 17)]


def test_an_answer_that_is_older_than_what_was_told_is_used_and_does_not_settle_it(store: Store) -> None:
    take(store, 1, (ANNA, 17))

    answered(store, person(ANNA, 16, "1.00"))
    assert (due(store), nets(store)) == ([(ANNA, 17)], ["1.00"])
    answered(store, person(ANNA, 17, "2.00"))

    assert (due(store), nets(store)) == ([], ["2.00"])


def test_an_answer_that_is_older_than_what_is_known_changes_nothing(store: Store) -> None:
    take(store, 1, (ANNA, 17))
    answered(store, person(ANNA, 18, "2.00"))
    take(store, 2, (ANNA, 16))

    answered(store, person(ANNA, 17, "1.00"))

    assert (due(store), nets(store)) == ([(ANNA, 16)], ["2.00"])


def test_an_answer_about_somebody_who_is_not_due_changes_nothing(store: Store) -> None:
    take(store, 1, (ANNA, 17))
    (one,) = store.due()
    store.keep([(one, person(ANNA, 17, "2.00"))], [])

    store.keep([(one, person(ANNA, 17, "1.00"))], [])
    store.keep([], [(one, "40003")])

    assert (nets(store), store.standing().refused) == (["2.00"], {})


def test_a_notice_under_another_name_makes_due_once_more_and_both_names_are_known(store: Store) -> None:
    notice = read_notice(notice_bytes(1, [(ANNA, 17)]), recipient=INFINO)
    store.take("one name", notice)
    answered(store, person(ANNA, 17, "2.00"))

    store.take("another", notice)

    assert due(store) == [(ANNA, 17)]
    assert (store.has_notice("one name"), store.has_notice("another"), store.has_notice("third")) == (True, True, False)
    assert store.standing().missing == ()


def test_when_nothing_is_known_any_more_nothing_is_deducted(store: Store) -> None:
    take(store, 1, (ANNA, 17))
    answered(store, person(ANNA, 17, "1.00"))
    take(store, 2, (ANNA, 18))

    answered(store, person(ANNA, None))

    assert (due(store), list(store.deductions())) == ([], [])


def test_when_nothing_is_live_any_more_nothing_is_deducted(store: Store) -> None:
    take(store, 1, (ANNA, 17))
    answered(store, person(ANNA, 17, "1.00"))
    take(store, 2, (ANNA, 18))

    answered(store, person(ANNA, 18, bewaarTot="2030-03-03"))

    assert (due(store), list(store.deductions())) == ([], [])
    assert store.standing().last_volgnummer == 18


def test_a_refused_person_is_remembered_and_left_out_until_something_new_comes(store: Store) -> None:
    take(store, 1, (ANNA, 17))
    answered(store, person(ANNA, 17, "1.00", inOnderzoek=True))
    take(store, 2, (ANNA, 18))

    store.keep([], [(one, "40003") for one in store.due()])
    assert (due(store), store.standing().refused, nets(store)) == ([], {ANNA: "40003"}, [])
    assert store.standing().in_doubt == ()
    take(store, 3, (ANNA, 17))
    assert due(store) == [(ANNA, 17)]
    answered(store, person(ANNA, 17, "3.00"))

    assert (store.standing().refused, nets(store)) == ({}, ["3.00"])


def test_registering_makes_due_once_the_exchange_confirms_it(store: Store) -> None:
    ended = Registration(date(2024, 1, 1), date(2024, 6, 30), Right.ENDED)
    store.expect([ANNA, BRAM], OPEN)
    store.expect([CELINE], ended)

    assert due(store) == []
    assert store.unconfirmed() == {ended: [CELINE], OPEN: [ANNA, BRAM]}
    assert store.standing().due == tuple(sorted([ANNA, BRAM, CELINE]))
    store.confirm([ANNA], {BRAM: "20002"})

    (one,) = store.due()
    assert (one.insz, one.told, one.after_notice) == (ANNA, 0, False)
    assert store.unconfirmed() == {ended: [CELINE]}
    assert store.standing().refused == {BRAM: "20002"}
    assert store.standing().due == tuple(sorted([ANNA, CELINE]))


def test_registering_anew_makes_due_anew(store: Store) -> None:
    store.expect([ANNA], OPEN)
    store.confirm([ANNA], {})
    answered(store, person(ANNA, 17, "1.00"))
    again = Registration(date(2025, 1, 1), None, Right.SUSPENDED)

    store.expect([ANNA], again)

    assert (store.unconfirmed(), due(store), nets(store)) == ({again: [ANNA]}, [], ["1.00"])
    store.confirm([ANNA], {})
    assert due(store) == [(ANNA, 0)]


def test_a_registration_that_is_refused_does_not_settle_what_was_told(store: Store) -> None:
    take(store, 1, (ANNA, 17), (BRAM, 17))
    answered(store, person(BRAM, 17, "1.00"))
    store.expect([ANNA, BRAM], OPEN)

    store.confirm([], {ANNA: "20002", BRAM: "20002"})

    assert (due(store), nets(store), store.unconfirmed()) == ([(ANNA, 17)], [], {})


def test_who_is_registered_from_a_later_day_on_is_looked_up_then(store: Store) -> None:
    store.expect([ANNA], Registration(date(2026, 4, 1), date(2026, 4, 30), Right.RUNNING))
    store.confirm([ANNA], {})

    days = [date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 30), date(2026, 5, 1)]
    assert [[one.insz for one in store.due(day)] for day in days] == [[], [ANNA], [ANNA], []]
    assert [store.standing(day).due for day in days] == [(), (ANNA,), (ANNA,), ()]
    take(store, 1, (ANNA, 17))
    assert [one.insz for one in store.due(days[0])] == [ANNA]


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


AT_THE_END = datetime(2027, 3, 5, 23, tzinfo=UTC)  # midnight in Brussels after 5 March
RIGHT_BEFORE = datetime(2027, 3, 5, 22, 59, 59, tzinfo=UTC)


def test_answers_are_forgotten_five_years_after_the_last_payment(store: Store) -> None:
    take(store, 1, (ANNA, 1), (BRAM, 1))
    answered(store, person(ANNA, 1, "1.00", day="2022-03-05"), person(BRAM, 1, "2.00", day="2022-03-06"))

    assert store.expire(RIGHT_BEFORE) == 0
    assert store.expire(AT_THE_END) == 1
    assert [answer.insz for answer in store.deductions()] == [BRAM]
    assert ANNA not in everything(store)


def test_or_when_the_exchange_says(store: Store) -> None:
    take(store, 1, (ANNA, 1))
    answered(store, person(ANNA, 1, "1.00", day="2022-03-06", bewaarTot="2027-03-05"))

    assert (store.expire(RIGHT_BEFORE), store.expire(AT_THE_END)) == (0, 1)


def test_what_was_forgotten_is_no_measure_of_a_new_answer(store: Store) -> None:
    store.expect([ANNA], OPEN)
    store.confirm([ANNA], {})
    answered(store, person(ANNA, 18, "1.00", day="2022-03-05"))
    take(store, 1, (ANNA, 17))

    store.expire(AT_THE_END)
    answered(store, person(ANNA, 17, "3.00", day="2027-03-01"))

    assert (due(store), nets(store)) == ([], ["3.00"])


def test_what_is_known_of_nothing_live_is_no_measure_for_ever(store: Store) -> None:
    store.expect([ANNA], OPEN)
    store.confirm([ANNA], {})
    answered(store, person(ANNA, 18))
    take(store, 1, (ANNA, 17))

    answered(store, person(ANNA, 17, "3.00"))

    assert (due(store), nets(store)) == ([], ["3.00"])


@pytest.mark.parametrize("answer", [person(ANNA, 18), person(ANNA, 18, bewaarTot="2027-03-05"), person(ANNA, None)])
def test_who_has_nothing_live_and_is_registered_by_nobody_leaves(store: Store, answer: Person) -> None:
    take(store, 1, (ANNA, 18))
    store.expire(RIGHT_BEFORE)
    assert due(store) == [(ANNA, 18)]
    answered(store, answer)

    assert store.expire(RIGHT_BEFORE) == 0

    assert (store.standing().persons, ANNA in everything(store)) == (0, False)


def test_who_is_registered_stays_as_long_as_that_runs(store: Store) -> None:
    store.expect([ANNA, BRAM], Registration(date(2026, 1, 1), date(2027, 3, 5), Right.RUNNING))
    store.expect([CELINE], Registration(date(2026, 1, 1), date(2027, 3, 4), Right.RUNNING))
    store.confirm([ANNA, BRAM], {})
    answered(store, person(ANNA, None), person(BRAM, 1, "600.00"))

    store.expire(RIGHT_BEFORE)
    assert (store.standing().persons, nets(store)) == (3, ["600.00"])
    store.expire(AT_THE_END)

    # The exchange has yet to hear of the third one's end.
    assert store.standing().due == (CELINE,)
    assert (store.standing().persons, nets(store)) == (1, [])


def test_who_is_told_of_after_our_registration_ended_is_registered_by_another_of_us(store: Store) -> None:
    store.expect([ANNA, BRAM], Registration(date(2024, 1, 1), date(2025, 3, 4), Right.RUNNING))
    store.expect([CELINE], Registration(date(2024, 1, 1), date(2025, 3, 5), Right.RUNNING))
    store.confirm([ANNA, BRAM, CELINE], {})
    take(store, 1, (ANNA, 17), (CELINE, 17))  # made on 5 March 2025

    store.expire(RIGHT_BEFORE)

    assert (due(store), store.standing().persons) == ([(ANNA, 17)], 1)


def test_a_refusal_is_remembered_for_thirty_days_or_as_long_as_the_person_is_registered(store: Store) -> None:
    store.expect([ANNA], OPEN)
    store.confirm([ANNA], {})
    take(store, 1, (BRAM, 17))
    store.keep([], [(one, "40003") for one in store.due()])
    store.settle([], NOW)

    for day in (0, 29):
        store.expire(NOW + timedelta(days=day))
        assert store.standing().refused == {ANNA: "40003", BRAM: "40003"}
    store.expire(NOW + timedelta(days=30))
    store.expire(NOW + timedelta(days=60))

    assert store.standing().refused == {ANNA: "40003"}
    assert BRAM not in everything(store)


def test_marks_of_the_exchange_are_kept_with_the_person(store: Store) -> None:
    store.expect([ANNA], OPEN)
    store.confirm([ANNA], {}, {ANNA: "a-handle"})
    answered(store, person(ANNA, 17, versie="a-version", vervangen=True, inOnderzoek=True))

    kept = store._database.rows("SELECT handle, versie, replaced FROM persons")
    assert list(kept) == [("a-handle", "a-version", 1)]
    assert store.standing().in_doubt == (ANNA,)
    store.expect([ANNA], OPEN)
    store.confirm([ANNA], {})
    answered(store, person(ANNA, 17))
    assert store.standing().in_doubt == ()


def test_one_person_is_told_with_the_moment_of_the_answer(store: Store) -> None:
    answer = person(ANNA, 17, "600.00")
    store.expect([ANNA, BRAM], OPEN)
    store.confirm([ANNA, BRAM], {})
    first, second = store.due()
    store.keep([(first, answer)], [(second, "40003")], asked=NOW)
    take(store, 1, (ANNA, 17))

    assert store.person(ANNA) == Known(ANNA, answer, NOW, is_due=True, in_doubt=False, refused=None)
    assert store.person(BRAM) == Known(BRAM, None, None, is_due=False, in_doubt=False, refused="40003")
    assert store.person(CELINE) is None


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
    store._database.connection.set_trace_callback(last_wish)
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
