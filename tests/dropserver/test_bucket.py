"""The bucket as the dropserver's round sees it; and whole rounds that die at any step of it."""

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import boto3
import pytest
from aws_lambda_powertools import Logger
from botocore.stub import Stubber
from moto import mock_aws
from mypy_boto3_s3 import S3Client

from jbplus.dropserver.bucket import LAST_VISIT, DropserverBucket
from jbplus.dropserver.sending import Parcel
from jbplus.dropserver.visits import LastVisit, Sighting
from jbplus.errors import ObjectMissingError, UnavailableError
from jbplus.intake.bucket import S3Bucket
from jbplus.mutation_file.report import own_name
from jbplus.protocol.parties import WEWIS
from tests.dropserver.fakes import FakeServer, Fate, KilledError, Site, When
from tests.support.known import INFINO, PARENTIA

BUCKET = "exchange"
STEM = "werk.publiceermutatiejobbonusplus-0100_2025030418300000"
NAME = f"{STEM}0.json"
A = Parcel(INFINO, "a.json")
UNREAD = Logger(service="bucket", stream=io.StringIO())
DROPPED = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


@pytest.fixture
def client() -> Iterator[S3Client]:
    with mock_aws():
        s3 = boto3.client("s3", region_name="eu-central-1", aws_access_key_id="none", aws_secret_access_key="none")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield s3
        s3.close()


@pytest.fixture
def bucket(client: S3Client) -> DropserverBucket:
    return DropserverBucket(client, BUCKET)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def put(bucket: DropserverBucket, content: bytes, name: str = NAME) -> None:
    assert bucket.put(name, io.BytesIO(content), sha256(content))


def contents(client: S3Client, prefix: str) -> dict[str, bytes]:
    found = client.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    return {item["Key"]: client.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read() for item in found}


def take_in(client: S3Client, name: str, status: str = "verwerkt") -> None:
    """Do the intake's work on a file that came in."""
    bucket = S3Bucket(client, BUCKET)
    file = bucket.incoming(f"inkomend/{name}", None)
    digest = sha256(b"".join(bucket.blocks(file)))
    report = json.dumps({"status": status, "sha256": digest}).encode()
    bucket.publish_report(own_name(name, digest), report, file)
    bucket.put_away(file, own_name(name, digest))


def test_a_file_is_put_once_and_other_content_does_not_take_its_place(
    client: S3Client, bucket: DropserverBucket
) -> None:
    put(bucket, b"{}")
    put(bucket, b"{}")

    assert not bucket.put(NAME, io.BytesIO(b"[]"), sha256(b"[]"))
    assert contents(client, "") == {f"inkomend/{NAME}": b"{}"}
    assert len(client.list_object_versions(Bucket=BUCKET)["Versions"]) == 1


def test_what_another_put_there_stays(client: S3Client, bucket: DropserverBucket) -> None:
    client.put_object(Bucket=BUCKET, Key=f"inkomend/{NAME}", Body=b"{}")

    assert not bucket.put(NAME, io.BytesIO(b"{}"), sha256(b"{}"))


def test_a_large_file_comes_by_pieces_over_several_visits(client: S3Client, bucket: DropserverBucket) -> None:
    piece, rest = b"x" * (5 * 1024 * 1024), b"the rest"
    whole = piece * 2 + rest

    bucket.upload("key").add(piece)
    bucket.upload("other").abandon()
    upload = bucket.upload("key")
    assert upload.size == len(piece)
    upload.add(piece)
    upload.add(rest)
    assert not bucket.uploaded("key")
    upload.complete()

    assert bucket.uploaded("key")
    assert b"".join(bucket.blocks("key")) == whole
    assert bucket.put_uploaded("key", NAME, sha256(whole))
    bucket.discard("key")
    assert contents(client, "") == {f"inkomend/{NAME}": whole}
    assert client.head_object(Bucket=BUCKET, Key=f"inkomend/{NAME}")["Metadata"] == {"sha256": sha256(whole)}
    assert client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []) == []


