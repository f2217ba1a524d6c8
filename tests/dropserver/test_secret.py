"""The secret with what it takes to be let in on the dropserver: read anew, and never shown."""

import json
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws
from mypy_boto3_secretsmanager import SecretsManagerClient

from jbplus.dropserver.secret import DropserverSecret
from jbplus.errors import UnavailableError
from jbplus.ftps.access import Access

NAME = "dropserver"
CONTENT = {"user": "us", "password": "hush", "ca": "PEM 1", "certificate": "PEM 2", "key": "PEM 3"}


@pytest.fixture
def client() -> Iterator[SecretsManagerClient]:
    with mock_aws():
        secrets = boto3.client(
            "secretsmanager", region_name="eu-central-1", aws_access_key_id="none", aws_secret_access_key="none"
        )
        secrets.create_secret(Name=NAME, SecretString=json.dumps(CONTENT))
        yield secrets
        secrets.close()


@pytest.fixture
def secret(client: SecretsManagerClient) -> DropserverSecret:
    return DropserverSecret(client, NAME, "ftps.example", 21)


def put(client: SecretsManagerClient, content: object) -> None:
    client.put_secret_value(SecretId=NAME, SecretString=content if isinstance(content, str) else json.dumps(content))


def test_the_access_is_what_the_secret_holds_now(client: SecretsManagerClient, secret: DropserverSecret) -> None:
    first = secret.access()
    put(client, {name: text for name, text in CONTENT.items() if name != "password"})

    assert first == Access("ftps.example", 21, "us", "hush", "PEM 1", "PEM 2", "PEM 3")
    assert secret.access() == Access("ftps.example", 21, "us", "", "PEM 1", "PEM 2", "PEM 3")


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ("no JSON: hush", "JSON"),
        (["hush"], "JSON"),
        ({"user": "us", "key": "hush"}, "ca, certificate"),
        (CONTENT | {"key": ""}, "key"),
        (CONTENT | {"password": 12345}, "password"),
        (CONTENT | {"hush": "hush"}, "another key"),
    ],
)
def test_a_secret_of_the_wrong_form_says_which_part_without_its_content(
    client: SecretsManagerClient, secret: DropserverSecret, content: object, wrong: str
) -> None:
    put(client, content)

    with pytest.raises(UnavailableError) as bad:
        secret.access()

    assert str(bad.value).startswith(f"dropserver secret: wrong or missing: {wrong}; ")
    assert [shown for shown in ("hush", "12345", "PEM") if shown in str(bad.value)] == []


def test_a_secret_that_is_not_there_is_out_of_reach(client: SecretsManagerClient) -> None:
    with pytest.raises(UnavailableError) as missing:
        DropserverSecret(client, "nowhere", "ftps.example", 21).access()

    assert str(missing.value) == "secretsmanager:GetSecretValue: ResourceNotFoundException"
