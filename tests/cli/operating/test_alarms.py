"""The alarms that `jbplus status` tells of, as CloudWatch describes them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from jbplus_cli.operating.alarms import AlarmsState, Ringing
from jbplus_cli.stack.target import Target
from jbplus_recipient.errors import ExchangeError
from tests.cli.backstage import ALARM_TOPIC, BUCKET
from tests.cli.world import REGION, USUAL, World
from tests.support.files import mutation_file

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
ASKED = {"AlarmNamePrefix": "jbplus-", "AlarmTypes": ["MetricAlarm"], "StateValue": "ALARM"}


def ringing(name: str, hours: float, runbook: str = "no-file", topic: str = ALARM_TOPIC) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "AlarmDescription": f"Something is wrong. Runbook docs/runbooks/{runbook}.md",
        "AlarmActions": [topic],
        "StateUpdatedTimestamp": NOW,
        "StateTransitionedTimestamp": NOW - timedelta(hours=hours),
    }


@pytest.fixture
def cloudwatch() -> Iterator[Stubber]:
    client = boto3.client(
        "cloudwatch", region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_those_of_this_stack_are_told_by_their_names_the_oldest_first(cloudwatch: Stubber) -> None:
    others = "arn:aws:sns:eu-central-1:123456789012:jbplus-dev-AlarmTopic-1"
    first = [ringing("jbplus-NoFileAlarm-1ABC", 2), ringing("jbplus-dev-NoFileAlarm-1ABC", 9, topic=others)]
    second = [ringing("jbplus-IntakeErrorsAlarm-2DEF", 3, "function-errors")]
    cloudwatch.add_response("describe_alarms", {"MetricAlarms": first, "NextToken": "more"}, ASKED)
    cloudwatch.add_response("describe_alarms", {"MetricAlarms": second}, {**ASKED, "NextToken": "more"})

    state = AlarmsState.of(cloudwatch.client, "jbplus", ALARM_TOPIC, "Try again.")

    assert state.ringing == (
        Ringing("IntakeErrorsAlarm", NOW - timedelta(hours=3), "docs/runbooks/function-errors.md"),
        Ringing("NoFileAlarm", NOW - timedelta(hours=2), "docs/runbooks/no-file.md"),
    )


def test_who_may_not_read_them_is_told_so(cloudwatch: Stubber) -> None:
    cloudwatch.add_client_error("describe_alarms", "AccessDenied", "no")

    with pytest.raises(ExchangeError, match="rights"):
        AlarmsState.of(cloudwatch.client, "jbplus", ALARM_TOPIC, "Try again.")


@pytest.fixture
def on_aws(world: World) -> World:
    """A stack on AWS that took a file in."""
    target = Target(name="jbplus", api=world.api.url, bucket=BUCKET, issuer=world.api.url, region=REGION)
    world.surroundings = replace(world.surroundings, find_stack=lambda _: target, now=lambda: datetime.now(UTC))
    world.behind.drop(mutation_file([], 7), USUAL)
    return world


def test_one_that_rings_needs_a_person_and_says_where_to_look(on_aws: World) -> None:
    on_aws.behind.alarms = [ringing("jbplus-NoFileAlarm-1ABC", 2)]

    result = on_aws.run("status", "--stack", "jbplus")

    assert result.exit_code == 1
    assert "Ringing: NoFileAlarm." in result.stdout
    assert "docs/runbooks/no-file.md" in result.stdout
    (told,) = on_aws.read("status", "--stack", "jbplus")["alarms"]
    assert told == {"name": "NoFileAlarm", "since": "2026-04-01T10:00:00+00:00", "runbook": "docs/runbooks/no-file.md"}


def test_none_that_rings_is_said_and_needs_nobody(on_aws: World) -> None:
    result = on_aws.run("status", "--stack", "jbplus")

    assert result.exit_code == 0
    assert "none rings" in result.stdout
    assert on_aws.read("status", "--stack", "jbplus")["alarms"] == []


def test_the_local_stack_says_that_nobody_watches(here: World) -> None:
    here.behind.drop(mutation_file([], 7), USUAL)
    here.behind.alarms = [ringing("jbplus-NoFileAlarm-1ABC", 2)]

    result = here.run("status")

    assert result.exit_code == 0
    assert "nobody watches here: there is no CloudWatch" in " ".join(result.stdout.split())
    assert here.read("status")["alarms"] is None
