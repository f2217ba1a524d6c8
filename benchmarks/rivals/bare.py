"""Bare boto3: the same calls as the product makes, and JSON; nothing is checked, decided or logged."""

import hashlib
import hmac
import json
import os
import time

import boto3

PERSONS, REGISTRATIONS = os.environ["PERSONS_TABLE"], os.environ["REGISTRATIONS_TABLE"]
LOG, SUSPENSIONS = os.environ["PRIVACY_LOG_TABLE"], os.environ["SUSPENSIONS_TABLE"]
dynamodb = boto3.client("dynamodb")
secrets = boto3.client("secretsmanager")
keys = []


def handler(event, _context):
    """Answer a lookup."""
    if not keys:
        secret = json.loads(secrets.get_secret_value(SecretId=os.environ["PSEUDONYM_SECRET"])["SecretString"])
        keys.append(secret["k1"].encode())
    party = event["requestContext"]["authorizer"]["jwt"]["claims"]["kbo"]
    body = json.loads(event["body"])
    numbers = body.get("inszLijst") or [body["insz"]]
    persons = [hmac.new(keys[0], number.encode(), hashlib.sha256).hexdigest() for number in numbers]
    wanted = [(SUSPENSIONS, {"party": {"S": party}})]
    wanted += [(PERSONS, {"person": {"S": person}}) for person in persons]
    wanted += [(REGISTRATIONS, {"person": {"S": person}, "party": {"S": party}}) for person in persons]
    found = []
    for start in range(0, len(wanted), 100):
        request = {}
        for table, key in wanted[start : start + 100]:
            request.setdefault(table, {"Keys": [], "ConsistentRead": True})["Keys"].append(key)
        found.append(dynamodb.batch_get_item(RequestItems=request)["Responses"])
    entries = [_entry(event, party, person, place) for place, person in enumerate(persons)]
    condition = {"TableName": LOG, "ConditionExpression": "attribute_not_exists(subject)"}
    if len(entries) == 1:
        dynamodb.put_item(Item=entries[0], **condition)
    else:
        dynamodb.transact_write_items(TransactItems=[{"Put": {"Item": entry, **condition}} for entry in entries])
    states = [json.loads(item["state"]["S"]) for each in found for item in each.get(PERSONS, ())]
    return {"statusCode": 200, "body": json.dumps(states)}


def _entry(event, party, person, place):
    moment = f"{time.time():.6f}"
    return {
        "subject": {"S": f"{party}#{person}"},
        "entry": {"S": f"{moment}#{os.urandom(16).hex()}#{place:03d}"},
        "day": {"S": f"{party}#2026-03-05#1"},
        "correlation": {"S": event["headers"]["x-correlation-id"]},
        "endUser": {"S": event["headers"]["x-magda-enduser-id"]},
        "application": {"S": "infino"},
        "service": {"S": "opvraging"},
        "purpose": {"S": "socialeToeslag"},
        "outcome": {"S": "beantwoord"},
        "registeredBy": {"S": party},
        "keyVersion": {"N": "1"},
        "afterMutation": {"BOOL": False},
        "expiresAt": {"N": "1930000000"},
    }
