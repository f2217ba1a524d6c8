"""The floor: no library at all; a signature by hand on a kept connection, and JSON."""

import hashlib
import hmac
import json
import os
import time
from http.client import HTTPConnection, HTTPSConnection

PERSONS, REGISTRATIONS = os.environ["PERSONS_TABLE"], os.environ["REGISTRATIONS_TABLE"]
LOG, SUSPENSIONS = os.environ["PRIVACY_LOG_TABLE"], os.environ["SUSPENSIONS_TABLE"]
SCHEME, _, HOST = os.environ["AWS_ENDPOINT_URL"].partition("://")
keys = []


def _connection():
    if SCHEME == "http":
        return HTTPConnection(HOST)
    import ssl

    return HTTPSConnection(HOST, context=ssl.create_default_context(cafile=os.environ["FLOOR_AUTHORITY"]))


connections = {service: _connection() for service in ("dynamodb", "secretsmanager")}


def call(service, target, asked):
    """Call AWS, signed (SigV4)."""
    body = json.dumps(asked).encode()
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    scope = f"{moment[:8]}/eu-central-1/{service}/aws4_request"
    signed = {
        "content-type": "application/x-amz-json-1.0",
        "host": HOST,
        "x-amz-date": moment,
        "x-amz-security-token": os.environ["AWS_SESSION_TOKEN"],
        "x-amz-target": target,
    }
    names = ";".join(signed)
    lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
    request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{os.environ['AWS_SECRET_ACCESS_KEY']}".encode()
    for part in [*scope.split("/"), text]:
        key = hmac.digest(key, part.encode(), "sha256")
    signed["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={os.environ['AWS_ACCESS_KEY_ID']}/{scope}, "
        f"SignedHeaders={names}, Signature={key.hex()}"
    )
    connection = connections[service]
    connection.request("POST", "/", body, signed)
    return json.loads(connection.getresponse().read())


def handler(event, _context):
    """Answer a lookup."""
    if not keys:
        secret = call("secretsmanager", "secretsmanager.GetSecretValue", {"SecretId": os.environ["PSEUDONYM_SECRET"]})
        keys.append(json.loads(secret["SecretString"])["k1"].encode())
    party = event["requestContext"]["authorizer"]["jwt"]["claims"]["kbo"]
    body = json.loads(event["body"])
    numbers = body.get("inszLijst") or [body["insz"]]
    persons = [hmac.digest(keys[0], number.encode(), "sha256").hex() for number in numbers]
    wanted = [(SUSPENSIONS, {"party": {"S": party}})]
    wanted += [(PERSONS, {"person": {"S": person}}) for person in persons]
    wanted += [(REGISTRATIONS, {"person": {"S": person}, "party": {"S": party}}) for person in persons]
    states = []
    for start in range(0, len(wanted), 100):
        request = {}
        for table, key in wanted[start : start + 100]:
            request.setdefault(table, {"Keys": [], "ConsistentRead": True})["Keys"].append(key)
        found = call("dynamodb", "DynamoDB_20120810.BatchGetItem", {"RequestItems": request})["Responses"]
        states += [json.loads(item["state"]["S"]) for item in found.get(PERSONS, ())]
    puts = [
        {
            "TableName": LOG,
            "Item": {
                "subject": {"S": f"{party}#{person}"},
                "entry": {"S": f"{time.time():.6f}#{os.urandom(16).hex()}#{place:03d}"},
                "endUser": {"S": event["headers"]["x-magda-enduser-id"]},
                "expiresAt": {"N": "1930000000"},
            },
            "ConditionExpression": "attribute_not_exists(subject)",
        }
        for place, person in enumerate(persons)
    ]
    if len(puts) == 1:
        call("dynamodb", "DynamoDB_20120810.PutItem", puts[0])
    else:
        asked = {"TransactItems": [{"Put": put} for put in puts]}
        call("dynamodb", "DynamoDB_20120810.TransactWriteItems", asked)
    return {"statusCode": 200, "body": json.dumps(states)}
