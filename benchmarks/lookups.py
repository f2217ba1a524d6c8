"""Lookups: a cold start up to the first answer, one person, and a hundred; the product beside its rivals."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from tests.support.fakes import PSEUDONYMS
from tests.support.known import INFINO, entry, stored

from benchmarks.artefact import ROOT, Artefact
from benchmarks.environment import KEYS, REGISTRATION, SECRET, VARIABLES
from benchmarks.processes import Bench, BenchmarkError, Case, Plan, Recorded, Setup, TableSetup
from jbplus_cli.samples.persons import TestPersons

MANY = 100
_PERSONS = TestPersons(1)
NUMBERS = [_PERSONS.number(index) for index in range(MANY)]
"""Those who are looked up."""
_ENTRIES = {f"JBP-2025-00000{place}": entry(rank=(17, place), instalment=str(place)) for place in (1, 2)}
_STORED = stored(_ENTRIES)
_OK = 200


def event(name: str, body: Mapping[str, object]) -> dict[str, Any]:
    """Give a sample event with other values in its body."""
    sample: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text(encoding="utf-8"))
    return sample | {"body": json.dumps(json.loads(sample["body"]) | body)}


GET = event("consultation", {"insz": NUMBERS[0]})
QUERY = event("consultation-query", {"inszLijst": NUMBERS})


def cases(artefact: Artefact, plan: Plan, *, over_tls: bool = False) -> dict[str, Case]:
    """Make the cases of a plan: the product and its rivals.

    Args:
        artefact: what is measured.
        plan: `GET` and `QUERY`, and how often each comes.
        over_tls: whether AWS is called over TLS.
    """
    product = Case(
        artefact.functions / "consultation", "app", artefact.layer, plan, _setup(), checked(plan), VARIABLES, over_tls
    )
    rivals = {
        name: replace(product, folder=artefact.rivals, module=name, libraries=artefact.plain)
        for name in ("bare", "usual", "floor")
    }
    rivals["usual"] = replace(rivals["usual"], setup=_setup(nested=True))
    return {"product": product, **rivals}


def _setup(*, nested: bool = False) -> Setup:
    """Make the tables: each person with two payments and one registration.

    Args:
        nested: whether a person's payments are maps, as boto3's resources have them, or one text, as ours.
    """
    persons = [PSEUDONYMS(number) for number in NUMBERS]
    state: dict[str, Any] = {"state": {"S": _STORED.state}, "version": {"S": _STORED.version}}
    if nested:
        state = {"payments": {"M": {referte: {"M": _PAYMENT} for referte in _ENTRIES}}}
    known = state | {"keyVersion": {"N": "1"}, "expiresAt": {"N": str(_STORED.expires_at)}}
    items = {
        "persons-table": [{"person": {"S": person}} | known for person in persons],
        "registrations-table": [{"person": {"S": person}, "party": {"S": INFINO}} | REGISTRATION for person in persons],
    }
    tables = {name: TableSetup(key, items.get(name, ())) for name, key in KEYS.items()}
    return Setup(tables, secret=SECRET)


_PAYMENT = {"year": {"N": "2024"}, "instalment": {"S": "1"}, "amount": {"N": "600.00"}, "day": {"S": "2025-03-03"}}


def checked(plan: Plan) -> Callable[[Recorded, Mapping[str, Any]], None]:
    """Make the check of a plan: that each person was answered and logged, and nobody else."""
    persons = [(name, NUMBERS if asked is QUERY else NUMBERS[:1], times) for name, asked, times in plan]
    answers = sum(len(numbers) * times for _, numbers, times in persons)
    subjects = {f"{INFINO}#{PSEUDONYMS(number)}" for _, numbers, _ in persons for number in numbers}

    def check(recorded: Recorded, last: Mapping[str, Any]) -> None:
        for name, numbers, _ in persons:
            if last[name]["statusCode"] != _OK or last[name]["body"].count("600") < len(numbers):
                raise BenchmarkError(f"a lookup was not answered: {last[name]}")
        written = recorded["written"]["privacy-log-table"]
        if len(written) != answers or recorded["times"]["privacy-log-table"] != answers:
            raise BenchmarkError(f"{answers} persons were looked up, {len(written)} records written")
        if {subject for subject, _ in written} != subjects:
            raise BenchmarkError("the records are about other persons than those looked up")

    return check


def count(bench: Bench, names: Iterable[str]) -> dict[str, dict[str, int]]:
    """Count the instructions of a cold start (`cold`), and of one more lookup of one person (`get`) and of many.

    Args:
        bench: runs the cases.
        names: of the cases.
    """
    plan: Plan = [("cold", GET, 1), ("few", GET, 5), ("more", GET, 25), ("one", QUERY, 1), ("three", QUERY, 3)]
    made = cases(bench.artefact, plan)
    counted = bench.counts({name: made[name] for name in names})
    return {
        name: {
            "cold": stages["cold"],
            "get": (stages["more"] - stages["few"]) // 20,
            "query": (stages["three"] - stages["one"]) // 2,
        }
        for name, stages in counted.items()
    }
