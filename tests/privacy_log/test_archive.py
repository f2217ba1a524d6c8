"""The table of the privacy log as it is read: by person and by day, in the order of time, page by page."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mypy_boto3_dynamodb import DynamoDBClient

from jbplus.errors import UnavailableError
from jbplus.privacy_log.archive import DynamoLogArchive
from jbplus.privacy_log.rules import LogEntry
from jbplus.privacy_log.service import LogInquiry, LogQuestion, LogRecord, Window
from jbplus.privacy_log.table import SHARDS, DynamoPrivacyLog
from tests.privacy_log.fakes import FakePrivacyLog, as_read, log_entry
from tests.support.engine import CountingClient, Tables, all_items, asked
from tests.support.fakes import ACCEPTS, NOW, PSEUDONYMS, caller
from tests.support.known import INFINO, PARENTIA
from tests.support.people import ANNA, BRAM

TODAY = date(2026, 3, 5)
# The day before it has 25 hours: summer time ends in its night.
SUNDAY, MONDAY = date(2025, 10, 26), date(2025, 10, 27)


def write(client: DynamoDBClient, tables: Tables, *entries: LogEntry) -> DynamoLogArchive:
    """Write each record as a call of its own."""
    log = DynamoPrivacyLog(client, tables.privacy_log)
    for entry in entries:
        log.write([entry])
    return DynamoLogArchive(client, tables.privacy_log)


def traces(records: list[LogRecord]) -> list[str]:
    return [record.reference for record in records]


def test_a_record_reads_back_as_it_was_written(dynamodb: DynamoDBClient, tables: Tables) -> None:
    entry = replace(log_entry("t"), file="D-1", registered_by=PARENTIA, after_mutation=True, position=7)
    bare = replace(log_entry("u"), purpose=None, registered_by=None)
    archive = write(dynamodb, tables, entry, bare)

    found = list(archive.of_days(INFINO, [TODAY], None))

    assert [replace(record, place="") for record in found] == [replace(as_read(e), place="") for e in (entry, bare)]
    assert list(archive.of_person(INFINO, [PSEUDONYMS(ANNA)], Window())) == found


def test_the_records_of_a_call_are_in_one_partition_and_calls_are_spread(
    dynamodb: DynamoDBClient, tables: Tables
) -> None:
    log = DynamoPrivacyLog(dynamodb, tables.privacy_log)
    for call in range(40):
        log.write([log_entry(f"trace-{call}", number=number, position=n) for n, number in enumerate((ANNA, BRAM))])

    days = [(item["entry"]["S"].split("#")[1], item["day"]["S"]) for item in all_items(dynamodb, tables.privacy_log)]

    assert len(days) == 80
    assert len(set(days)) == 40
    assert {day for _, day in days} == {f"{INFINO}#2026-03-05#{shard}" for shard in range(SHARDS)}


def test_a_person_is_read_under_several_pseudonyms_within_days(dynamodb: DynamoDBClient, tables: Tables) -> None:
    day = timedelta(days=1)
    archive = write(
        dynamodb,
        tables,
        *(log_entry(f"t{n}", NOW + n * day) for n in range(5)),
        replace(log_entry("older key", NOW + 2 * day), subject="0" * 64),
        log_entry("another", number=BRAM),
        log_entry("theirs", party=PARENTIA),
    )
    persons = [PSEUDONYMS(ANNA), "0" * 64]

    every = traces(list(archive.of_person(INFINO, persons, Window())))
    some = traces(list(archive.of_person(INFINO, persons, Window(TODAY + day, TODAY + 3 * day))))

    assert every == ["t0", "t1", "older key", "t2", "t3", "t4"]
    assert some == ["t1", "older key", "t2", "t3"]


def test_days_are_days_in_brussels(dynamodb: DynamoDBClient, tables: Tables) -> None:
    begin, end = datetime(2025, 10, 25, 22, tzinfo=UTC), datetime(2025, 10, 26, 23, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    moments = {"before": begin - tick, "first": begin, "last": end - tick, "after": end}
    archive = write(dynamodb, tables, *(log_entry(name, moment) for name, moment in moments.items()))

    by_day = traces(list(archive.of_days(INFINO, [SUNDAY], None)))
    of_person = traces(list(archive.of_person(INFINO, [PSEUDONYMS(ANNA)], Window(SUNDAY, SUNDAY))))

    assert by_day == of_person == ["first", "last"]
    assert traces(list(archive.of_days(INFINO, [MONDAY], None))) == ["after"]


def test_reading_goes_on_after_a_place_and_asks_for_no_earlier_day(counting: CountingClient, tables: Tables) -> None:
    entries = [log_entry(f"t{n}", NOW + timedelta(hours=8 * n)) for n in range(9)]
    archive = write(counting.client, tables, *entries)
    days = [TODAY + timedelta(days=n) for n in range(4)]
    every = list(archive.of_days(INFINO, days, None))
    counting.sent.clear()

    after = list(archive.of_days(INFINO, days, every[4].place))

    assert traces(every) == [f"t{n}" for n in range(9)]
    assert after == every[5:]
    assert counting.sent == ["Query"] * SHARDS * 3
    assert list(archive.of_person(INFINO, [PSEUDONYMS(ANNA)], Window(after=every[4].place))) == every[5:]


def test_a_partition_with_more_than_one_answer_holds_is_read_to_its_end(
    counting: CountingClient, tables: Tables
) -> None:
    log = DynamoPrivacyLog(counting.client, tables.privacy_log)
    for batch in range(3):
        moment = NOW + timedelta(seconds=batch)
        log.write([log_entry("one-call", moment, number=f"{n}", position=n) for n in range(100)])
    archive = DynamoLogArchive(counting.client, tables.privacy_log)

    found = list(archive.of_days(INFINO, [TODAY], None))

    assert len(found) == 300
    assert [record.place for record in found] == sorted({record.place for record in found})


def test_nothing_is_read_before_it_is_wanted(counting: CountingClient, tables: Tables) -> None:
    archive = write(counting.client, tables, log_entry("a"), log_entry("b", NOW + timedelta(days=1)))
    counting.sent.clear()

    records = archive.of_days(INFINO, [TODAY, TODAY + timedelta(days=1)], None)
    assert counting.sent == []
    assert next(records).reference == "a"
    assert counting.sent == ["Query"] * SHARDS


def test_a_log_that_is_not_there_is_out_of_reach(dynamodb: DynamoDBClient) -> None:
    archive = DynamoLogArchive(dynamodb, "nowhere")

    with pytest.raises(UnavailableError):
        list(archive.of_days(INFINO, [TODAY], None))
    with pytest.raises(UnavailableError):
        list(archive.of_person(INFINO, ["p"], Window()))


QUARTERS = st.integers(0, 3 * 24 * 4)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    calls=st.lists(
        st.tuples(QUARTERS, st.sampled_from([INFINO, PARENTIA]), st.sampled_from([ANNA, BRAM]), st.integers(1, 90)),
        max_size=6,
    ),
    first=st.integers(0, 2),
    length=st.integers(0, 2),
)
def test_the_pages_of_a_party_are_its_records_of_the_period_once_and_in_order(
    dynamodb: DynamoDBClient,
    make_tables: Callable[[], Tables],
    calls: list[tuple[int, str, str, int]],
    first: int,
    length: int,
) -> None:
    tables = make_tables()
    begin = datetime(2025, 10, 24, 22, tzinfo=UTC)  # midnight of the 25th in Brussels
    log = DynamoPrivacyLog(dynamodb, tables.privacy_log)
    written: list[LogEntry] = []
    for n, (quarters, party, number, count) in enumerate(calls):
        moment = begin + timedelta(minutes=15 * quarters)
        entries = [log_entry(f"call-{n}", moment, party=party, number=number, position=k) for k in range(count)]
        log.write(entries)
        written += entries
    days = [date(2025, 10, 25) + timedelta(days=n) for n in range(first, first + length + 1)]
    midnights = [begin + timedelta(hours=24 * n + (n >= 2)) for n in range(6)]  # the 26th has 25 hours
    since, until = midnights[first], midnights[first + length + 1]
    archive = DynamoLogArchive(dynamodb, tables.privacy_log)
    asked = LogInquiry(archive, FakePrivacyLog(), lambda: PSEUDONYMS, lambda: NOW, ACCEPTS)

    for party in (INFINO, PARENTIA):
        own = [e for e in written if e.caller.asker.kbo == party and since <= e.moment < until]
        for whom in (None, ANNA):
            wanted = [e for e in own if whom is None or e.subject == PSEUDONYMS(ANNA)]
            found = _all_pages(asked, LogQuestion(whom, days[0], days[-1]), party)
            in_order = sorted(wanted, key=lambda e: (e.moment, e.caller.trace, e.position))
            assert [(r.moment, r.reference) for r in found] == [(e.moment, e.caller.trace) for e in in_order]
            assert [int(r.place[-3:]) for r in found] == [e.position for e in in_order]


def _all_pages(asked: LogInquiry, question: LogQuestion, party: str) -> list[LogRecord]:
    found: list[LogRecord] = []
    end: str | None = None
    while True:
        page = asked.ask(question, caller(party, "jbplus:privacylog"), end)
        found += page.records
        end = page.end
        if end is None:
            return found


def test_a_persons_records_are_read_consistently(dynamodb: DynamoDBClient, tables: Tables) -> None:
    with asked(dynamodb, "Query") as requests:
        list(DynamoLogArchive(dynamodb, tables.privacy_log).of_person(INFINO, ["anna", "older"], Window()))

    assert [request["ConsistentRead"] for request in requests] == [True] * 2
