"""What it costs on AWS: the units that the stub counted, times prices; and what that comes to as persons grow.

The prices are assumptions: those of eu-central-1 in USD as far as known at the end of 2025, without taxes, discounts or
free tiers. They stand here alone.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.support.fakes import PSEUDONYMS
from tests.support.known import INFINO

from benchmarks import intake, lookups, telling
from benchmarks.artefact import Artefact
from benchmarks.environment import KEYS, SECRET, VARIABLES
from benchmarks.processes import Bench, BenchmarkError, Case, Recorded, Run, Setup, TableSetup
from benchmarks.results import Result

_MILLION = 1_000_000
READ_UNITS = 0.1525 / _MILLION
WRITE_UNITS = 0.7625 / _MILLION
S3_WRITES = 0.0054 / 1000
S3_READS = 0.00043 / 1000
REQUESTS_OF_LAMBDA = 0.20 / _MILLION
LAMBDA_GB_SECOND = 0.0000166667
REQUESTS_OF_API = 1.20 / _MILLION
STORAGE_GB_MONTH = 0.306
BACKUP_GB_MONTH = 0.245

ROUND_TRIP = 0.005
"""Seconds that each call of AWS takes here, so that what a function waits for is paid as well."""

SIZES = (10_000, 100_000, _MILLION, 10 * _MILLION, 100 * _MILLION)
"""Persons that are kept."""

RECORDS_A_YEAR = 1.64
"""Of each person; as the sample files have them."""

LOOKUPS_A_YEAR = 4.0
"""Of each person, nearly all by hundreds: two after a notice, and two more."""

REGISTRATIONS_A_YEAR = 0.5
"""Of each person: made or changed."""

LOG_YEARS = 10
_KILOBYTES = {"a person": 0.5, "a registration": 0.25, "a record of the log, and its copy in the index": 1.2}
_GIGABYTE = 1_000_000
_LEAST_PARTITIONS, _PARTITION_GIGABYTES, _PARTITION_WRITES = 4, 10, 1000
_UNITS_OF_AN_ITEM = 2
# Where keys fall is told so finely apart.
_DRAWN_APART = 2**20


@dataclass(frozen=True, slots=True)
class Work:
    """Something that is done a thousand times.

    Attributes:
        name: what it is.
        case: does it `times` times.
        times: how often, persons or records each.
        calls: how many calls of the API that is.
        stage: the stage of the case that does it.
        gigabytes: of memory that its function has.
    """

    name: str
    case: Case
    times: int
    calls: int
    stage: str
    gigabytes: float


def works(artefact: Artefact, folder: Path) -> Iterator[Work]:
    """Make what is done."""
    many, times = lookups.MANY, 10
    for name, asked, persons in (
        ("lookups, one by one", lookups.GET, 1),
        ("lookups by a hundred", lookups.QUERY, many),
    ):
        case = lookups.cases(artefact, [("all", asked, times)])["product"]
        yield Work(name, case, times * persons, times, "all", 1.0)
    yield Work("registrations by a hundred", _registering(artefact, times), times * many, times, "all", 1.0)
    samples = intake.make_samples(folder, {"whole": 10_000})
    yield Work("records taken in", intake.product(artefact, samples), len(samples[0].persons), 0, "whole", 1.73)
    yield Work("records told", telling.case(artefact, folder, 10_000), 10_000, 0, "round", 1.0)


def _registering(artefact: Artefact, times: int) -> Case:
    period = {"periode": {"begin": "2025-01-01"}, "recht": "lopend"}
    event = lookups.event("registrations", {"items": [{"insz": number} | period for number in lookups.NUMBERS]})
    persons = {PSEUDONYMS(number) for number in lookups.NUMBERS}

    def check(recorded: Recorded, _: Mapping[str, Any]) -> None:
        written = recorded["written"]["registrations-table"]
        if not {(person, INFINO) for person in persons} <= {tuple(key) for key in written}:
            raise BenchmarkError("not everybody was registered")

    # What is written is not kept, so that each time all are new.
    tables = {name: TableSetup(key, keeps=False) for name, key in KEYS.items()}
    return Case(
        artefact.functions / "registrations",
        "app",
        artefact.layer,
        [("all", event, times)],
        Setup(tables, secret=SECRET),
        check,
        VARIABLES,
    )


@dataclass(frozen=True, slots=True)
class Cost:
    """What one of a work takes, and costs in USD."""

    reads: float
    writes: float
    dynamodb: float
    rest: float

    @classmethod
    def of(cls, work: Work, run: Run) -> "Cost":
        """Price what the stub counted; a record of the log is written into its index once more."""
        recorded = run.recorded
        reads = sum(recorded["reads"].values())
        writes = sum(recorded["writes"].values()) + recorded["times"].get("privacy-log-table", 0)
        calls: Mapping[str, int] = recorded["calls"]
        s3_reads = calls.get("S3 GET", 0) + calls.get("S3 HEAD", 0)
        s3_writes = calls.get("S3 PUT", 0) + calls.get("S3 POST", 0)
        rest = (
            run.stages[work.stage].wall * work.gigabytes * LAMBDA_GB_SECOND
            + max(work.calls, 1) * REQUESTS_OF_LAMBDA
            + work.calls * REQUESTS_OF_API
            + s3_reads * S3_READS
            + s3_writes * S3_WRITES
        )
        priced = reads * READ_UNITS + writes * WRITE_UNITS
        return cls(reads / work.times, writes / work.times, priced / work.times, rest / work.times)

    @property
    def total(self) -> float:
        """USD for one."""
        return self.dynamodb + self.rest


def cost(bench: Bench, folder: Path, keys: int) -> Iterator[Result]:
    """Count the units of each work, and price them; and spread so many keys over partitions."""
    costs: dict[str, Cost] = {}
    for work in works(bench.artefact, folder):
        slow = replace(work.case, setup=replace(work.case.setup, delay=ROUND_TRIP))
        costs[work.name] = Cost.of(work, bench.run(slow))
    yield Result(
        "cost",
        "What it costs",
        ("1,000", "read units", "written", "USD a million: DynamoDB", "and Lambda, API, S3"),
        [
            (name, one.reads * 1000, one.writes * 1000, one.dynamodb * _MILLION, one.rest * _MILLION)
            for name, one in costs.items()
        ],
        (
            "Write units with those of the privacy log's index. Lambda's seconds are this machine's, at 5 ms a call.",
            "Prices: eu-central-1, end of 2025, assumed (benchmarks/cost.py).",
        ),
    )
    yield Result(
        "growth",
        "What a year costs, in USD",
        ("persons", "taking in", "telling", "lookups", "registrations", "storage", "in all"),
        [_year(size, costs) for size in SIZES],
        (
            f"A person a year: {RECORDS_A_YEAR} records, {LOOKUPS_A_YEAR:.0f} lookups by a hundred,",
            f"{REGISTRATIONS_A_YEAR} registrations; the log of {LOG_YEARS} years, and backups.",
        ),
    )
    yield partitions(keys)


def partitions(keys: int) -> Result:
    """Spread the keys of tables over partitions, to see how much the busiest has, and when it throttles.

    Args:
        keys: how many are drawn: the pseudonyms of so many persons. The more, the evener.
    """
    drawn = [0] * _DRAWN_APART
    for number in range(keys):
        drawn[int(PSEUDONYMS(f"{number:011d}")[:8], 16) * _DRAWN_APART >> 32] += 1
    person, registration, record = _KILOBYTES.values()
    logged = LOG_YEARS * (LOOKUPS_A_YEAR + REGISTRATIONS_A_YEAR)
    tables = [("persons", size, person) for size in SIZES]
    tables += [("registrations", SIZES[-1], registration), ("the log, and its index", SIZES[-1], record * logged)]
    rows = []
    for name, size, kilobytes in tables:
        gigabytes = size * kilobytes / _GIGABYTE
        count = max(_LEAST_PARTITIONS, math.ceil(gigabytes / _PARTITION_GIGABYTES))
        of_each = [0] * count
        for place, times in enumerate(drawn):
            of_each[place * count // _DRAWN_APART] += times
        uneven = max(of_each) * count / keys
        written = count * _PARTITION_WRITES / uneven / _UNITS_OF_AN_ITEM
        rows.append((name, f"{size:,}", gigabytes, count, uneven, written))
    return Result(
        "partitions",
        "Keys and partitions",
        ("table", "persons", "GB", "partitions", "busiest ÷ mean", "items a second"),
        rows,
        (
            f"The pseudonyms of {keys:,} persons, as of a file of so many. A new table has four partitions; one takes",
            "10 GB and 1,000 write units a second, and an item in a transaction two units: so many items are written a",
            "second before the busiest partition throttles.",
        ),
    )


def _year(persons: int, costs: Mapping[str, Cost]) -> tuple[float | str, ...]:
    def of(name: str, times: float) -> float:
        return costs[name].total * times * persons

    logged = (LOOKUPS_A_YEAR + REGISTRATIONS_A_YEAR) * LOG_YEARS
    person, registration, record = _KILOBYTES.values()
    stored = persons * (person + registration + record * logged) / _GIGABYTE
    yearly = [
        of("records taken in", RECORDS_A_YEAR),
        of("records told", RECORDS_A_YEAR),
        of("lookups by a hundred", LOOKUPS_A_YEAR),
        of("registrations by a hundred", REGISTRATIONS_A_YEAR),
        stored * 12 * (STORAGE_GB_MONTH + BACKUP_GB_MONTH),
    ]
    return (f"{persons:,}", *yearly, sum(yearly))
