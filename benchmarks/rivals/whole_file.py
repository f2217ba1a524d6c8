"""The usual way to read a file: the whole document at once. It shows what memory that takes."""

import json

import boto3

s3 = boto3.client("s3")


def handler(event, _context):
    """Read a file."""
    (record,) = event["Records"]
    document = json.loads(s3.get_object(Bucket="bucket", Key=record["s3"]["object"]["key"])["Body"].read())
    return {"records": len(document["mutaties"])}
