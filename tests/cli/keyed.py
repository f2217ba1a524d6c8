"""Tables under pseudonyms behind the fake stack, and the secret with the keys."""

import json

import boto3

from jbplus.persons.pseudonym import KeyRing
from tests.cli.backstage import PERSONS, REGISTRATIONS
from tests.cli.world import REGION, World

K1 = "1" * 64


def make_keyed(world: World) -> None:
    """Make the tables and the secret."""
    for name, keys in ((PERSONS, ["person"]), (REGISTRATIONS, ["person", "party"])):
        world.behind.dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            KeySchema=[{"AttributeName": key, "KeyType": "HASH" if n == 0 else "RANGE"} for n, key in enumerate(keys)],
        )
    world.behind.secrets = boto3.client(
        "secretsmanager", region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test"
    )
    world.behind.secrets.create_secret(Name="pseudonyms", SecretString=json.dumps({"version": 1, "k1": K1}))


def ring(world: World) -> KeyRing:
    """Read the secret."""
    assert world.behind.secrets is not None
    return KeyRing.from_secret(world.behind.secrets.get_secret_value(SecretId="pseudonyms")["SecretString"])
