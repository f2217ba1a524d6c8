"""The privacy log as it is sealed: all records of a day, whoever's they are, as they stand in the table."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from jbplus.checkpoints.rules import record_of
from jbplus.checkpoints.table import DynamoLog
from jbplus.privacy_log.rules import LogEntry
from jbplus.privacy_log.table import DynamoPrivacyLog
from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.caller import UNKNOWN
from jbplus.protocol.parties import PARTIES
from tests.checkpoints.fakes import item_of
from tests.privacy_log.fakes import log_entry
from tests.support.engine import Tables
from tests.support.fakes import NOW, PSEUDONYMS
from tests.support.known import INFINO
from tests.support.people import ANNA

DAY = brussels_day(NOW)
KBOS = [*(kbo for party in PARTIES for kbo in (party.kbo, *party.other_kbos)), UNKNOWN, "0200000000"]


@pytest.fixture
def log(dynamodb: DynamoDBClient, tables: Tables) -> DynamoPrivacyLog:
    return DynamoPrivacyLog(dynamodb, tables.privacy_log)


def test_the_records_of_a_day_are_everybody_s(log: DynamoPrivacyLog, dynamodb: DynamoDBClient, tables: Tables) -> None:
    """Who is no party is refused, and logged too."""
    entries = [log_entry(f"call-{n}", party=kbo) for n, kbo in enumerate(KBOS)]
    log.write([*entries, log_entry("the day before", moment=NOW - timedelta(days=1))])

    found = list(DynamoLog(dynamodb, tables.privacy_log).of_day(DAY, None))

    assert sorted(record.place for record in found) == sorted(str(item_of(entry)["entry"]["S"]) for entry in entries)


def test_records_are_read_from_a_moment_on(log: DynamoPrivacyLog, dynamodb: DynamoDBClient, tables: Tables) -> None:
    log.write([log_entry(str(n), moment=NOW + timedelta(minutes=n)) for n in range(3)])
    since = (NOW + timedelta(minutes=1)).isoformat(timespec="microseconds")

    found = DynamoLog(dynamodb, tables.privacy_log).of_day(DAY, since)

    assert sorted(record.place.split("#")[1] for record in found) == ["1", "2"]


def parts(entry: LogEntry) -> tuple[dict[str, object], dict[str, object]]:
    record = record_of(item_of(entry))
    return json.loads(record.told), json.loads(record.rest)


def test_what_is_told_of_a_record_holds_no_pseudonym_and_nothing_is_left_out() -> None:
    entry = replace(log_entry("trace-1"), file="D-1", registered_by=INFINO)

    told, rest = parts(entry)

    assert told == {
        "party": INFINO,
        "entry": "2026-03-05T09:00:00.000000+00:00#trace-1#000",
        "moment": "2026-03-05T09:00:00.000000+00:00",
        "reference": "trace-1",
        "correlation": "correlation-1",
        "service": "consultatie",
        "application": "application-1",
        "endUser": "an.peeters",
        "outcome": "beantwoord",
        "purpose": "socialeToeslag",
        "file": "D-1",
        "registeredBy": INFINO,
        "afterMutation": False,
    }
    assert rest == {
        "subject": f"{INFINO}#{PSEUDONYMS(ANNA)}",
        "day": f"{INFINO}#2026-03-05#{str(item_of(entry)['day']['S'])[-1]}",
        "person": PSEUDONYMS(ANNA),
        "keyVersion": 1,
        "expiresAt": entry.expires_at,
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"S": "1"}, {"N": "1"}),
        ({"N": "1"}, {"N": "01"}),
        ({"N": "1"}, {"N": "1.0"}),
        ({"N": "1"}, {"BOOL": True}),
        ({"S": "B"}, {"B": b"B"}),
        ({"L": [{"S": "a"}]}, {"SS": ["a"]}),
        ({"NULL": True}, {"BOOL": True}),
    ],
)
def test_no_two_values_are_sealed_alike(one: dict[str, object], other: dict[str, object]) -> None:
    first, second = (record_of({"any": value}) for value in (one, other))

    assert first.content != second.content
