"""What can go wrong around the functions, and what it may do to callers and to files."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from tests.reliability.between import HangsUp, Refuses, Rule, Silent, nothing_wrong, only, skewed
from tests.reliability.environment import Environment
from tests.reliability.stage import Stage
from tests.support.engine import Tables


class OnLookups(StrEnum):
    """What a fault does to lookups, as the page says it."""

    REFUSED = "503 `serviceUnavailable` with `Retry-After`; no amount"
    ANSWERED = "none: answered and logged"


class OnFiles(StrEnum):
    """What a fault does to files, as the page says it."""

    AGAIN = "delivered again; taken in once, with one report, when it is over"
    TAKEN_IN = "none: taken in"


@dataclass(frozen=True, slots=True)
class Case:
    """A fault.

    Attributes:
        name: what goes wrong, for the page.
        rule: brings it about.
        lookups: what it does to lookups.
        files: what it does to files.
        is_slow: whether the functions' own patience makes it last.
    """

    name: str
    rule: Callable[[Tables], Rule]
    lookups: OnLookups = OnLookups.REFUSED
    files: OnFiles = OnFiles.AGAIN
    is_slow: bool = False


CASES: Final = (
    Case(
        "the secret with the keys is out of reach, when an environment begins",
        lambda _: only("secretsmanager:", Refuses("ResourceNotFoundException")),
    ),
    Case(
        "the tables are throttled",
        lambda _: only("dynamodb:", Refuses("ProvisionedThroughputExceededException")),
        is_slow=True,
    ),
    Case("the tables fail", lambda _: only("dynamodb:", Refuses("InternalServerError", 500))),
    Case("the tables cut the connection", lambda _: only("dynamodb:", HangsUp())),
    Case("the tables do not answer in time", lambda _: only("dynamodb:", Silent()), is_slow=True),
    Case(
        "the privacy log takes no record",
        lambda tables: only("dynamodb:", Refuses("InternalServerError", 500), tables.privacy_log),
        files=OnFiles.TAKEN_IN,
    ),
    Case(
        "the privacy log takes the record, and its answer is lost",
        lambda tables: only("dynamodb:", HangsUp(done=True), tables.privacy_log),
        files=OnFiles.TAKEN_IN,
    ),
    Case(
        "the bucket is throttled",
        lambda _: only("s3:", Refuses("SlowDown", 503)),
        lookups=OnLookups.ANSWERED,
        is_slow=True,
    ),
    Case("the credentials are expired", lambda _: lambda _asked: Refuses("ExpiredTokenException")),
    Case("the clock is an hour slow", lambda _: skewed(timedelta(hours=1))),
    Case("the clock is an hour fast", lambda _: skewed(timedelta(hours=-1)), is_slow=True),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a fault did."""

    lookups: OnLookups
    files: OnFiles


def lookups_during(case: Case, stage: Stage, consultation: Environment, amount: int) -> OnLookups:
    """Look up while something is wrong, and once it is over.

    Args:
        case: the fault.
        stage: the stage.
        consultation: answers.
        amount: the right answer.
    """
    stage.stands.rule = case.rule(stage.tables)
    during = stage.look_up(consultation, stage.persons[0])
    stage.stands.rule = nothing_wrong
    after = stage.look_up(consultation, stage.persons[0])
    assert (after.status, after.amount) == (200, amount), f"{case.name}: {after} when it was over"
    if during.status == 200:
        assert during.amount == amount, f"{case.name}: {during}"
        return OnLookups.ANSWERED
    refused = (during.status, during.problem, during.retry_after, during.amount)
    assert refused == (503, "serviceUnavailable", True, None), f"{case.name}: {during}"
    return OnLookups.REFUSED


def files_during(case: Case, stage: Stage, intake: Environment, number: int) -> OnFiles:
    """Deliver a file while something is wrong, and again once it is over: twice, as Lambda may."""
    event = stage.drop(number)
    stage.stands.rule = case.rule(stage.tables)
    taken = stage.take_in(intake, event)
    stage.stands.rule = nothing_wrong
    before = stage.reports().get(number)
    assert before == (["verwerkt"] if taken else None), f"{case.name}: {before}"
    for _ in range(2):
        assert stage.take_in(intake, event), case.name
    assert stage.reports()[number] == ["verwerkt"], f"{case.name}: not one report"
    return OnFiles.TAKEN_IN if taken else OnFiles.AGAIN
