"""Every hour a segment and a checkpoint: no record left out or sealed twice, whatever happens, and whenever."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jbplus.checkpoints import rules
from jbplus.checkpoints.verify import Checkpoint, check_chain, name_of
from jbplus.privacy_log.rules import LogEntry
from jbplus.protocol.calendar import anniversary
from jbplus.protocol.parties import PARTIES
from tests.checkpoints.fakes import HOUR, FakeSigner, Sealing, item_of, new_key
from tests.notices.fakes import KilledError, Mortality
from tests.privacy_log.fakes import log_entry
from tests.support.fakes import NOW
from tests.support.known import INFINO, PARENTIA
from tests.support.people import ANNA, BRAM


def all_places(sealing: Sealing) -> list[str]:
    return sorted(place for places in sealing.sealed() for place in places)


def written(sealing: Sealing) -> list[str]:
    return sorted(entry for _, entry in sealing.log.items)


def chain_of(sealing: Sealing) -> dict[int, Checkpoint]:
    return {number: Checkpoint.read(content) for number, content in sealing.vault.checkpoints.items()}


def assert_whole(sealing: Sealing) -> None:
    """Each record is in one segment, each segment has a checkpoint that all parties hold, and all agrees."""
    assert all_places(sealing) == written(sealing)
    assert sorted(sealing.vault.checkpoints) == sorted(sealing.vault.segments) == sorted(sealing.vault.finished)
    held = {name_of(number): content for number, content in sealing.vault.checkpoints.items()}
    assert sealing.folders == {party.kbo: held for party in sealing.parties}
    assert list(check_chain(chain_of(sealing), frozenset())) == []


def test_the_new_records_of_an_hour_are_sealed_and_every_party_is_told() -> None:
    sealing = Sealing()

    first = sealing.hour(log_entry("1"), log_entry("2", number=BRAM))
    second = sealing.hour(log_entry("3", party=PARENTIA))

    assert [len(places) for places in sealing.sealed()] == [2, 1]
    assert (first.checkpoints, first.records, second.records) == (1, 2, 1)
    assert len(sealing.folders) == 7
    assert_whole(sealing)


def test_an_hour_without_records_has_a_checkpoint_that_looks_like_any_other() -> None:
    sealing = Sealing()
    sealing.hour()
    sealing.hour(*(log_entry(str(n)) for n in range(50)))

    one, other = (json.loads(content)["controlepunt"] for content in sealing.vault.checkpoints.values())
    assert {name: len(str(value)) for name, value in one.items()} == {
        name: len(str(value)) for name, value in other.items()
    }
    assert one.keys() == {"naam", "versie", "nummer", "tijdstip", "vorige", "wortel", "sleutel", "volgendeSleutel"}


def test_no_checkpoint_holds_anything_of_a_record() -> None:
    sealing = Sealing()
    sealing.hour(log_entry("trace-1"))

    told = b"".join(sealing.vault.checkpoints.values())
    assert not any(word in told for word in (b"trace-1", INFINO.encode(), b"peeters", ANNA.encode()))


def test_the_same_occasion_makes_one_checkpoint() -> None:
    sealing = Sealing()
    sealing.hour(log_entry("1"))
    sealing.log.put(log_entry("2", moment=sealing.now))

    again = sealing.round()

    assert (again.checkpoints, len(sealing.vault.segments)) == (0, 1)


def test_without_an_occasion_one_is_made_in_any_case() -> None:
    sealing = Sealing()
    sealing.round("")
    sealing.round("")

    assert len(sealing.vault.segments) == 2
    assert_whole(sealing)


def test_hours_that_were_missed_are_made_up_for() -> None:
    sealing = Sealing()
    sealing.hour(log_entry("1"))
    for n in range(120):
        sealing.log.put(log_entry(f"missed-{n}", moment=sealing.now + n * HOUR))
    sealing.now += 120 * HOUR

    sealing.round()

    assert [len(places) for places in sealing.sealed()] == [1, 120]


def test_a_record_that_the_index_shows_late_joins_the_next_segment() -> None:
    sealing = Sealing()
    late = log_entry("late", moment=NOW + timedelta(minutes=59))
    sealing.log.hidden.add(str(item_of(late)["entry"]["S"]))
    sealing.hour(log_entry("1"))
    sealing.log.put(late)
    sealing.hour(log_entry("2"))
    sealing.log.hidden.clear()

    sealing.hour()

    assert [len(places) for places in sealing.sealed()] == [1, 1, 1]
    assert_whole(sealing)


def test_every_day_of_ten_years_has_its_turn() -> None:
    turns = {day for number in range(1, 916) for day in rules.days_to_look_at(NOW, None, number).whole}

    assert {NOW.date() - timedelta(days=back) for back in range(3650)} <= turns


def test_a_record_of_long_ago_joins_the_segment_of_its_days_turn_once() -> None:
    sealing = Sealing()
    sealing.log.put(log_entry("old", moment=NOW - timedelta(days=9)))

    for _ in range(6):
        sealing.hour()

    assert sum(map(len, sealing.sealed())) == 1
    assert_whole(sealing)


def test_what_is_about_to_expire_is_not_taken_for_new() -> None:
    """By then nothing may be left that tells of its segment, though DynamoDB has not deleted it yet."""
    turns = {day for number in range(1, 916) for day in rules.days_to_look_at(NOW, None, number).whole}

    assert min(turns) > anniversary(NOW.date(), -10)


def test_no_day_is_left_out_where_the_clock_makes_a_leap() -> None:
    seen: set[date] = set()
    now = NOW
    for number in range(1, 1200):
        seen.update(rules.days_to_look_at(now, None, number).whole)
        now += timedelta(hours=1 if number % 100 else 200)

    expected = {NOW.date() - timedelta(days=back) for back in range(3000)}
    assert expected <= seen


def test_a_clock_that_goes_back_neither_loses_a_record_nor_dates_back_a_segment() -> None:
    sealing = Sealing()
    sealing.hour(log_entry("1"))
    sealing.now -= 3 * HOUR
    sealing.log.put(log_entry("2", moment=sealing.now))

    sealing.round()

    assert_whole(sealing)


def test_a_record_that_was_written_over_is_told_and_not_sealed_again() -> None:
    sealing = Sealing()
    sealing.hour(log_entry("1"))
    (item,) = sealing.log.items.values()
    item["outcome"] = {"S": "leeg"}

    made = sealing.hour()

    assert [record.place for record in made.rewritten] == [str(item["entry"]["S"])]
    assert [len(places) for places in sealing.sealed()] == [1, 0]


def test_what_is_not_of_the_logs_own_making_is_sealed_too() -> None:
    sealing = Sealing()
    odd = item_of(log_entry("1", moment=NOW)) | {"bytes": {"B": b"\x00"}, "number": {"N": "1E3"}}
    sealing.log.put_item(odd)

    sealing.hour()

    assert_whole(sealing)


def test_who_left_gets_none() -> None:
    left = replace(PARTIES[3], ends=NOW.date())
    sealing = Sealing(parties=[*PARTIES[:3], left])
    sealing.hour()

    assert left.kbo not in sealing.folders
    assert len(sealing.folders) == 3


def test_more_than_a_segment_takes_goes_on_in_the_next_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_RECORDS", 2)
    sealing = Sealing()

    made = sealing.hour(*(log_entry(str(n)) for n in range(5)))

    assert ([len(places) for places in sealing.sealed()], made.checkpoints) == ([2, 2, 1], 3)
    assert sealing.round().checkpoints == 0
    assert_whole(sealing)


def test_a_new_key_has_the_word_of_the_old_one() -> None:
    sealing = Sealing()
    sealing.hour()
    sealing.signer.held.append(new_key(2))
    sealing.hour()
    sealing.hour()
    sealing.signer = FakeSigner([new_key(2), new_key(3)])
    sealing.hour()
    sealing.hour()

    keys = [point.key for point in chain_of(sealing).values()]
    one, two, three = FakeSigner([new_key(1), new_key(2), new_key(3)]).keys()
    assert keys == [one, one, two, two, three]
    assert_whole(sealing)


def test_a_key_without_the_old_ones_word_is_told_to_who_verifies() -> None:
    sealing = Sealing()
    sealing.hour()
    sealing.signer = FakeSigner([new_key(2)])
    sealing.hour()

    (finding,) = check_chain(chain_of(sealing), frozenset())
    assert (finding.where.split()[1], "does not name" in finding.what) == ("2", True)


def life(life: Mortality, entries: list[LogEntry]) -> Sealing:
    """Make two hours, the second with a life of its own; then as many rounds as it takes."""
    sealing = Sealing()
    sealing.hour(log_entry("before"))
    sealing.vault.life = life
    try:
        sealing.hour(*entries)
    except KilledError:
        sealing.round()
    return sealing


ENTRIES = [log_entry("1"), log_entry("2", number=BRAM), log_entry("3", party=PARENTIA, number=BRAM)]
UNDISTURBED = Mortality()
life(UNDISTURBED, ENTRIES)


def test_it_may_die_at_any_write() -> None:
    expected = life(Mortality(), ENTRIES)
    assert UNDISTURBED.writes > 10
    for at in range(1, UNDISTURBED.writes + 1):
        for after in (False, True):
            sealing = life(Mortality(at, after), ENTRIES)
            assert sealing.sealed() == expected.sealed()
            assert_whole(sealing)


def test_two_may_run_at_once() -> None:
    for at in range(1, UNDISTURBED.writes + 1):
        sealing = Sealing()
        sealing.hour(log_entry("before"))
        sealing.log.put(*(replace(entry, moment=sealing.now) for entry in ENTRIES))
        sealing.now += HOUR
        sealing.vault.life = Mortality(at, rival=sealing.round)
        sealing.round()
        assert len(sealing.vault.segments) == 2
        assert_whole(sealing)


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(-30, 30)),
        st.tuples(st.just("hide"), st.integers(0, 5)),
        st.tuples(st.just("show"), st.just(0)),
        st.tuples(st.just("hour"), st.integers(0, 2)),
        st.tuples(st.just("die"), st.integers(1, 14)),
        st.tuples(st.just("rival"), st.integers(1, 14)),
        st.tuples(st.just("again"), st.just(0)),
    ),
    max_size=11,
)


@given(ACTS)
@settings(max_examples=40)
def test_whatever_happens_in_whatever_order_each_record_is_sealed_once(acts: list[tuple[str, int]]) -> None:
    sealing = Sealing()
    for number, (act, how) in enumerate(acts):
        match act:
            case "write":
                sealing.log.put(log_entry(str(number), moment=sealing.now + timedelta(minutes=how)))
            case "hide":
                sealing.log.hidden |= {entry for _, entry in list(sealing.log.items)[-how:] if how}
            case "show":
                sealing.log.hidden.clear()
            case "hour":
                sealing.now += how * HOUR
                sealing.round()
            case "die" | "rival":
                sealing.vault.life = Mortality(how, after=how % 2 == 0, rival=sealing.round if act == "rival" else None)
                sealing.now += HOUR
                with suppress(KilledError):
                    sealing.round()
                sealing.vault.life = Mortality()
            case _:
                sealing.round()
    # All of it within a day: what is hidden for longer has its turn later.
    sealing.log.hidden.clear()
    sealing.hour()

    assert_whole(sealing)
