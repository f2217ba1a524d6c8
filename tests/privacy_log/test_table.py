"""The table of the privacy log: only added to, all records of a call or none."""

from dataclasses import replace
from datetime import UTC, timedelta, timezone

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from jbplus.errors import LogUnavailableError
from jbplus.privacy_log.archive import DynamoLogArchive
from jbplus.privacy_log.rules import LogEntry, LogOutcome, Service
from jbplus.privacy_log.table import DynamoPrivacyLog
from jbplus.protocol.calendar import brussels_day
from tests.support.engine import CountingClient, Tables, all_items
from tests.support.fakes import NOW, PSEUDONYMS, caller
from tests.support.known import INFINO, PARENTIA
from tests.support.people import ANNA, BRAM

ASKING = caller(INFINO, "jbplus:dossierbeheer")
TEN_YEARS_AFTER_NOW = "2088370800"  # the end of 2036-03-05 in Brussels


def record(number: str = ANNA, position: int = 0) -> LogEntry:
    return LogEntry(
        caller=ASKING,
        position=position,
        service=Service.LOOKUP,
        moment=NOW,
        subject=PSEUDONYMS(number),
        key_version=3,
        outcome=LogOutcome.ANSWERED,
        purpose="socialeToeslag",
        file="D-1",
        registered_by=INFINO,
        after_mutation=True,
    )


@pytest.fixture
def log(dynamodb: DynamoDBClient, tables: Tables) -> DynamoPrivacyLog:
    return DynamoPrivacyLog(dynamodb, tables.privacy_log)


def test_a_record_says_who_looked_up_whom_for_what_and_on_what_ground(
    log: DynamoPrivacyLog, dynamodb: DynamoDBClient, tables: Tables
) -> None:
    log.write([record()])

    assert all_items(dynamodb, tables.privacy_log) == [
        {
            "subject": {"S": f"{INFINO}#{PSEUDONYMS(ANNA)}"},
            "day": {"S": f"{INFINO}#2026-03-05#2"},
            "entry": {"S": f"2026-03-05T09:00:00.000000+00:00#{ASKING.trace}#000"},
            "correlation": {"S": "correlation-1"},
            "service": {"S": "consultatie"},
            "application": {"S": "application-1"},
            "endUser": {"S": "an.peeters"},
            "keyVersion": {"N": "3"},
            "outcome": {"S": "beantwoord"},
            "purpose": {"S": "socialeToeslag"},
            "file": {"S": "D-1"},
            "registeredBy": {"S": INFINO},
            "afterMutation": {"BOOL": True},
            "expiresAt": {"N": TEN_YEARS_AFTER_NOW},
        }
    ]


def test_what_was_not_said_is_left_out(log: DynamoPrivacyLog, dynamodb: DynamoDBClient, tables: Tables) -> None:
    log.write([replace(record(), purpose=None, file=None, registered_by=None)])

    (item,) = all_items(dynamodb, tables.privacy_log)
    assert {"purpose", "file", "registeredBy"} & set(item) == set()


def test_a_record_about_nobody_in_particular_names_no_person_and_is_read_by_its_day(
    log: DynamoPrivacyLog, dynamodb: DynamoDBClient, tables: Tables
) -> None:
    log.write([replace(record(), subject=None, service=Service.PRIVACY_LOG)])

    (item,) = all_items(dynamodb, tables.privacy_log)
    assert item["subject"] == {"S": f"{INFINO}#"}
    (read,) = DynamoLogArchive(dynamodb, tables.privacy_log).of_days(INFINO, [brussels_day(NOW)], None)
    assert (read.person, read.service) == (None, "privacylog")


def test_a_record_that_is_there_is_never_overwritten(
    log: DynamoPrivacyLog, dynamodb: DynamoDBClient, tables: Tables
) -> None:
    log.write([record()])
    before = all_items(dynamodb, tables.privacy_log)

    with pytest.raises(LogUnavailableError) as refused:
        log.write([replace(record(), outcome=LogOutcome.NOT_REGISTERED)])

    assert all_items(dynamodb, tables.privacy_log) == before
    assert PSEUDONYMS(ANNA) not in str(refused.value)


