"""Lookups of one person, alone in their process: `python -m benchmarks.lookup_calls VARIANT COUNT`.

It prints the number of calls and the seconds of CPU that they took; the start of the process does not count.
"""

import hashlib
import hmac
import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.privacy_log.fakes import FakePrivacyLog
from tests.support.fakes import ACCEPTS, NOW, PSEUDONYMS, no_count
from tests.support.known import entry, registered, stored

from benchmarks.processes import ROOT, BenchmarkError
from benchmarks.stubs import AwsInProcess
from jbplus.api.serve import Handler, serve
from jbplus.consultation.calls import LookupCalls
from jbplus.consultation.service import Lookups
from jbplus.protocol.purposes import Right

Call = Callable[[], str]
"""Answers one lookup, and gives the body."""

_EVENT: dict[str, Any] = json.loads((ROOT / "events" / "consultation.json").read_text(encoding="utf-8"))
_BODY: dict[str, str] = json.loads(_EVENT["body"])
_PARTY = _EVENT["requestContext"]["authorizer"]["jwt"]["claims"]["kbo"]
_SUBJECT = PSEUDONYMS(_BODY["insz"])
_STORED = stored({f"JBP-2025-00000{place}": entry(rank=(17, place), instalment=str(place)) for place in (1, 2)})
_WARM_UP = 20


def with_stub_stores() -> Call:
    """Answer through the whole of the function, with stores that answer at once."""
    store = registered(_BODY["insz"], kbo=_PARTY)
    store.persons[_SUBJECT] = _STORED
    log = FakePrivacyLog()
    calls = LookupCalls(Lookups(store, log, lambda: PSEUDONYMS, lambda: NOW, ACCEPTS, no_count))
    return _call(serve(calls.all, lambda: NOW, ()), lambda: log.calls)


def through_boto3() -> Call:
    """Answer through the function itself and boto3, which never reaches the network."""
    registration = {"person": {"S": _SUBJECT}, "party": {"S": _PARTY}}
    person = {"person": {"S": _SUBJECT}, "state": {"S": _STORED.state}, "expiresAt": {"N": str(_STORED.expires_at)}}
    aws = AwsInProcess(
        items={
            os.environ["PERSONS_TABLE"]: [person],
            os.environ["REGISTRATIONS_TABLE"]: [
                registration | {"begin": {"S": "2025-01-01"}, "right": {"S": Right.RUNNING.value}}
            ],
        },
        secret=json.dumps({"version": 1, "k1": PSEUDONYMS.keys[0].decode()}),
    )
    aws.stand_in()
    return _call(_load_app().handler, lambda: aws.puts)


def _call(handler: Handler, logged: Callable[[], int]) -> Call:
    def call() -> str:
        before = logged()
        body: str = handler(_EVENT, None)["body"]
        if logged() != before + 1:
            raise BenchmarkError("the lookup was not logged")
        return body

    return call


def floor() -> Call:
    """Answer by hand: parse, make the pseudonym, decode, add up, and write answer and log record; check nothing."""

    def call() -> str:
        question = json.loads(_EVENT["body"])
        subject = hmac.new(PSEUDONYMS.keys[0], question["insz"].encode(), hashlib.sha256).hexdigest()
        entries = json.loads(_STORED.state)
        paid: dict[int, Decimal] = {}
        for one in entries.values():
            paid[one["year"]] = paid.get(one["year"], Decimal(0)) + Decimal(one["amount"])
        json.dumps({"subject": subject, "moment": datetime.now(UTC).isoformat(), "party": _PARTY})
        return json.dumps({"verrichtingen": entries, "totalen": {year: str(sum_) for year, sum_ in paid.items()}})

    return call


def _load_app() -> Any:  # noqa: ANN401 - a module that is no package
    path = ROOT / "functions" / "consultation" / "app.py"
    spec = importlib.util.spec_from_file_location("app", path)
    if spec is None or spec.loader is None:
        raise BenchmarkError(f"{path} is not there")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


VARIANTS: dict[str, Callable[[], Call]] = {
    "stub-stores": with_stub_stores,
    "through-boto3": through_boto3,
    "floor": floor,
}


def main() -> None:
    """Do the calls that the command line asks for."""
    count = int(sys.argv[2])
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        call = VARIANTS[sys.argv[1]]()
        for _ in range(_WARM_UP):
            if "600.00" not in (answer := call()):
                raise BenchmarkError(f"the lookup was not answered: {answer}")
        begun = time.process_time()
        for _ in range(count):
            call()
        seconds = time.process_time() - begun
    json.dump({"calls": count, "seconds": seconds}, sys.stdout)


if __name__ == "__main__":
    main()
