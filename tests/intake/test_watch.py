"""What is watched even when no file comes."""

from datetime import timedelta
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from jbplus.intake.ledger import FileId, Ledger, Series
from jbplus.intake.watch import Watched, watch
from jbplus.mutation_file.report import Gap, Status
from tests.intake.fakes import FakeLedger
from tests.support.fakes import NOW


def ledger_of(*volgnummers: int) -> FakeLedger:
    ledger = FakeLedger()
    for volgnummer in volgnummers:
        ledger.claim(FileId(f"referte-{volgnummer}", volgnummer, "hash"), NOW)
    return ledger


def test_before_the_first_file_there_is_no_silence() -> None:
    ledger: Ledger = FakeLedger()

    assert watch(ledger, [], NOW) == Watched(0, missing_files=0, hours_unfinished=0, stray_objects=0)


def test_the_age_counts_from_the_last_file_that_was_done_with() -> None:
    ledger = ledger_of(1, 2)
    ledger.finish(FileId("referte-1", 1, "hash"), Status.PROCESSED, NOW - timedelta(hours=50))
    ledger.finish(FileId("referte-2", 2, "hash"), Status.PARTLY_PROCESSED, NOW - timedelta(hours=27))

    assert watch(ledger, [], NOW).hours_since_last_file == 27


def test_every_missing_volgnummer_counts() -> None:
    assert watch(ledger_of(3, 4, 8, 10), [], NOW).missing_files == 4


def test_gaps_lie_between_the_lowest_and_the_highest() -> None:
    assert Series.of([8, 3, 4, 10, 4]).gaps == (Gap(van=5, tot=7), Gap(van=9, tot=9))
    assert Series.of([]).gaps == Series.of([5]).gaps == ()


def test_a_volgnummer_may_jump_a_thousand_and_the_first_anywhere() -> None:
    assert not Series().jumps_too_far(1_000_000)
    assert not Series.of([17, 3]).jumps_too_far(1017)
    assert Series.of([17, 3]).jumps_too_far(1018)


@given(st.lists(st.integers(1, 40)))
def test_a_series_that_grows_one_by_one_is_that_of_all_and_tells_what_is_missing(numbers: list[int]) -> None:
    series = reduce(Series.including, numbers, Series())

    missing = [number for gap in series.gaps for number in range(gap.van, gap.tot + 1)]
    assert series == Series.of(numbers)
    assert missing == [n for n in range(min(numbers, default=0), max(numbers, default=0)) if n not in numbers]


def test_the_oldest_file_that_is_claimed_and_not_done_with_is_watched() -> None:
    ledger = FakeLedger()
    files = [FileId(f"referte-{number}", number, "hash") for number in (1, 2, 3)]
    for hours, file in zip((90, 7, 2), files, strict=True):
        ledger.claim(file, NOW - timedelta(hours=hours))
        ledger.claim(file, NOW)
    ledger.finish(files[0], Status.PROCESSED, NOW)

    assert watch(ledger, [], NOW).hours_unfinished == 7
    assert watch(ledger, [], NOW).missing_files == 0


def test_what_nobody_is_told_of_is_counted() -> None:
    names = ["a.json", "b.json.gz", "folder/", "folder/c.json"]
    strays = ["a.JSON", "b.json.GZ", "c.zip", "json", "folder/d.xml", "e.json.part"]

    assert watch(FakeLedger(), [*names, *strays], NOW).stray_objects == len(strays)
    assert watch(FakeLedger(), names, NOW).stray_objects == 0
