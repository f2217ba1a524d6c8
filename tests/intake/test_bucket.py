"""The bucket: files come in by version and in pieces, and each ends in one report."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from mypy_boto3_s3 import S3Client

from jbplus.errors import ObjectMissingError, UnavailableError
from jbplus.intake.bucket import S3Bucket
from jbplus.intake.incoming import IncomingFile
from jbplus.mutation_file.unpacking import BLOCK

NAME = "exchange"
KEY = "inkomend/werk.json"
OUTGOING = "uitgaand/0316380841/"


@pytest.fixture
def client() -> Iterator[S3Client]:
    with mock_aws():
        s3 = boto3.client("s3", region_name="eu-central-1", aws_access_key_id="none", aws_secret_access_key="none")
        s3.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        s3.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Enabled"})
        yield s3
        s3.close()


@pytest.fixture
def bucket(client: S3Client) -> S3Bucket:
    return S3Bucket(client, NAME)


def drop(client: S3Client, content: bytes, key: str = KEY) -> str:
    return client.put_object(Bucket=NAME, Key=key, Body=content)["VersionId"]


def content_of(client: S3Client, key: str) -> bytes:
    return client.get_object(Bucket=NAME, Key=key)["Body"].read()


def keys(client: S3Client, prefix: str) -> list[str]:
    return [found["Key"] for found in client.list_objects_v2(Bucket=NAME, Prefix=prefix).get("Contents", [])]


def report(status: str, **more: str) -> bytes:
    return json.dumps({"status": status, **more}).encode()


def test_a_file_is_read_in_pieces_of_bounded_size(client: S3Client, bucket: S3Bucket) -> None:
    content = bytes(range(256)) * (BLOCK * 3 // 256) + b"end"
    version = drop(client, content)

    pieces = list(bucket.blocks(bucket.incoming(KEY, version)))

    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= BLOCK
    assert len(pieces) >= 4


def test_an_empty_file_has_no_content(client: S3Client, bucket: S3Bucket) -> None:
    version = drop(client, b"")

    assert b"".join(bucket.blocks(bucket.incoming(KEY, version))) == b""


def test_the_announced_version_is_read_though_a_newer_one_came(client: S3Client, bucket: S3Bucket) -> None:
    first = drop(client, b"first")
    second = drop(client, b"second")

    contents = [b"".join(bucket.blocks(bucket.incoming(KEY, version))) for version in (first, second, None)]

    assert contents == [b"first", b"second", b"second"]


def test_a_file_without_an_announced_version_stays_the_version_that_was_found(
    client: S3Client, bucket: S3Bucket
) -> None:
    drop(client, b"first")
    found = bucket.incoming(KEY, None)
    drop(client, b"second")

    assert b"".join(bucket.blocks(found)) == b"first"


@pytest.mark.parametrize("version", [None, "null"])
def test_a_file_that_is_not_there_is_missing(bucket: S3Bucket, version: str | None) -> None:
    with pytest.raises(ObjectMissingError) as missing:
        bucket.incoming(KEY, version)

    assert "werk" not in str(missing.value)


def test_a_bucket_that_is_not_there_says_so_without_the_key(client: S3Client) -> None:
    with pytest.raises(UnavailableError) as missing:
        S3Bucket(client, "nowhere").quarantine_records("a.12345678", b"")

    assert str(missing.value) == "s3:PutObject: NoSuchBucket"


@pytest.mark.parametrize(("key", "ending"), [(KEY, ".json"), ("inkomend/werk.json.gz", ".json.gz")])
def test_a_file_is_quarantined_and_put_away_as_it_came(
    client: S3Client, bucket: S3Bucket, key: str, ending: str
) -> None:
    content = gzip.compress(b"first")
    file = bucket.incoming(key, drop(client, content, key))
    newer = drop(client, b"second", key)

    bucket.quarantine_file(file, "a.12345678")
    bucket.put_away(file, "a.12345678")

    assert content_of(client, f"quarantaine/a.12345678{ending}") == content
    assert content_of(client, f"verwerkt/a.12345678{ending}") == content
    assert content_of(client, key) == b"second"
    assert [found["VersionId"] for found in client.list_object_versions(Bucket=NAME, Prefix=key)["Versions"]] == [newer]


def test_putting_away_twice_is_putting_away_once(client: S3Client, bucket: S3Bucket) -> None:
    file = bucket.incoming(KEY, drop(client, b"first"))

    bucket.put_away(file, "a.12345678")
    bucket.put_away(file, "a.12345678")

    assert keys(client, "") == ["verwerkt/a.12345678.json"]


def test_progress_belongs_to_one_version_of_a_file_and_goes_with_it(client: S3Client, bucket: S3Bucket) -> None:
    first, second = (bucket.incoming(KEY, drop(client, content)) for content in (b"first", b"second"))
    bucket.write_progress(first, b"1")
    bucket.write_progress(second, b"2")

    before = [bucket.read_progress(file) for file in (first, second)]
    bucket.remove(first)

    assert before == [b"1", b"2"]
    assert [bucket.read_progress(file) for file in (first, second)] == [None, b"2"]
    assert content_of(client, KEY) == b"second"


def test_bad_records_are_quarantined_read_and_removed_by_name(client: S3Client, bucket: S3Bucket) -> None:
    bucket.quarantine_records("a.12345678", b'{"index":0}\n')
    bucket.quarantine_records("a.12345678", b'{"index":0}\n')

    content = bucket.read_quarantined("a.12345678")
    bucket.remove_quarantined("a.12345678")

    assert content == b'{"index":0}\n'
    assert keys(client, "quarantaine/") == []
    with pytest.raises(ObjectMissingError):
        bucket.read_quarantined("a.12345678")


@pytest.fixture
def file(client: S3Client, bucket: S3Bucket) -> IncomingFile:
    return bucket.incoming(KEY, drop(client, b"{}"))


def published(client: S3Client) -> tuple[bytes, bytes]:
    """Give the report and its copy for the source."""
    return content_of(client, "verslagen/a.12345678.json"), content_of(client, f"{OUTGOING}a.12345678.json")


def test_a_report_is_published_with_its_copy_for_the_source(
    client: S3Client, bucket: S3Bucket, file: IncomingFile
) -> None:
    bucket.publish_report("a.12345678", report("verwerkt"), file, replaces_refusal=False)

    assert published(client) == (report("verwerkt"), report("verwerkt"))


@pytest.mark.parametrize(
    ("first", "is_replaced"),
    [("verwerkt", False), ("gedeeltelijkVerwerkt", False), ("reedsVerwerkt", False), ("geweigerd", True)],
)
def test_a_report_stays_as_it_is_unless_a_refused_file_is_taken_now(
    client: S3Client, bucket: S3Bucket, file: IncomingFile, first: str, *, is_replaced: bool
) -> None:
    bucket.publish_report("a.12345678", report(first, by="first"), file, replaces_refusal=False)

    bucket.publish_report("a.12345678", report("verwerkt", by="second"), file, replaces_refusal=True)

    expected = report("verwerkt", by="second") if is_replaced else report(first, by="first")
    assert published(client) == (expected, expected)


def test_a_refusal_stays_when_the_file_is_refused_again(client: S3Client, bucket: S3Bucket, file: IncomingFile) -> None:
    bucket.publish_report("a.12345678", report("geweigerd", by="first"), file, replaces_refusal=False)

    bucket.publish_report("a.12345678", report("geweigerd", by="second"), file, replaces_refusal=False)

    assert published(client) == (report("geweigerd", by="first"),) * 2


def test_of_two_rivals_the_first_report_stays(client: S3Client, bucket: S3Bucket, file: IncomingFile) -> None:
    theirs = report("verwerkt", by="rival")

    def rival_comes_between(**_: Any) -> None:
        client.meta.events.unregister("before-call.s3.PutObject", rival_comes_between)
        client.put_object(Bucket=NAME, Key="verslagen/a.12345678.json", Body=theirs)

    client.meta.events.register("before-call.s3.PutObject", rival_comes_between)
    bucket.publish_report("a.12345678", report("verwerkt", by="us"), file, replaces_refusal=False)

    assert content_of(client, "verslagen/a.12345678.json") == theirs
