"""The secret with the pseudonym keys: remembered for a quarter of an hour, and never shown."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import boto3
import pytest
from moto import mock_aws
from mypy_boto3_secretsmanager import SecretsManagerClient

from jbplus.errors import UnavailableError
from jbplus.persons.pseudonym import KeyRing
from jbplus.persons.secret import PseudonymSecret
from tests.support.people import ANNA

K1, K2 = "a" * 64, "b" * 64
FIRST, ROTATED = KeyRing(1, (K1.encode(),)), KeyRing(2, (K1.encode(), K2.encode()))
NAME = "pseudonyms"
QUARTER_OF_AN_HOUR = 15 * 60


@pytest.fixture
def client() -> Iterator[SecretsManagerClient]:
    with mock_aws():
        secrets = boto3.client(
            "secretsmanager",
            region_name="eu-central-1",
            aws_access_key_id="none",
            aws_secret_access_key="none",
        )
        secrets.create_secret(Name=NAME, SecretString=json.dumps({"version": 1, "k1": K1}))
        yield secrets
        secrets.close()


@dataclass
class Stopwatch:
    """A clock that goes on when told."""

    seconds: float = 1e6

    def __call__(self) -> float:
        return self.seconds


def rotate(client: SecretsManagerClient) -> None:
    put(client, json.dumps({"version": 2, "k1": K1, "k2": K2}))


def put(client: SecretsManagerClient, content: str) -> None:
    client.put_secret_value(SecretId=NAME, SecretString=content)


def test_the_keys_are_those_of_the_secret(client: SecretsManagerClient) -> None:
    assert PseudonymSecret(client, NAME).pseudonyms()(ANNA) == FIRST.pseudonyms(ANNA)


def test_the_keys_are_read_once_in_a_quarter_of_an_hour(client: SecretsManagerClient) -> None:
    clock = Stopwatch()
    secret = PseudonymSecret(client, NAME, clock)
    secret.ring()
    rotate(client)

    clock.seconds += QUARTER_OF_AN_HOUR
    remembered = secret.ring()
    clock.seconds += 1
    read_again = secret.ring()

    assert (remembered, read_again) == (FIRST, ROTATED)


def test_keys_are_read_anew_when_asked(client: SecretsManagerClient) -> None:
    secret = PseudonymSecret(client, NAME, Stopwatch())
    secret.ring()
    rotate(client)

    assert (secret.ring(), secret.ring(True), secret.ring()) == (FIRST, ROTATED, ROTATED)  # noqa: FBT003 - as handed on


def test_keys_may_be_kept_for_less(client: SecretsManagerClient) -> None:
    clock = Stopwatch()
    secret = PseudonymSecret(client, NAME, clock, kept_for=10)
    secret.ring()
    rotate(client)
    clock.seconds += 11

    assert secret.ring() == ROTATED


def test_each_reading_is_kept_for_a_quarter_of_an_hour(client: SecretsManagerClient) -> None:
    clock = Stopwatch()
    secret = PseudonymSecret(client, NAME, clock)
    secret.ring()
    clock.seconds += 2 * QUARTER_OF_AN_HOUR
    secret.ring()
    rotate(client)

    clock.seconds += QUARTER_OF_AN_HOUR

    assert secret.ring() == FIRST


@pytest.mark.parametrize(
    "content",
    [f"k1={K1}", json.dumps([K1]), json.dumps({"version": 2, "k1": K1}), json.dumps({"version": 1, "k1": "short-key"})],
)
def test_a_bad_secret_is_out_of_reach_without_its_content(client: SecretsManagerClient, content: str) -> None:
    put(client, content)

    with pytest.raises(UnavailableError) as bad:
        PseudonymSecret(client, NAME).ring()

    assert [shown for shown in (K1, "short-key") if shown in str(bad.value)] == []


def test_a_secret_that_is_not_there_is_out_of_reach(client: SecretsManagerClient) -> None:
    with pytest.raises(UnavailableError) as missing:
        PseudonymSecret(client, "nowhere").ring()

    assert str(missing.value) == "secretsmanager:GetSecretValue: ResourceNotFoundException"


def test_keys_too_old_are_not_used_when_the_secret_is_out_of_reach_and_are_taken_up_when_it_is_back(
    client: SecretsManagerClient,
) -> None:
    clock = Stopwatch()
    secret = PseudonymSecret(client, NAME, clock)
    secret.ring()
    put(client, "broken")
    clock.seconds += QUARTER_OF_AN_HOUR + 1

    with pytest.raises(UnavailableError):
        secret.ring()
    rotate(client)

    assert secret.ring() == ROTATED
