"""Bare boto3 writes ready items, 25 a request, on no condition: the least that a batch of items takes."""

import os

import boto3

dynamodb = boto3.client("dynamodb")


def handler(event, _context):
    """Write items of persons, by their pseudonyms."""
    table, persons = os.environ["PERSONS_TABLE"], event["persons"]
    for start in range(0, len(persons), 25):
        puts = [{"PutRequest": {"Item": {"person": {"S": person}, **event["item"]}}} for person in persons[start:][:25]]
        dynamodb.batch_write_item(RequestItems={table: puts})
    return {"statusCode": 200}