def test_a_record_that_was_written_though_its_answer_was_lost_is_written(
    log: DynamoPrivacyLog, dynamodb: DynamoDBClient, tables: Tables
) -> None:
    log.write([record()])
    log.write([record()])

    assert len(all_items(dynamodb, tables.privacy_log)) == 1


def test_a_record_of_before_says_once_more_what_its_keys_say_and_is_read(
    log: DynamoPrivacyLog, dynamodb: DynamoDBClient, tables: Tables
) -> None:
    log.write([record()])
    archive = DynamoLogArchive(dynamodb, tables.privacy_log)
    (read,) = archive.of_days(INFINO, [brussels_day(NOW)], None)
    assert (read.moment, read.reference, read.person) == (NOW, ASKING.trace, PSEUDONYMS(ANNA))

    (item,) = all_items(dynamodb, tables.privacy_log)
    texts = {"reference": ASKING.trace, "party": INFINO, "moment": NOW.isoformat(), "person": PSEUDONYMS(ANNA)}
    dynamodb.put_item(TableName=tables.privacy_log, Item=item | {name: {"S": text} for name, text in texts.items()})
    assert list(archive.of_days(INFINO, [brussels_day(NOW)], None)) == [read]


def test_one_record_takes_no_transaction(counting: CountingClient, tables: Tables) -> None:
    DynamoPrivacyLog(counting.client, tables.privacy_log).write([record()])

    assert counting.sent == ["PutItem"]


def test_of_a_call_all_records_are_written_or_none(
    log: DynamoPrivacyLog, dynamodb: DynamoDBClient, tables: Tables
) -> None:
    log.write([record(ANNA, 1)])

    with pytest.raises(LogUnavailableError):
        log.write([record(BRAM, 0), record(ANNA, 1), record(BRAM, 2)])

    assert len(all_items(dynamodb, tables.privacy_log)) == 1


def test_a_call_for_a_hundred_persons_is_one_transaction(counting: CountingClient, tables: Tables) -> None:
    log = DynamoPrivacyLog(counting.client, tables.privacy_log)

    log.write([replace(record(), subject=f"{n:064x}", position=n) for n in range(100)])

    assert counting.sent == ["TransactWriteItems"]
    assert len(all_items(counting.client, tables.privacy_log)) == 100


def test_a_partys_records_of_a_person_are_in_the_order_of_time(
    log: DynamoPrivacyLog, dynamodb: DynamoDBClient, tables: Tables
) -> None:
    half_an_hour_later_elsewhere = (NOW + timedelta(minutes=30)).astimezone(timezone(timedelta(hours=-5)))
    moments = [NOW + timedelta(microseconds=1), NOW, NOW + timedelta(days=300), half_an_hour_later_elsewhere]
    log.write([replace(record(), moment=moment, position=n) for n, moment in enumerate(moments)])
    log.write([replace(record(), caller=caller(PARENTIA))])

    found = dynamodb.query(
        TableName=tables.privacy_log,
        KeyConditionExpression="subject = :subject",
        ExpressionAttributeValues={":subject": {"S": f"{INFINO}#{PSEUDONYMS(ANNA)}"}},
    )

    shown = [item["entry"]["S"].partition("#")[0] for item in found["Items"]]
    assert shown == [moment.astimezone(UTC).isoformat(timespec="microseconds") for moment in sorted(moments)]


def test_no_record_holds_a_persons_number(log: DynamoPrivacyLog, dynamodb: DynamoDBClient, tables: Tables) -> None:
    log.write([record(ANNA, 0), record(BRAM, 1)])

    written = repr(all_items(dynamodb, tables.privacy_log))
    assert [number for number in (ANNA, BRAM) if number in written] == []


def test_a_log_that_is_not_there_is_out_of_reach(dynamodb: DynamoDBClient) -> None:
    with pytest.raises(LogUnavailableError):
        DynamoPrivacyLog(dynamodb, "nowhere").write([record()])
