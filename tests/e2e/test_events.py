"""The events for `sam local invoke` fit the functions: each is given to the function it is meant for."""

import json
from pathlib import Path
from typing import Any

from jbplus_local.stack import LocalStack
from tests.e2e.conftest import ROOT

EVENTS = ROOT / "events"


def invoke(stack: LocalStack, function: str, event: bytes) -> Any:
    answer = stack.aws.functions().invoke(FunctionName=stack.outputs[function], Payload=event)
    content = answer["Payload"].read()
    failed = "x-amz-function-error" in answer["ResponseMetadata"]["HTTPHeaders"]
    assert not failed, content
    return json.loads(content)


def test_file_in_and_lookups_out(stack: LocalStack) -> None:
    s3 = stack.aws.s3()
    event = json.loads((EVENTS / "intake.json").read_bytes())
    (record,) = event["Records"]
    assert record["s3"]["bucket"]["name"] == stack.endpoints.bucket
    key = record["s3"]["object"]["key"]
    sample = EVENTS / Path(key).name
    assert record["s3"]["object"]["size"] == sample.stat().st_size
    put = s3.put_object(Bucket=stack.endpoints.bucket, Key=key, Body=sample.read_bytes())
    # The bucket tells the function too, and of which version: whoever is second changes nothing.
    record["s3"]["object"]["versionId"] = put["VersionId"]
    invoke(stack, "IntakeFunction", json.dumps(event).encode())
    reports = s3.list_objects_v2(Bucket=stack.endpoints.bucket, Prefix=f"verslagen/{sample.stem}.")["Contents"]
    (report,) = (s3.get_object(Bucket=stack.endpoints.bucket, Key=each["Key"])["Body"].read() for each in reports)
    assert json.loads(report)["aantallen"]["toegepast"] > 0

    registered = invoke(stack, "RegistrationsFunction", (EVENTS / "registrations.json").read_bytes())
    assert (registered["statusCode"], len(json.loads(registered["body"])["items"])) == (200, 2), registered

    answer = invoke(stack, "ConsultationFunction", (EVENTS / "consultation.json").read_bytes())
    assert answer["statusCode"] == 200, answer
    assert [each["referte"] for each in json.loads(answer["body"])["verrichtingen"]] == ["JBP-2025-000123"]

    answers = invoke(stack, "ConsultationFunction", (EVENTS / "consultation-query.json").read_bytes())
    assert answers["statusCode"] == 200, answers
    assert all(item["verrichtingen"] for item in json.loads(answers["body"])["items"])
