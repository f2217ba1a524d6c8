"""`--stack`: a stack on AWS, with the operator's own credentials and token."""

import base64
import json

import boto3
import pytest
from botocore.exceptions import NoCredentialsError
from botocore.stub import Stubber

from jbplus_cli.samples.persons import TestPersons
from jbplus_cli.stack.aws import StackClients, aws_errors, target_of
from jbplus_cli.stack.target import Target
from jbplus_recipient.errors import ExchangeError
from jbplus_recipient.transport import pool_for
from tests.cli.world import World

ANNE = TestPersons(9).number(0)
LOOKUP = ("lookup", ANNE, "--party", "infino", "--doel", "socialeToeslag", "--stack", "prod", "--enduser", "an.op")


def token_of(kbo: object) -> str:
    """A token with a claim `kbo`, as far as the command looks into it."""
    payload = base64.urlsafe_b64encode(json.dumps({"kbo": kbo}).encode()).decode().rstrip("=")
    return f"e30.{payload}.signature"


@pytest.mark.parametrize("token", [token_of("0685540471"), "opaque", "e30.bm90IGpzb24.x", token_of(None)])
def test_the_operators_token_is_used(world: World, token: str) -> None:
    world.api.persons[ANNE] = {"insz": ANNE, "verrichtingen": [], "nettoPerFiscaalJaar": []}
    world.on_aws(JBPLUS_TOKEN=f"{token}\n")

    result = world.run(*LOOKUP)

    assert result.exit_code == 0
    (asked,) = world.api.asked
    assert asked.headers["Authorization"] == f"Bearer {token}"


def test_without_a_token_it_says_how_to_get_one(world: World) -> None:
    world.on_aws()

    result = world.run(*LOOKUP, columns=400)

    assert result.exit_code == 1
    assert "There is no token. Get an access token for the party from https://issuer.example" in result.stderr
    assert "JBPLUS_TOKEN" in result.stderr
    assert "jbplus:dossierbeheer" in result.stderr


def test_another_partys_token_is_not_used(world: World) -> None:
    world.on_aws(JBPLUS_TOKEN=token_of("0686764255"))

    result = world.run(*LOOKUP, columns=400)

    assert result.exit_code == 1
    assert "Parentia Vlaanderen's, and --party says Infino Vlaanderen" in result.stderr
    assert world.api.asked == []


def test_a_token_that_has_run_out_is_said(world: World) -> None:
    world.on_aws(JBPLUS_TOKEN=token_of("0685540471"))
    world.api.says_first.append((401, {}, b'{"message":"Unauthorized"}'))

    result = world.run(*LOOKUP, columns=400)

    assert "The token was not accepted (401). It may have run out" in result.stderr


def test_a_stack_is_found_by_its_outputs() -> None:
    client = boto3.client("cloudformation", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    outputs = {"ApiUrl": "https://api.example/", "BucketName": "b", "Issuer": "https://i.example", "Other": "o"}
    stack = {
        "StackName": "prod",
        "CreationTime": "2025-01-01T00:00:00Z",
        "StackStatus": "CREATE_COMPLETE",
        "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
    }
    with Stubber(client) as stub:
        stub.add_response("describe_stacks", {"Stacks": [stack]}, {"StackName": "prod"})
        stub.add_response("describe_stacks", {"Stacks": [stack | {"Outputs": []}]}, {"StackName": "other"})
        stub.add_client_error("describe_stacks", "ValidationError", expected_params={"StackName": "none"})

        assert target_of("prod", client) == Target(
            name="prod", api="https://api.example", bucket="b", issuer="https://i.example", region="eu-west-1"
        )
        with pytest.raises(ExchangeError, match="no output ApiUrl, BucketName, Issuer"):
            target_of("other", client)
        with (
            pytest.raises(ExchangeError, match=r"AWS says ValidationError. Check the name"),
            aws_errors("find it", "Check the name."),
        ):
            target_of("none", client)


def test_the_emulator_is_reached_at_its_own_address_with_its_own_credentials() -> None:
    url = "http://127.0.0.1:4566"
    clients = StackClients(Target(name="local", api=url, bucket="b", issuer=url, region="eu-central-1", emulator=url))

    signed = clients.s3().generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
    assert signed.startswith(f"{url}/b/k?")
    assert "X-Amz-Credential=test%2F" in signed
    services = (clients.sqs(), clients.functions(), clients.dynamodb(), clients.cloudformation())
    assert {client.meta.endpoint_url for client in services} == {url}


def test_missing_credentials_are_said_in_words() -> None:
    with pytest.raises(ExchangeError, match="no AWS credentials"), aws_errors("find it", "Check."):
        raise NoCredentialsError


def test_this_computer_is_never_reached_through_a_proxy() -> None:
    assert pool_for("http://127.0.0.1:8000", {"http": "http://proxy.example:3128"}).proxy is None
    proxied = pool_for("https://api.example", {"https": "http://proxy.example:3128"}).proxy
    assert proxied is not None
    assert proxied.host == "proxy.example"
