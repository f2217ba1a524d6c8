"""What operators see of a round of notices, and that one that went wrong is no success."""

import io
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from aws_lambda_powertools import Logger, Metrics

from jbplus.notices.round import NoticesDelayedError, NoticesRounds
from tests.notices.fakes import NoticesWorld
from tests.support.files import mutation_file, record
from tests.support.known import INFINO, PARENTIA
from tests.support.people import ANNA, BRAM


@dataclass
class Sight:
    """Rounds of a world, with what they write for operators."""

    world: NoticesWorld
    written: io.StringIO = field(default_factory=io.StringIO)
    metrics: Metrics = field(default_factory=lambda: Metrics(namespace="test", service="notices"))

    def go_round(self) -> None:
        logger = Logger(service=uuid.uuid4().hex, stream=self.written)
        NoticesRounds(self.world.all_notices(), logger, self.metrics).go_round(lambda: 900.0)

    def counted(self) -> Mapping[str, object]:
        return {name: (metric["Unit"], metric["Value"]) for name, metric in self.metrics.metric_set.items()}

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.written.getvalue().splitlines()]


@pytest.fixture(autouse=True)
def fresh_metrics() -> None:
    # Metrics are one for a whole process.
    Metrics(namespace="test", service="notices").clear_metrics()


def test_a_round_counts_what_was_told_what_was_given_and_what_waits() -> None:
    world = NoticesWorld()
    world.register(INFINO, ANNA, BRAM)
    world.register(PARENTIA, BRAM)
    world.suspend(PARENTIA)
    world.take_in(mutation_file([record(ANNA, "JBP-1"), record(BRAM, "JBP-2")]))
    sight = Sight(world)

    sight.go_round()

    assert sight.counted() == {
        "FilesTold": ("Count", [1]),
        "NoticesGiven": ("Count", [1]),
        "NotificationsGiven": ("Count", [2]),
        "PartsWaiting": ("Count", [1]),
    }
    (line,) = sight.lines()
    assert (line["level"], line["message"][:9]) == ("INFO", "NOTICE001")
    assert line["counts"] == {"FilesTold": 1, "NoticesGiven": 1, "NotificationsGiven": 2, "PartsWaiting": 1}
    assert line["given"] == {INFINO: {"notices": 1, "notifications": 2}}


def test_a_round_in_which_a_store_was_out_of_reach_fails_after_it_counted() -> None:
    world = NoticesWorld()
    world.register(INFINO, ANNA)
    world.take_in(mutation_file([record(ANNA)]))
    world.folders.out_of_reach = set(world.folders.announced())
    sight = Sight(world)

    with pytest.raises(NoticesDelayedError):
        sight.go_round()

    assert sight.counted()["FilesTold"] == ("Count", [0])
    delayed, given = sight.lines()
    assert (delayed["level"], delayed["message"][:9], delayed["reason"]) == ("ERROR", "NOTICE002", "s3:GetObject")
    assert given["message"].startswith("NOTICE001")


def test_a_round_in_which_something_else_failed_tells_where_and_no_value() -> None:
    world = NoticesWorld()
    world.register(INFINO, ANNA)
    world.take_in(mutation_file([record(ANNA)]))
    world.folders.applied.clear()
    sight = Sight(world)

    with pytest.raises(NoticesDelayedError):
        sight.go_round()

    failed, _ = sight.lines()
    assert (failed["level"], failed["message"][:9], failed["error"]) == ("ERROR", "NOTICE003", "LostPiecesError")
    assert ANNA not in sight.written.getvalue()
