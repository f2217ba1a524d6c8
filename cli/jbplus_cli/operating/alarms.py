"""Which alarms of a stack ring, and where it says what to do about each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from pydantic import JsonValue

from jbplus_cli.screen.looks import span
from jbplus_cli.stack.aws import CloudWatch, aws_errors

_NAMED: Final = re.compile(r"Runbook (docs/runbooks/[a-z-]+\.md)$")


@dataclass(frozen=True, slots=True)
class Ringing:
    """An alarm that rings.

    Attributes:
        name: as the template and the runbooks have it.
        since: when it began.
        runbook: the page of the repository that says what to do; None when the alarm names none.
    """

    name: str
    since: datetime
    runbook: str | None

    def words(self, now: datetime) -> str:
        """Say it on one line."""
        return f"{self.name}: for {span(now - self.since)}, {self.runbook or 'without a runbook'}"


@dataclass(frozen=True, slots=True)
class AlarmsState:
    """The alarms of a stack.

    Attributes:
        ringing: those that ring, the oldest first; None where nobody watches.
    """

    ringing: tuple[Ringing, ...] | None

    @classmethod
    def unwatched(cls) -> Self:
        """Give the state of a stack without CloudWatch: there are no alarms, which is not that none rings."""
        return cls(None)

    @classmethod
    def of(cls, client: CloudWatch, stack: str, topic: str, advice: str) -> Self:
        """Read which alarms ring.

        Args:
            client: of CloudWatch.
            stack: the stack's name, with which the names of its alarms begin.
            topic: the stack's topic: another stack's name may begin with this one's.
            advice: what the operator does when AWS gives no answer.

        Raises:
            ExchangeError: CloudWatch refuses, or is out of reach.
        """
        with aws_errors("read the alarms", advice):
            pages = client.get_paginator("describe_alarms").paginate(
                AlarmNamePrefix=f"{stack}-", AlarmTypes=["MetricAlarm"], StateValue="ALARM"
            )
            alarms = [alarm for page in pages for alarm in page["MetricAlarms"] if topic in alarm["AlarmActions"]]
        return cls(tuple(sorted((_read(alarm, stack) for alarm in alarms), key=lambda alarm: alarm.since)))

    def words(self, now: datetime) -> str:
        """Say it, a line for each alarm."""
        if self.ringing is None:
            return "nobody watches here: there is no CloudWatch"
        return "\n".join(alarm.words(now) for alarm in self.ringing) or "none rings"

    def concerns(self) -> Iterator[str]:
        """Say what needs a person."""
        if self.ringing:
            names = ", ".join(alarm.name for alarm in self.ringing)
            yield f"Ringing: {names}. Each names its runbook below."

    def wire(self) -> JsonValue:
        """Give it ready for JSON; null where nobody watches."""
        if self.ringing is None:
            return None
        return [
            {"name": alarm.name, "since": alarm.since.isoformat(), "runbook": alarm.runbook} for alarm in self.ringing
        ]


def _read(alarm: dict[str, Any], stack: str) -> Ringing:
    # CloudFormation names it by stack, logical name, and letters of its own.
    name = alarm["AlarmName"].removeprefix(f"{stack}-").rpartition("-")[0]
    named = _NAMED.search(alarm.get("AlarmDescription", ""))
    since = alarm.get("StateTransitionedTimestamp", alarm["StateUpdatedTimestamp"])
    return Ringing(name or alarm["AlarmName"], since, None if named is None else named[1])
