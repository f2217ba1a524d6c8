"""The local stack itself: data that survive, one stack a folder, nothing left running."""

import fcntl
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from jbplus_local.dropserver import Dropserver
from jbplus_local.emulator import HOST, Emulator
from jbplus_local.errors import LocalStackError
from jbplus_local.issuer import Issuer
from jbplus_local.stack import LocalStack
from tests.e2e.conftest import ROOT, settings_in

TABLES = (
    "PersonsTable",
    "RegistrationsTable",
    "SuspensionsTable",
    "QualityTable",
    "PrivacyLogTable",
    "LedgerTable",
)
SCRIPT = """
import sys, time
from pathlib import Path
from jbplus_local.emulator import Emulator
from jbplus_local.signals import ending_in_order

with ending_in_order():
    emulator = Emulator(Path(sys.argv[1]), Path(sys.argv[2]))
    emulator.start()
    try:
        emulator.aws.secrets().create_secret(Name="kept")
        print("ready", flush=True)
        time.sleep(600)
    finally:
        emulator.stop()
"""


def wait_until_unlocked(folder: Path) -> None:
    """Wait for the emulator's end: it holds the lock until its data are saved."""
    with (folder / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


def test_data_survive_a_restart(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    published = tmp_path / "endpoints.json"
    with LocalStack(settings) as first:
        before = dict(first.outputs)
        secret = first.aws.secrets().get_secret_value(SecretId=before["PseudonymSecret"])["SecretString"]
        first.aws.dynamodb().put_item(TableName=before["PersonsTable"], Item={"person": {"S": "kept"}})
        first.aws.s3().put_object(Bucket=before["BucketName"], Key="other/kept", Body=b"kept")
        assert not published.exists()
        first.publish()
        told = json.loads(published.read_text(encoding="utf-8"))
        assert told["api"] == first.endpoints.api
        assert told["bucket"] == before["BucketName"]
    assert not published.exists()

    with LocalStack(settings) as second:
        second.publish()
        changed = {"Issuer"}  # its port is another
        assert {k: v for k, v in second.outputs.items() if k not in changed} == {
            k: v for k, v in before.items() if k not in changed
        }
        assert second.outputs["Issuer"] == second.endpoints.issuer
        aws = second.aws
        assert aws.secrets().get_secret_value(SecretId=before["PseudonymSecret"])["SecretString"] == secret
        kept = aws.dynamodb().scan(TableName=before["PersonsTable"])["Items"]
        assert [item["person"]["S"] for item in kept] == ["kept"]
        content = aws.s3().get_object(Bucket=before["BucketName"], Key="other/kept")["Body"].read()
        assert content == b"kept"
        with pytest.raises(LocalStackError, match="uses"):
            LocalStack(settings).start()
        assert published.exists()


def test_tables_forget_by_themselves_and_can_be_recovered(stack: LocalStack) -> None:
    dynamodb = stack.aws.dynamodb()
    forgetting = set()
    for name in TABLES:
        table = stack.outputs[name]
        backups = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
        assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
        ttl = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        if ttl["TimeToLiveStatus"] == "ENABLED":
            assert ttl["AttributeName"] == "expiresAt"
            forgetting.add(name)
    assert forgetting == set(TABLES) - {"LedgerTable"}


def test_a_start_that_fails_half_way_leaves_nothing_running(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "template.yaml").symlink_to(ROOT / "template.yaml")
    (project / "layers").symlink_to(ROOT / "layers")
    with pytest.raises(LocalStackError, match=r"app\.py is missing"):
        LocalStack(settings_in(tmp_path / "run", project)).start()
    # The lock is free at once: the emulator ended before the error came out.
    with (tmp_path / "run" / "emulator" / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert not (tmp_path / "run" / "endpoints.json").exists()


def test_an_emulator_that_was_killed_is_told(tmp_path: Path) -> None:
    emulator = Emulator(settings_in(tmp_path).python, tmp_path)
    emulator.start()
    assert emulator._process is not None
    emulator._process.kill()

    with pytest.raises(LocalStackError, match=r"killed by signal 9.*make anew run"):
        emulator.wait()
    emulator.stop()


def test_a_port_is_chosen_and_told_when_it_is_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        taken = other.getsockname()[1]
        for start in (
            lambda: Emulator(settings_in(tmp_path).python, tmp_path, taken).start(),
            lambda: Issuer("jbplus", taken),
            lambda: Dropserver(tmp_path, port=taken),
        ):
            with pytest.raises(LocalStackError, match=f"Port {taken} is taken"):
                start()
    issuer = Issuer("jbplus", taken)
    assert issuer.url.endswith(f":{taken}")
    issuer.stop()


def test_a_missing_emulator_is_told(tmp_path: Path) -> None:
    with pytest.raises(LocalStackError, match="make run"):
        Emulator(tmp_path / "python", tmp_path).start()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_emulator_ends_with_its_parent_and_saves(tmp_path: Path, number: signal.Signals) -> None:
    settings = settings_in(tmp_path)
    words = [sys.executable, "-c", SCRIPT, str(settings.python), str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "ready\n"
        parent.send_signal(number)
    wait_until_unlocked(tmp_path)

    emulator = Emulator(settings.python, tmp_path)
    emulator.start()
    try:
        assert [secret["Name"] for secret in emulator.aws.secrets().list_secrets()["SecretList"]] == ["kept"]
    finally:
        emulator.stop()
