"""The deployed stack seals its log: every party is a witness, and whoever has an auditor's rights verifies it."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from typer.testing import Result

from jbplus.checkpoints import verify
from jbplus.protocol.parties import PARTIES
from jbplus_cli.stack.surroundings import Surroundings
from tests.e2e.exchange import Exchange
from tests.e2e.rights import Limited, user_with
from tests.support import command
from tests.support.people import person_number

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def sealed(exchange: Exchange) -> Exchange:
    """The stack with lookups that were logged, and a checkpoint of them."""
    for number in range(3):
        exchange.look_up(person_number(number, month=63))
    seal(exchange)
    return exchange


def seal(exchange: Exchange) -> None:
    answer = exchange.stack.aws.functions().invoke(FunctionName=exchange.stack.outputs["CheckpointsFunction"])
    assert "FunctionError" not in answer, answer["Payload"].read()


@pytest.fixture
def auditor(sealed: Exchange, tmp_path: Path) -> Run:
    """Runs `jbplus` with an auditor's rights on AWS, and no others."""
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "endpoints.json").write_text(json.dumps(asdict(sealed.stack.endpoints)))
    keys = user_with(sealed.stack, "auditor")
    surroundings = replace(Surroundings.real(), folder=tmp_path, aws=lambda target: Limited(target, keys))

    def run(*words: object) -> Result:
        return command.run(words, surroundings)

    return run


def test_the_log_is_sealed_witnessed_locked_and_verified(sealed: Exchange, auditor: Run, tmp_path: Path) -> None:
    # Every party has the same checkpoints, and they are signed.
    held = {
        party.kbo: {
            name.rpartition("/")[2]: sealed.read(name)
            for name in sealed.object_keys(f"uitgaand/{party.kbo}/{verify.PREFIX}")
        }
        for party in PARTIES
    }
    (checkpoints,) = {
        json.dumps(sorted((name, content.decode()) for name, content in each.items())) for each in held.values()
    }
    points = [verify.Checkpoint.read(content.encode()) for _, content in json.loads(checkpoints)]
    assert points
    assert all(point.is_signed for point in points)

    # Nobody deletes a segment, not even the account's root.
    s3, bucket = sealed.stack.aws.s3(), sealed.stack.outputs["SegmentsBucket"]
    (version, *_) = s3.list_object_versions(Bucket=bucket, Prefix="segmenten/")["Versions"]
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])

    # All agrees; and an extract with proofs is verified by the one file.
    folder, extract = tmp_path / "audit", tmp_path / "extract.json"
    done = auditor("checkpoints", "verify", "--folder", folder)
    assert done.exit_code == 0, done.output
    assert "All agrees." in done.stdout
    today = points[-1].moment[:10]
    done = auditor("privacylog", "--party", "infino", "--van", today, "--tot", today, "--proofs", extract)
    assert done.exit_code == 0, done.output
    items = json.loads(extract.read_bytes())["items"]
    assert sum("bewijs" in item for item in items) >= 3
    found, _ = verify.verify([folder / "checkpoints"], None, extract, frozenset())
    assert found == []

    # A put without condition writes over a record: the policy cannot forbid it, and the verification names it.
    dynamodb, table = sealed.stack.aws.dynamodb(), sealed.stack.outputs["PrivacyLogTable"]
    segment = verify.Segment.read((folder / "segments" / verify.segment_name(1)).read_bytes())
    (item, *_) = (
        each for each in dynamodb.scan(TableName=table)["Items"] if each["entry"]["S"] == segment.records[0].place
    )
    dynamodb.put_item(TableName=table, Item=item | {"endUser": {"S": "somebody.else"}})
    done = auditor("checkpoints", "verify", "--folder", folder)
    dynamodb.put_item(TableName=table, Item=item)
    assert done.exit_code == 1
    assert f"record {item['entry']['S']}" in done.stderr
    assert "written over" in done.stderr
