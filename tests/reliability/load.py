"""Lookups by several at once while files come in, and now and then a store that is throttled or cuts the connection."""

import itertools
import statistics
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from tests.reliability.between import Asked, Fault, HangsUp, Refuses, Rule
from tests.reliability.environment import Environment
from tests.reliability.stage import BASE, Stage

_MOST_DELIVERIES = 200
LEAST_LOOKUPS = 5


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done.

    Attributes:
        files: files that come, one after the other; each is about every person.
        lookers: who looks up at the same time.
        every: each how manieth request to AWS something goes wrong with.
    """

    files: int
    lookers: int
    every: int


@dataclass
class Course:
    """How it went.

    Attributes:
        answered: milliseconds of each lookup that was answered.
        unavailable: milliseconds of each that was told to try again.
        deliveries: events that were delivered, again and again until the file was taken in.
        seconds: from the first file to the end of the last.
        wrong: what was answered otherwise than any order of file and lookup explains.
    """

    answered: list[float] = field(default_factory=list)
    unavailable: list[float] = field(default_factory=list)
    deliveries: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def milliseconds(self, hundredth: int) -> float:
        """Give the time that so many hundredths of the answered lookups did not take longer than."""
        return statistics.quantiles(self.answered, n=100, method="inclusive")[hundredth - 1]


def now_and_then(every: int) -> Rule:
    """Have something go wrong with each so manieth request, by turns."""
    numbers = itertools.count(1)
    faults: Iterator[Fault] = itertools.cycle(
        [
            Refuses("ThrottlingException"),
            HangsUp(),
            Refuses("InternalServerError", 500),
            HangsUp(done=True),
            Refuses("ProvisionedThroughputExceededException", done=True),
        ]
    )

    def rule(asked: Asked) -> Fault | None:
        if not asked.operation.startswith("dynamodb:") or next(numbers) % every:
            return None
        return next(faults)

    return rule


@dataclass
class _Files:
    """How far the files are: what began to come in, and what is in for certain."""

    begun: int = 1
    done: int = 1


def course(stage: Stage, size: Size) -> Course:
    """Have it take its course: a first file in peace, then the others while everybody looks up."""
    went, files, over = Course(), _Files(), threading.Event()
    ready = threading.Barrier(size.lookers + 1)

    def look_up(at: int) -> None:
        with stage.environment("consultation") as consultation:
            ready.wait()
            for count, person in enumerate(itertools.islice(itertools.cycle(stage.persons), at, None)):
                if over.is_set() and count >= LEAST_LOOKUPS:
                    return
                _look_up(went, stage, files, consultation, person)

    with stage.environment("intake") as intake, ThreadPoolExecutor(size.lookers) as pool:
        assert stage.take_in(intake, stage.drop(1))
        stage.stands.rule = now_and_then(size.every)
        looking = [pool.submit(look_up, at) for at in range(size.lookers)]
        ready.wait()
        began = time.perf_counter()
        for number in range(2, size.files + 2):
            event = stage.drop(number)
            files.begun = number
            went.deliveries += _until_taken_in(stage, intake, event)
            files.done = number
        went.seconds = time.perf_counter() - began
        over.set()
        for each in looking:
            each.result()
    return went


def _until_taken_in(stage: Stage, intake: Environment, event: Mapping[str, Any]) -> int:
    """Deliver an event as often as it takes; give how often that was."""
    return next(times for times in range(1, _MOST_DELIVERIES) if stage.take_in(intake, event))


def _look_up(went: Course, stage: Stage, files: _Files, consultation: Environment, person: str) -> None:
    at_least, began = files.done, time.perf_counter()
    answer = stage.look_up(consultation, person)
    milliseconds, at_most = (time.perf_counter() - began) * 1000, files.begun
    if answer.status == HTTPStatus.SERVICE_UNAVAILABLE and answer.amount is None:
        went.unavailable.append(milliseconds)
    elif answer.status == HTTPStatus.OK and answer.amount in range(BASE + at_least, BASE + at_most + 1):
        went.answered.append(milliseconds)
    else:
        went.wrong.append(f"{answer} after file {at_least}, with file {at_most} coming in")
