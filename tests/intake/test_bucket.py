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
from jbplus.intake.incoming import IncomingFile, Published
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


def test_progress_belongs_to_one_version_of_a_file_and_outlives_it(client: S3Client, bucket: S3Bucket) -> None:
    first, second = (bucket.incoming(KEY, drop(client, content)) for content in (b"first", b"second"))
    bucket.write_progress(first, b"1")
    bucket.write_progress(second, b"2")

    bucket.remove(first)

    assert [bucket.read_progress(file) for file in (first, second)] == [b"1", b"2"]
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


def published(client: S3Client) -> dict[str, tuple[bytes, bytes]]:
    """Give each report and its copy for the source, by name."""
    names = [key.removeprefix("verslagen/") for key in keys(client, "verslagen/")]
    return {name: (content_of(client, f"verslagen/{name}"), content_of(client, OUTGOING + name)) for name in names}


def test_a_report_is_published_with_its_copy_for_the_source(
    client: S3Client, bucket: S3Bucket, file: IncomingFile
) -> None:
    stands = bucket.publish_report("a.12345678", report("verwerkt"), file)

    assert stands == Published("a.12345678", report("verwerkt"))
    assert published(client) == {"a.12345678.json": (report("verwerkt"),) * 2}


def test_the_same_delivery_has_one_report_and_a_copy_of_what_stands(
    client: S3Client, bucket: S3Bucket, file: IncomingFile
) -> None:
    bucket.publish_report("a.12345678", report("geweigerd", by="first"), file)
    client.put_object(Bucket=NAME, Key=f"{OUTGOING}a.12345678.json", Body=b"something else")

    stands = bucket.publish_report("a.12345678", report("verwerkt", by="second"), file)

    assert stands == Published("a.12345678", report("geweigerd", by="first"))
    assert published(client) == {"a.12345678.json": (report("geweigerd", by="first"),) * 2}


def test_each_further_delivery_has_a_report_of_its_own(client: S3Client, bucket: S3Bucket) -> None:
    files = [bucket.incoming(KEY, drop(client, b"{}")) for _ in range(3)]

    for turn in (1, 2):
        for number, file in enumerate(files):
            bucket.publish_report("a.12345678", report("geweigerd", by=f"{number} in turn {turn}"), file)

    assert published(client) == {
        "a.12345678.json": (report("geweigerd", by="0 in turn 1"),) * 2,
        "a.12345678.2.json": (report("geweigerd", by="1 in turn 1"),) * 2,
        "a.12345678.3.json": (report("geweigerd", by="2 in turn 1"),) * 2,
    }


def test_a_copy_that_is_gone_is_put_out_once_more(client: S3Client, bucket: S3Bucket, file: IncomingFile) -> None:
    bucket.publish_report("a.12345678", report("verwerkt"), file)
    client.delete_object(Bucket=NAME, Key=f"{OUTGOING}a.12345678.json")

    assert bucket.publish_again("a.12345678") == Published("a.12345678", report("verwerkt"))
    assert published(client) == {"a.12345678.json": (report("verwerkt"),) * 2}
    with pytest.raises(ObjectMissingError):
        bucket.publish_again("a.87654321")


def test_of_two_rivals_of_one_delivery_the_first_report_stays(
    client: S3Client, bucket: S3Bucket, file: IncomingFile
) -> None:
    def rival_comes_between(**_: Any) -> None:
        client.meta.events.unregister("before-call.s3.PutObject", rival_comes_between)
        bucket.publish_report("a.12345678", report("verwerkt", by="rival"), file)

    client.meta.events.register("before-call.s3.PutObject", rival_comes_between)
    bucket.publish_report("a.12345678", report("verwerkt", by="us"), file)

    assert published(client) == {"a.12345678.json": (report("verwerkt", by="rival"),) * 2}


def test_what_is_decided_first_holds(bucket: S3Bucket, file: IncomingFile) -> None:
    assert bucket.begin_progress(file, b"first") == b"first"
    assert bucket.begin_progress(file, b"second") == b"first"

    bucket.write_progress(file, b"third")
    assert bucket.begin_progress(file, b"fourth") == bucket.read_progress(file) == b"third"


def test_copies_of_a_tagged_file_take_no_rights_to_tags(client: S3Client, bucket: S3Bucket) -> None:
    version = client.put_object(Bucket=NAME, Key=KEY, Body=b"{}", Tagging="scanned=yes")["VersionId"]
    file = bucket.incoming(KEY, version)
    sent: list[dict[str, Any]] = []
    client.meta.events.register("before-parameter-build.s3.CopyObject", lambda params, **_: sent.append(dict(params)))

    bucket.quarantine_file(file, "a.12345678")
    bucket.put_away(file, "a.12345678")

    assert [params["TaggingDirective"] for params in sent] == ["REPLACE", "REPLACE"]


def test_what_came_in_is_listed_by_name(client: S3Client, bucket: S3Bucket) -> None:
    for key in ("inkomend/a.JSON", "inkomend/b/c.json", "verwerkt/d.json"):
        drop(client, b"{}", key)

    assert list(bucket.incoming_names()) == ["a.JSON", "b/c.json"]
