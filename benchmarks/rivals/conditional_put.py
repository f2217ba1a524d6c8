"""The usual way to take a record in: boto3's resource puts it, on condition that nothing newer is there."""

import os
from decimal import Decimal

import boto3
from boto3.dynamodb.conditions import Attr

table = boto3.resource("dynamodb").Table(os.environ["PERSONS_TABLE"])


def handler(event, _context):
    """Put the records of a file, each as one item."""
    for number, (person, record) in enumerate(zip(event["persons"], event["records"], strict=True)):
        item = {"person": person, "referte": record["referte"], "rank": number, "expiresAt": 1_930_000_000}
        item |= {name: _stored(value) for name, value in record.get("verrichting", {}).items()}
        table.put_item(Item=item, ConditionExpression=Attr("person").not_exists() | Attr("rank").lt(number))
    return {"statusCode": 200}


def _stored(value):
    return Decimal(str(value)) if isinstance(value, float) else value