def test_a_large_file_does_not_take_the_place_of_another(client: S3Client, bucket: DropserverBucket) -> None:
    sent: list[dict[str, Any]] = []
    client.meta.events.register("before-parameter-build.s3.CopyObject", lambda params, **_: sent.append(dict(params)))
    upload = bucket.upload("key")
    upload.add(b"{}")
    upload.complete()

    bucket.put_uploaded("key", NAME, sha256(b"{}"))

    assert (sent[0]["IfNoneMatch"], sent[0]["TaggingDirective"]) == ("*", "REPLACE")


@pytest.mark.parametrize(("there", "stands"), [(b"{}", True), (b"other", False)])
def test_where_something_stands_a_large_file_is_there_only_when_it_is_that(
    client: S3Client, bucket: DropserverBucket, there: bytes, *, stands: bool
) -> None:
    with Stubber(client) as answers:
        answers.add_client_error("copy_object", "PreconditionFailed", http_status_code=HTTPStatus.PRECONDITION_FAILED)
        answers.add_response("head_object", {"Metadata": {"sha256": sha256(there)}})

        assert bucket.put_uploaded("key", NAME, sha256(b"{}")) is stands


def test_a_large_file_that_was_abandoned_begins_anew(bucket: DropserverBucket) -> None:
    upload = bucket.upload("key")
    upload.add(b"wrong")
    upload.abandon()

    assert bucket.upload("key").size == 0


def test_the_last_visit_is_remembered(client: S3Client, bucket: DropserverBucket) -> None:
    assert bucket.recall() is None
    seen = Sighting(name="a.json", size=None, modified=None, first=DROPPED, still=DROPPED, taken="hash")
    visit = LastVisit(at=DROPPED, reasons=("DROP005 no",), seen=(seen,), own_certificate=DROPPED)

    bucket.remember(visit)

    assert bucket.recall() == visit
    client.put_object(Bucket=BUCKET, Key=LAST_VISIT, Body=b"of another version")
    assert bucket.recall() is None


def test_the_hash_goes_with_the_file_for_s3_to_check(client: S3Client, bucket: DropserverBucket) -> None:
    sent: list[dict[str, Any]] = []
    client.meta.events.register("before-parameter-build.s3.PutObject", lambda params, **_: sent.append(dict(params)))

    put(bucket, b"{}")

    assert sent[0]["ChecksumSHA256"] == "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o="
    assert sent[0]["Metadata"] == {"sha256": sha256(b"{}")}


def test_what_waits_is_given_by_party_and_name_and_what_is_no_parcel_is_not(
    client: S3Client, bucket: DropserverBucket
) -> None:
    parcels = [Parcel(INFINO, "a.json"), Parcel(INFINO, "b.json"), Parcel(PARENTIA, "a.json")]
    for parcel in reversed(parcels):
        client.put_object(Bucket=BUCKET, Key=f"uitgaand/{parcel.party}/{parcel.name}", Body=b"{}")
    for other in ("uitgaand/a.json", f"uitgaand/{INFINO}/", f"uitgaand/{INFINO}/deeper/a.json", "uitgaand/none/a.json"):
        client.put_object(Bucket=BUCKET, Key=other, Body=b"{}")

    assert list(bucket.waiting()) == parcels


def test_a_parcel_is_read_marked_and_taken_out(client: S3Client, bucket: DropserverBucket) -> None:
    client.put_object(Bucket=BUCKET, Key=f"uitgaand/{INFINO}/a.json", Body=b"{}")
    read = io.BytesIO()

    tag = bucket.read(A, read)
    before = bucket.sent(A)
    bucket.mark_sent(A, io.BytesIO(b"{}"), sha256(b"{}"))
    bucket.take_out(A, tag)
    bucket.take_out(A, tag)

    assert read.getvalue() == b"{}"
    assert (before, bucket.sent(A)) == (None, sha256(b"{}"))
    assert contents(client, "") == {f"verzonden/{INFINO}/a.json": b"{}"}
    with pytest.raises(ObjectMissingError):
        bucket.read(A, io.BytesIO())


