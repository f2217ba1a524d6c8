"""The table of quality reports, and the messages to the source."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_s3 import S3Client

from jbplus.aws.objects import Objects
from jbplus.aws.outgoing import Outgoing
from jbplus.doubts.rules import ReportStatus
from jbplus.doubts.table import DynamoDoubts
from jbplus.errors import ConflictError, UnavailableError
from jbplus.privacy_log.table import DynamoPrivacyLog
from jbplus.protocol.parties import OPGROEIEN
from jbplus.protocol.purposes import Right
from jbplus.quality.rules import Answer, Flaw, Report, Told
from jbplus.quality.service import QualityReports
from jbplus.quality.table import DynamoReports
from jbplus.registrations.rules import Registration
from jbplus.registrations.table import DynamoRegistrations
from tests.support.engine import CountingClient, Tables, all_items, asked
from tests.support.fakes import ACCEPTS, NOW, PSEUDONYMS, caller, named, no_sleep
from tests.support.known import INFINO, OPEN, PARENTIA
from tests.support.people import ANNA

PARTIES = [OPGROEIEN.kbo, INFINO, PARENTIA]
FULL = Report("report-1", INFINO, NOW, Flaw.OUTDATED, "JBP-1", "verkeerd €")
NAMES = named("anna")
ANSWER = Answer(ReportStatus.UNFOUNDED, "het klopt", NOW + timedelta(days=1))


def reports_in(client: DynamoDBClient, tables: Tables) -> DynamoReports:
    return DynamoReports(client, tables.quality, DynamoDoubts(client, tables.registrations, no_sleep), no_sleep)


@pytest.fixture
def reports(dynamodb: DynamoDBClient, tables: Tables) -> DynamoReports:
    """An empty table with its index."""
    return reports_in(dynamodb, tables)


def newest(
    reports: DynamoReports, *, status: ReportStatus | None = None, before: str | None = None, now: datetime = NOW
) -> list[Report]:
    return list(reports.newest(INFINO, status=status, before=before, now=now))


@pytest.mark.parametrize("report", [FULL, Report("report-2", INFINO, NOW, Flaw.MISSING)], ids=["full", "bare"])
def test_a_report_and_its_answer_are_read_as_they_were_written(reports: DynamoReports, report: Report) -> None:
    reports.add(report, NAMES)
    before = reports.find(report.id, PARTIES, NOW)
    reports.answer(report, ANSWER, NAMES)

    assert before == report
    assert reports.find(report.id, PARTIES, NOW) == replace(report, answer=ANSWER)
    assert newest(reports) == [replace(report, answer=ANSWER)]


def test_a_report_is_added_once(reports: DynamoReports) -> None:
    reports.add(FULL, NAMES)
    reports.answer(FULL, ANSWER, NAMES)

    with pytest.raises(ConflictError):
        reports.add(FULL, NAMES)

    assert reports.find(FULL.id, [INFINO], NOW) == replace(FULL, answer=ANSWER)


def test_an_answer_makes_no_report(dynamodb: DynamoDBClient, reports: DynamoReports) -> None:
    with pytest.raises(ConflictError):
        reports.answer(FULL, ANSWER, NAMES)

    assert all_items(dynamodb, reports.table) == []


def test_a_party_without_the_report_does_not_find_it(reports: DynamoReports) -> None:
    reports.add(FULL, NAMES)

    assert reports.find(FULL.id, [OPGROEIEN.kbo, PARENTIA], NOW) is None
    assert reports.find("report-9", PARTIES, NOW) is None


def test_reports_come_newest_first_from_where_one_asks_across_pages(reports: DynamoReports) -> None:
    made = [Report(f"report-{n:03d}", INFINO, NOW + timedelta(seconds=n // 2), Flaw.WRONG) for n in range(120)]
    for report in made:
        reports.add(report, NAMES)
    reports.add(replace(FULL, reporter=PARENTIA), NAMES)

    assert newest(reports) == made[::-1]
    assert newest(reports, before=made[60].entry) == made[59::-1]


def test_reports_are_chosen_by_status(reports: DynamoReports) -> None:
    other = Report("report-2", INFINO, NOW, Flaw.MISSING)
    reports.add(FULL, NAMES)
    reports.add(other, NAMES)
    reports.answer(FULL, ANSWER, NAMES)

    assert newest(reports, status=ReportStatus.UNFOUNDED, before="3") == [replace(FULL, answer=ANSWER)]
    assert newest(reports, status=ReportStatus.REPORTED) == [other]
    assert newest(reports, status=ReportStatus.CORRECTED) == []


def test_an_expired_report_is_absent_though_the_item_is_still_there(
    dynamodb: DynamoDBClient, reports: DynamoReports
) -> None:
    reports.add(FULL, NAMES)
    end = datetime.fromtimestamp(FULL.expires_at, UTC)

    (item,) = all_items(dynamodb, reports.table)
    assert item["expiresAt"] == {"N": str(FULL.expires_at)}
    second = timedelta(seconds=1)
    assert newest(reports, now=end - second) == [reports.find(FULL.id, [INFINO], end - second)] == [FULL]
    assert newest(reports, now=end) == []
    assert reports.find(FULL.id, [INFINO], end) is None


def test_a_report_through_all_of_it_leaves_no_number_in_the_table(
    s3: S3Client, counting: CountingClient, tables: Tables, reports: DynamoReports
) -> None:
    bucket = reports.table
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    registrations = DynamoRegistrations(counting.client, tables.registrations, lambda: NOW, no_sleep)
    registrations.write({PSEUDONYMS.names(ANNA): OPEN}, INFINO)
    kept = reports_in(counting.client, tables)
    counting.sent.clear()
    log = DynamoPrivacyLog(counting.client, tables.privacy_log)
    service = QualityReports(
        kept, registrations, Outgoing(Objects(s3, bucket)), log, lambda: PSEUDONYMS, lambda: NOW, ACCEPTS
    )

    report = service.report(Told(ANNA, Flaw.WRONG, note="verkeerd"), caller(INFINO, "jbplus:melding"))

    assert counting.sent == ["BatchGetItem", "PutItem", "BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    key = f"uitgaand/0316380841/kwaliteitsmelding-{report.id}.json"
    assert json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())["insz"] == ANNA
    written = repr([all_items(counting.client, table) for table in (tables.quality, tables.registrations)])
    assert PSEUDONYMS(ANNA) in written
    assert ANNA not in written


def test_a_persons_registrations_are_read_by_several_parties(counting: CountingClient, tables: Tables) -> None:
    registrations = DynamoRegistrations(counting.client, tables.registrations, lambda: NOW, no_sleep)
    long_gone = Registration(OPEN.begin.replace(year=2020), OPEN.begin.replace(year=2021), Right.ENDED)
    registrations.write({named("anna"): OPEN}, INFINO)
    registrations.write({named("anna"): long_gone}, PARENTIA)
    counting.sent.clear()

    assert registrations.read_all(["anna"], PARTIES) == {("anna", INFINO): OPEN}
    assert counting.sent == ["BatchGetItem"]


def test_a_bucket_out_of_reach_is_told_without_the_name_of_the_message(s3: S3Client) -> None:
    with pytest.raises(UnavailableError) as failed:
        Outgoing(Objects(s3, "no-such-bucket-here")).put_out(INFINO, "kwaliteitsmelding-1.json", b"{}")

    assert "kwaliteitsmelding" not in str(failed.value)


def test_reports_are_read_consistently(dynamodb: DynamoDBClient, reports: DynamoReports) -> None:
    with asked(dynamodb, "Query") as requests:
        list(reports.newest(INFINO, status=None, before=None, now=NOW))

    assert [request["ConsistentRead"] for request in requests] == [True]
