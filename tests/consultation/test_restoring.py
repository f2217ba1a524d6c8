"""A consultation that Lambda resumes from a snapshot: what it must not carry over begins anew."""

import importlib.util
import json
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest

from jbplus_local.aws import Aws
from tests.reliability.between import Between, between
from tests.support.engine import Tables
from tests.support.every_call import event_of

APP = Path(__file__).parents[2] / "functions" / "consultation" / "app.py"
RUNTIME = """
hooks = []

def register_after_restore(func, *args, **kwargs):
    hooks.append((func, args, kwargs))
    return func
"""
"""What Lambda's own runtime has of the library that registers hooks."""
GET = "POST /v1/verrichtingen/get"


@pytest.fixture
def stands(aws: Aws) -> Iterator[Between]:
    with between(aws.url) as stands:
        yield stands


@pytest.fixture
def restore(
    aws: Aws, stands: Between, tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Callable[[], int], Callable[[], None]]:
    """Give a lookup, which tells its status, and what Lambda does after it has resumed the function."""
    secret = aws.secrets().create_secret(Name=tables.persons, SecretString=json.dumps({"version": 1, "k1": "k" * 64}))[
        "ARN"
    ]
    (tmp_path / "snapshot_restore_py.py").write_text(RUNTIME)
    monkeypatch.syspath_prepend(tmp_path)
    for module in ("jbplus.aws.restoring", "snapshot_restore_py"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    for name, value in {
        "AWS_ENDPOINT_URL": stands.url,
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "PSEUDONYM_SECRET": secret,
        "TEST_NUMBERS_ALLOWED": "true",
        "SUCCESSION_ALLOWED": "false",
        "PERSONS_TABLE": tables.persons,
        "REGISTRATIONS_TABLE": tables.registrations,
        "PRIVACY_LOG_TABLE": tables.privacy_log,
        "SUSPENSIONS_TABLE": tables.suspensions,
        "IGNORED_QUERY_PARAMETERS": "",
        "POWERTOOLS_SERVICE_NAME": "consultation",
        "POWERTOOLS_METRICS_NAMESPACE": "jbplus",
    }.items():
        monkeypatch.setenv(name, value)
    spec = importlib.util.spec_from_file_location("app", APP)
    assert spec is not None
    assert spec.loader is not None
    app = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(app)
    runtime = importlib.import_module("snapshot_restore_py")

    def resumed() -> None:
        assert runtime.hooks
        for hook, args, kwargs in runtime.hooks:
            hook(*args, **kwargs)

    return lambda: app.handler(event_of(GET), None)["statusCode"], resumed


def test_connections_keys_and_chance_are_not_carried_over(
    stands: Between, restore: tuple[Callable[[], int], Callable[[], None]]
) -> None:
    look_up, resumed = restore
    assert [look_up(), look_up()] == [403, 403]
    before = stands.connections, stands.count("secretsmanager:GetSecretValue")
    assert before == (2, 1)

    random.seed(1)
    sown = random.getstate()
    resumed()

    assert random.getstate() != sown
    assert [look_up(), look_up()] == [403, 403]
    assert (stands.connections, stands.count("secretsmanager:GetSecretValue")) == (4, 2)


def test_a_snapshot_holds_no_connection_and_no_key(
    stands: Between, restore: tuple[Callable[[], int], Callable[[], None]]
) -> None:
    """What Lambda takes the snapshot of is the function as it is loaded, before any call."""
    assert restore
    assert (stands.connections, stands.asked) == (0, [])