def test_other_content_that_came_in_its_place_is_not_taken_out(client: S3Client, bucket: DropserverBucket) -> None:
    client.put_object(Bucket=BUCKET, Key=f"uitgaand/{INFINO}/a.json", Body=b"older")
    tag = bucket.read(A, io.BytesIO())
    client.put_object(Bucket=BUCKET, Key=f"uitgaand/{INFINO}/a.json", Body=b"newer")

    bucket.take_out(A, tag)

    assert contents(client, "") == {f"uitgaand/{INFINO}/a.json": b"newer"}


def test_a_bucket_out_of_reach_says_so_without_a_name(client: S3Client) -> None:
    nowhere = DropserverBucket(client, "nowhere")

    acts: list[Callable[[], object]] = [
        lambda: nowhere.put(NAME, io.BytesIO(), sha256(b"")),
        nowhere.recall,
        lambda: nowhere.upload("key"),
        lambda: list(nowhere.blocks("key")),
        lambda: list(nowhere.waiting()),
        lambda: nowhere.read(A, io.BytesIO()),
        lambda: nowhere.mark_sent(A, io.BytesIO(), sha256(b"")),
    ]
    for act in acts:
        with pytest.raises(UnavailableError, match=r"^s3:\w+: NoSuchBucket$"):
            act()


@dataclass
class Life:
    """A server in memory and a bucket of moto's; each request to it, too, is a step to die at."""

    client: S3Client
    server: FakeServer = field(default_factory=lambda: FakeServer(lambda: DROPPED))
    puts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for key in contents(self.client, ""):
            self.client.delete_object(Bucket=BUCKET, Key=key)
        self.server.drop(f"From_Vip/{NAME}", b"{}")
        self.client.put_object(Bucket=BUCKET, Key=f"uitgaand/{INFINO}/a.json", Body=b"a")

    def run(self, fate: Fate) -> None:
        bucket = DropserverBucket(self.client, BUCKET)
        self.server.fate = fate
        with self._bound(fate), suppress(KilledError):
            Site(self.server, bucket, bucket, logger=UNREAD).run()
        self.server.fate = Fate()

    def take_in(self) -> None:
        if contents(self.client, "inkomend/"):
            take_in(self.client, NAME)

    @contextmanager
    def _bound(self, fate: Fate) -> Iterator[None]:
        def before(**_: Any) -> None:
            fate.begin()

        def after(**event: Any) -> None:
            done = event["http_response"].status_code == HTTPStatus.OK
            if done and event["model"].name == "PutObject" and "inkomend/" in event["context"]["key"]:
                self.puts.append(event["context"]["key"])
            fate.end()

        def remember(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
            context["key"] = params.get("Key", "")

        events = self.client.meta.events
        handlers: dict[str, Callable[..., None]] = {
            "before-parameter-build.s3": remember,
            "before-call.s3": before,
            "after-call.s3": after,
        }
        for name, handler in handlers.items():
            events.register(name, handler)
        try:
            yield
        finally:
            for name, handler in handlers.items():
                events.unregister(name, handler)


@pytest.mark.parametrize("intake", [False, True])
def test_a_death_at_any_step_is_mended_by_the_next_round(client: S3Client, *, intake: bool) -> None:
    fate = Fate()
    Life(client).run(fate)
    assert 15 < fate.steps < 60

    # After one step is before the next.
    for at in range(1, fate.steps + 1):
        life = Life(client)
        life.run(Fate(at, When.AFTER))
        if intake:
            life.take_in()
        life.run(Fate())
        life.take_in()
        life.run(Fate())

        # Twice at most: the intake answers a repetition by itself, and a party knows a notice by its name.
        assert set(life.puts) == {f"inkomend/{NAME}"}, at
        assert 1 <= len(life.puts) <= 2, at
        name = own_name(NAME, sha256(b"{}"))
        reports = [f"To_Vip/{WEWIS.kbo}/{name}{again}.json" for again in (".2", "")[-len(life.puts) :]]
        sent = sorted({path for path, _ in life.server.appeared})
        assert sent == sorted(life.server.content) == [*reports, f"To_Vip/{INFINO}/a.json"], at
        assert contents(client, "uitgaand/") == contents(client, "inkomend/") == {}, at
