"""How far a recomputation has come is kept in the bucket, and forgotten when it is done."""

import uuid

from mypy_boto3_s3 import S3Client

from jbplus.aws.objects import Objects
from jbplus.persons.bucket import S3RecomputingProgress
from jbplus.persons.recomputing import Recomputed
from jbplus_local.aws import REGION


def test_progress_is_read_as_it_was_kept_until_it_is_forgotten(s3: S3Client) -> None:
    name = f"exchange-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    progress = S3RecomputingProgress(Objects(s3, name))
    before = progress.read()

    progress.keep(Recomputed(years=2, seen=3, changed=1, after="f" * 64))
    kept = progress.read()
    progress.forget()
    progress.forget()

    assert (before, kept, progress.read()) == (None, Recomputed(years=2, seen=3, changed=1, after="f" * 64), None)
