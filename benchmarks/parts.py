"""The parts of the benchmark: what is measured, and the figures that have a goal."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from benchmarks import checkpoints, cost, intake, lookups, source_stand, telling
from benchmarks.environment import VARIABLES
from benchmarks.processes import Bench, Case, Run, Setup, can_count_instructions
from benchmarks.results import Figure, Result

MARGIN = 8.0
"""MiB by which the memory for the largest file may exceed that for 1,000 records."""

_MICRO, _MILLI, _MILLION = 1_000_000, 1_000, 1_000_000
_RIVALS = ("bare", "usual", "floor")


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured.

    Attributes:
        rounds: how often each program is run.
        largest: the records of the largest file whose memory is measured.
        keys: how many keys are spread over the partitions of tables.
    """

    rounds: int
    largest: int
    keys: int


QUICK = Effort(rounds=5, largest=100_000, keys=100_000)
FULL = Effort(rounds=11, largest=1_000_000, keys=10_000_000)

Part = Callable[[Bench, Path, Effort], Iterator[Result]]


def cold_starts(bench: Bench, _: Path, effort: Effort) -> Iterator[Result]:
    """Measure a fresh process up to its first answered lookup, by plain HTTP and by TLS."""
    for over_tls in (False, True):
        cases = lookups.cases(bench.artefact, [("cold", lookups.GET, 1)], over_tls=over_tls)
        runs = bench.rounds(cases, effort.rounds)
        counts = {name: each["cold"] for name, each in _counts(bench, cases).items()}
        cpu = {name: _median(runs[name], lambda run: run.cpu) for name in cases}
        by = counts or cpu
        road = "HTTPS" if over_tls else "HTTP"
        goal = 0.7 if over_tls else 0.78
        figures = [Figure(f"cold start ÷ the usual way, {road}", by["product"] / by["usual"], goal)]
        if not over_tls:
            figures.append(Figure("cold start ÷ bare boto3", by["product"] / by["bare"], 1.2))
        yield Result(
            f"cold start, {road}",
            f"A fresh process up to its first answered lookup, {road}",
            ("", "M instr.", "÷ bare", "÷ usual", "÷ floor", "ms CPU", "ms wall", "MiB"),
            [
                (
                    name,
                    counts[name] // _MILLION if counts else None,
                    *(by[name] / by[rival] for rival in _RIVALS),
                    cpu[name] * _MILLI,
                    _median(runs[name], lambda run: run.wall) * _MILLI,
                    _median(runs[name], lambda run: run.peak),
                )
                for name in cases
            ],
            _remarks(effort),
            figures,
        )


def warm(bench: Bench, _: Path, effort: Effort) -> Iterator[Result]:
    """Measure lookups of one person and of a hundred by a process that has answered before."""
    stages = [("first", lookups.GET, 1), ("warm-up", lookups.GET, 20), ("get", lookups.GET, 200)]
    stages += [("first query", lookups.QUERY, 1), ("query", lookups.QUERY, 5)]
    runs = bench.rounds(lookups.cases(bench.artefact, stages), effort.rounds)
    times = {name: count for name, _, count in stages}
    looked_up = sum(count * (lookups.MANY if event is lookups.QUERY else 1) for _, event, count in stages)
    counts = lookups.count(bench, ("product", *_RIVALS)) if can_count_instructions() else {}
    for stage, title, goal in (("get", "one person", 0.9), ("query", f"{lookups.MANY} persons", 1.0)):
        cpu = {name: _median(each, _cpu_of(stage)) / times[stage] for name, each in runs.items()}
        counted = {name: each[stage] for name, each in counts.items()}
        by = counted or cpu
        yield Result(
            stage,
            f"A lookup of {title} by a warm process",
            ("", "k instr.", "÷ bare", "÷ usual", "÷ floor", "µs CPU", "least", "most"),
            [
                (
                    name,
                    counted[name] // _MILLI if counted else None,
                    *(by[name] / by[rival] for rival in _RIVALS),
                    *_micros(runs[name], stage, times[stage]),
                )
                for name in runs
            ],
            (*_remarks(effort), _units(runs["product"][0].recorded, looked_up)),
            [Figure(f"{stage} ÷ bare boto3", by["product"] / by["bare"], goal)],
        )


