"""Telling one file, alone in its process: `python -m benchmarks.notices_pass VARIANT RECORDS`.

It prints the number of records and the seconds of CPU that telling them took, up to the notices.
"""

import json
import sys
import time
from typing import Any

from tests.notices.fakes import FakeFolders, FakeQueues, FakeRegistrations
from tests.support.fakes import NOW, PSEUDONYMS, no_sleep
from tests.support.known import INFINO, OPEN
from tests.suspensions.fakes import FakeSuspensionStore

from benchmarks.processes import BenchmarkError
from benchmarks.stubs import AwsInProcess
from jbplus.aws.clients import dynamodb_for_batches
from jbplus.notices.applied import PIECE, Announcement, AppliedPiece, AppliedRecord, announced_name
from jbplus.notices.audience import Audience
from jbplus.notices.delivery import Delivery
from jbplus.notices.round import Notices
from jbplus.notices.telling import Telling
from jbplus.registrations.table import DynamoRegistrations
from jbplus_cli.samples.persons import TestPersons

_FILE = announced_name(17, "benchmark")
_ONE_IN = 5
"""One person in so many is registered, at one party: the others are looked up in vain."""


def with_stub_stores(numbers: list[str]) -> Audience:
    """Look registrations up in a store that answers at once."""
    registrations = FakeRegistrations({(PSEUDONYMS(number), INFINO): OPEN for number in numbers[::_ONE_IN]})
    return Audience(registrations, lambda: PSEUDONYMS, lambda: NOW)


def through_boto3(numbers: list[str]) -> Audience:
    """Look them up through the real tables' code and boto3, which never reaches the network."""
    registered = {PSEUDONYMS(number) for number in numbers[::_ONE_IN]}

    def registrations(keys: list[dict[str, Any]]) -> list[dict[str, Any]]:
        found = [key for key in keys if key["party"]["S"] == INFINO and key["person"]["S"] in registered]
        return [key | {"begin": {"S": OPEN.begin.isoformat()}, "right": {"S": OPEN.right.value}} for key in found]

    AwsInProcess({"registrations": registrations}).stand_in()
    client = dynamodb_for_batches()
    return Audience(
        DynamoRegistrations(client, "registrations", lambda: NOW, no_sleep),
        lambda: PSEUDONYMS,
        lambda: NOW,
    )


VARIANTS = {"stubs": with_stub_stores, "boto3": through_boto3}


def main() -> None:
    """Tell a file of as many records as the command line says, each of another person."""
    persons = TestPersons(1)
    numbers = [persons.number(index) for index in range(int(sys.argv[2]))]
    audience = VARIANTS[sys.argv[1]](numbers)
    folders, queues = FakeFolders(), FakeQueues()
    for first in range(0, len(numbers), PIECE):
        records = [AppliedRecord(first + n, "r", "01", each) for n, each in enumerate(numbers[first : first + PIECE])]
        folders.applied[_FILE, first] = AppliedPiece(tuple(records), 0).to_json()
    last = (len(numbers) - 1) // PIECE * PIECE
    folders.announce(_FILE, Announcement(pieces=len(folders.applied), last=last))
    notices = Notices(
        Telling(folders, audience, queues, folders, no_sleep),
        Delivery(queues, folders, folders, FakeSuspensionStore(), audience, lambda: NOW, no_sleep),
    )
    begun = time.process_time()
    done = notices.go_round(lambda: 900.0)
    seconds = time.process_time() - begun
    if done.failures or done.delivered.notifications != len(numbers[::_ONE_IN]):
        raise BenchmarkError("not every registered person was told of")
    json.dump({"records": len(numbers), "seconds": seconds}, sys.stdout)


if __name__ == "__main__":
    main()