def imports(bench: Bench, _: Path, effort: Effort) -> Iterator[Result]:
    """Measure the import of each function, its clients made."""
    folders = sorted(path.parent for path in bench.artefact.functions.glob("*/app.py"))
    cases = {
        folder.name: Case(folder, "app", bench.artefact.layer, (), Setup({}), lambda _, __: None, VARIABLES)
        for folder in folders
    }
    runs = bench.rounds(cases, effort.rounds)
    counts = _counts(bench, cases)
    yield Result(
        "imports",
        "A fresh process that imports a function and makes its clients",
        ("function", "M instr.", "ms CPU", "MiB"),
        [
            (
                name,
                counts[name]["import"] // _MILLION if counts else None,
                _median(runs[name], lambda run: run.cpu) * _MILLI,
                _median(runs[name], lambda run: run.peak),
            )
            for name in cases
        ],
        _remarks(effort),
    )


def intake_cost(bench: Bench, folder: Path, effort: Effort) -> Iterator[Result]:
    """Measure what a record of a file takes."""
    sizes = {"first": 100, "many": 10_000}
    samples = intake.make_samples(folder, sizes)
    cases = {"product": intake.product(bench.artefact, samples)} | intake.rivals(bench.artefact, samples)
    # A put for each record takes minutes for a file of this size.
    few = intake.make_samples(folder, {"first": 100, "many": 1_000})
    cases["conditional_put"] = intake.rivals(bench.artefact, few)["conditional_put"]
    records = {name: len(samples[1].persons) for name in cases} | {"conditional_put": len(few[1].persons)}
    runs = bench.rounds(cases, effort.rounds)
    counts = intake.count(bench, folder) if can_count_instructions() else {}
    cpu = {name: _median(runs[name], _cpu_of("many")) / records[name] for name in cases}
    by = counts or cpu
    slow = bench.run(intake.product(bench.artefact, samples, delay=0.005))
    speed = records["product"] / slow.stages["many"].wall
    yield Result(
        "intake",
        "The intake: a record of a file",
        ("", "k instr.", "÷ BatchWrite(25)", "÷ conditional put", "µs CPU", "least", "most"),
        [
            (
                name,
                counts[name] // _MILLI if counts else None,
                by[name] / by["batch_write"],
                by[name] / by["conditional_put"],
                *_micros(runs[name], "many", records[name]),
            )
            for name in cases
        ],
        (
            *_remarks(effort),
            "BatchWrite(25): bare boto3 writes each record as a ready item, on no condition.",
            "Conditional put: boto3's resource puts each record.",
            _units(runs["product"][0].recorded, sum(len(sample.persons) for sample in samples)),
            f"At 5 ms a call {speed:,.0f} records a second, {slow.recorded['busiest']} calls at a time.",
        ),
        [
            Figure("intake of a record ÷ BatchWrite(25)", by["product"] / by["batch_write"], 1.5),
            Figure("intake of a record ÷ a conditional put", by["product"] / by["conditional_put"], 0.15),
            Figure("records a second at 5 ms a call", speed, 7000, is_least=True),
        ],
    )


def intake_memory(bench: Bench, folder: Path, effort: Effort) -> Iterator[Result]:
    """Measure the memory for a small file and a large one, and check that it does not grow with the file."""
    peaks = {}
    for size in (1_000, effort.largest):
        (sample,) = intake.make_samples(folder, {"whole": size})
        peaks[size] = {
            "product": bench.run(intake.product(bench.artefact, [sample])).peak,
            "the file at once": bench.run(intake.whole_file(bench.artefact, sample)).peak,
        }
    small, large = peaks.values()
    grown = {name: large[name] - small[name] for name in small}
    failures = []
    if grown["product"] > MARGIN:
        failures.append(f"the memory grew with the file by {grown['product']:,.1f} MiB, more than {MARGIN} MiB")
    if grown["the file at once"] <= MARGIN:
        failures.append("who reads the file at once kept within the bound on memory: the bound proves nothing")
    yield Result(
        "memory",
        "The intake: MiB of its process at most",
        ("", *(f"{size:,} records" for size in peaks), "more"),
        [(name, small[name], large[name], grown[name]) for name in small],
        (),
        [Figure("memory for a large file, MiB more", grown["product"], MARGIN)],
        failures,
    )


def notices(bench: Bench, folder: Path, effort: Effort) -> Iterator[Result]:
    """Measure what it takes to tell a record."""
    few, many = (telling.case(bench.artefact, folder, records) for records in (1_000, 5_000))
    counted = None
    if can_count_instructions():
        counts = bench.counts({"few": few, "many": many})
        counted = (counts["many"]["round"] - counts["few"]["round"]) // 4_000
    records = 20_000
    case = telling.case(bench.artefact, folder, records)
    runs = bench.rounds({"round": case}, effort.rounds)["round"]
    slow = bench.run(replace(case, setup=replace(case.setup, delay=0.005)))
    units = runs[0].recorded["reads"]["registrations-table"] / records
    yield Result(
        "telling",
        "Telling a file: an applied record",
        ("", "k instr.", "µs CPU", "least", "most", "read units"),
        [
            (
                "product",
                None if counted is None else counted // _MILLI,
                *_micros(runs, "round", records),
                units,
            )
        ],
        (
            *_remarks(effort),
            f"{records:,} records, each of another person, one in {telling.ONE_IN} of whom one party registered.",
            _units(runs[0].recorded, records),
            f"At 5 ms a call {records / slow.stages['round'].wall:,.0f} records a second.",
        ),
        [
            Figure("read units of a record that is told", units, telling.GOAL),
            Figure("calls at a time while a file is told", slow.recorded["busiest"], 8, is_least=True),
        ],
    )


def costs(bench: Bench, folder: Path, effort: Effort) -> Iterator[Result]:
    """Count what it costs on AWS."""
    yield from cost.cost(bench, folder, effort.keys)


def verifying(_: Bench, folder: Path, effort: Effort) -> Iterator[Result]:
    """Measure the verification of the sealed privacy log."""
    yield from checkpoints.cost(folder, effort.rounds)


def source_stands(_: Bench, folder: Path, effort: Effort) -> Iterator[Result]:
    """Measure the making and comparing of the source's stand."""
    yield from source_stand.cost(folder, effort.largest)


PARTS: Mapping[str, tuple[Part, ...]] = {
    "cold-start": (cold_starts,),
    "lookups": (warm,),
    "imports": (imports,),
    "intake": (intake_cost, intake_memory),
    "notices": (notices,),
    "checkpoints": (verifying,),
    "cost": (costs,),
    "source-stand": (source_stands,),
}


def _counts(bench: Bench, cases: Mapping[str, Case]) -> dict[str, dict[str, int]]:
    return bench.counts(cases) if can_count_instructions() else {}


def _median(runs: list[Run], of: Callable[[Run], float]) -> float:
    return median(map(of, runs))


def _cpu_of(stage: str) -> Callable[[Run], float]:
    return lambda run: run.stages[stage].cpu


def _micros(runs: list[Run], stage: str, times: int) -> tuple[float, float, float]:
    took = [run.stages[stage].cpu / times * _MICRO for run in runs]
    return median(took), min(took), max(took)


def _remarks(effort: Effort) -> tuple[str, ...]:
    if can_count_instructions():
        return (f"{effort.rounds} fresh processes each, in random order. Ratios are those of instructions.",)
    return (
        f"{effort.rounds} fresh processes each, in random order.",
        "Instructions are skipped: valgrind is not installed. Ratios are those of CPU time.",
    )


def _units(recorded: Mapping[str, Mapping[str, float]], count: int) -> str:
    def said(units: Mapping[str, float]) -> str:
        return ", ".join(f"{table.removesuffix('-table')} {each * 1000 / count:,.0f}" for table, each in units.items())

    read, written = said(recorded["reads"]), said(recorded["writes"])
    return f"Units for 1,000, without those of indexes: read {read}; written {written}."
