"""Fresh processes of functions against the stub, measured from outside: what one did is over for the next."""

import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.artefact import ROOT, Artefact

_MEBIBYTE = 1024**2
_LAUNCH = Path(__file__).with_name("launch.py")
_DRIVE = Path(__file__).with_name("drive.py")
_INSTRUCTIONS = re.compile(r"I +refs: +([0-9,]+)")
_AT_ONCE = 2

Plan = Sequence[tuple[str, Mapping[str, Any], int]]
"""The stages that a function goes through: a name, an event, and how often it comes."""

Recorded = Mapping[str, Any]
"""What the stub was asked: see `benchmarks.stub.server`."""


class BenchmarkError(Exception):
    """A benchmark did not do what it was to measure."""


@dataclass(frozen=True, slots=True)
class TableSetup:
    """A table of the stub: see `benchmarks.stub.tables.Table`."""

    key: Sequence[str]
    items: Sequence[Mapping[str, Any]] = ()
    everyone: Mapping[str, Any] | None = None
    keeps: bool = True


@dataclass(frozen=True, slots=True)
class Setup:
    """What the stub has.

    Attributes:
        tables: by name.
        objects: the files that stand in the bucket, by key.
        shown: the folder whose objects are shown in what is recorded.
        secret: what every secret holds.
        delay: how long an answer takes, in seconds.
    """

    tables: Mapping[str, TableSetup]
    objects: Mapping[str, str] = field(default_factory=dict)
    shown: str = ""
    secret: str = ""
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Case:
    """A function, what it is handed, and what must come of it.

    Attributes:
        folder: where its module lies.
        module: its module.
        libraries: where its libraries lie.
        plan: what it is handed.
        setup: what it finds.
        check: raises `BenchmarkError` unless what the stub was asked, and the last answer of each stage, are right.
        variables: its environment.
        over_tls: whether it calls over TLS.
    """

    folder: Path
    module: str
    libraries: Path
    plan: Plan
    setup: Setup
    check: Callable[[Recorded, Mapping[str, Any]], None]
    variables: Mapping[str, str]
    over_tls: bool = False


@dataclass(frozen=True, slots=True)
class Took:
    """What one stage took, in seconds: of CPU, and by the clock."""

    cpu: float
    wall: float


@dataclass(frozen=True, slots=True)
class Run:
    """One process, from its start to its end.

    Attributes:
        cpu: seconds of the whole process, of user and system.
        wall: seconds of the whole process.
        peak: MiB of memory at most.
        stages: what each stage took, by name.
        recorded: what the stub was asked.
    """

    cpu: float
    wall: float
    peak: float
    stages: Mapping[str, Took]
    recorded: Recorded


@dataclass(frozen=True, slots=True)
class Spread:
    """What several runs gave."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Summarise."""
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True, slots=True)
class Bench:
    """Runs cases.

    Attributes:
        artefact: what is measured.
        certificate: a file with the stub's certificate and key; boto3 trusts it.
        authority: a file with the certificate of who vouches for it.
    """

    artefact: Artefact
    certificate: Path
    authority: Path

    def run(self, case: Case) -> Run:
        """Run a case.

        Raises:
            BenchmarkError: it failed, or did something else than it was to.
        """
        launch = [sys.executable, "-I", "-S", str(_LAUNCH), str(self.artefact.python)]
        with tempfile.TemporaryDirectory() as folder:
            said, recorded = self._done(case, launch, Path(folder))
        measured, *stages = said
        cpu, wall, peak = measured.split()
        took = {stage["name"]: Took(stage["cpu"], stage["wall"]) for stage in map(json.loads, stages)}
        return Run(float(cpu), float(wall), int(peak) / _MEBIBYTE, took, recorded)

    def count(self, case: Case) -> dict[str, int]:
        """Count instructions: from the start of the process to the end of the first stage, and of each other after it.

        They repeat however busy the machine is.

        Raises:
            BenchmarkError: as of `run`.
        """
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            valgrind = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
            launch = [*valgrind, f"--log-file={folder}/%p", str(self.artefact.python)]
            said, _ = self._done(case, launch, folder, "apart")
            return {stage["name"]: _counted(folder / str(stage["process"])) for stage in map(json.loads, said)}

    def rounds(self, cases: Mapping[str, Case], count: int) -> dict[str, list[Run]]:
        """Run several cases a number of times, in another order each round."""
        runs: dict[str, list[Run]] = {name: [] for name in cases}
        for _ in range(count):
            for name in random.sample(sorted(cases), len(cases)):
                runs[name].append(self.run(cases[name]))
        return runs

    def counts(self, cases: Mapping[str, Case]) -> dict[str, dict[str, int]]:
        """Count the instructions of several cases, two at a time: nothing disturbs the count."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return dict(zip(cases, pool.map(self.count, cases.values()), strict=True))

    def _done(self, case: Case, launch: Sequence[str], folder: Path, *apart: str) -> tuple[list[str], Recorded]:
        """Run a case with the stub beside it; give the lines that were printed, and what the stub recorded."""
        plan, setup = folder / "plan.json", folder / "setup.json"
        plan.write_text(json.dumps(case.plan), encoding="utf-8")
        certificate = str(self.certificate) if case.over_tls else None
        setup.write_text(json.dumps({**asdict(case.setup), "certificate": certificate}), encoding="utf-8")
        with subprocess.Popen(  # noqa: S603 - own words
            [sys.executable, "-m", "benchmarks.stub.server", str(setup)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as stub:
            assert stub.stdout is not None  # noqa: S101 - it is a pipe
            address = f"{'https' if case.over_tls else 'http'}://127.0.0.1:{stub.stdout.readline().strip()}"
            done = subprocess.run(  # noqa: S603 - own words
                # Without site: what else is installed for this interpreter is not there on Lambda.
                [*launch, "-S", str(_DRIVE), str(case.folder), case.module, str(plan), *apart],
                env=self._environment(case, address),
                cwd=folder,
                check=False,
                capture_output=True,
                text=True,
            )
            said, _ = stub.communicate()
        if done.returncode != 0:
            raise BenchmarkError(f"{case.folder.name}/{case.module} failed: {done.stderr[-2000:]}")
        recorded, lines = json.loads(said), done.stdout.splitlines()
        stages = [json.loads(line) for line in lines if line.startswith("{")]
        case.check(recorded, {stage["name"]: stage["answer"] for stage in stages})
        return lines, recorded

    def _environment(self, case: Case, address: str) -> dict[str, str]:
        """Give the environment of a function: nobody's own settings reach it, and nobody is asked for any of it."""
        return {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_SESSION_TOKEN": "test",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_REGION": "eu-central-1",
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "AWS_LAMBDA_FUNCTION_NAME": "benchmark",
            "AWS_ENDPOINT_URL": address,
            "FLOOR_AUTHORITY": str(self.authority),
            "LANG": "en_US.UTF-8",
            "PATH": os.defpath,
            "POWERTOOLS_LOG_LEVEL": "INFO",
            "POWERTOOLS_METRICS_NAMESPACE": "jbplus",
            "POWERTOOLS_SERVICE_NAME": "benchmark",
            "LAMBDA_TASK_ROOT": str(case.folder),
            "_X_AMZN_TRACE_ID": "Root=1-65b6a000-000000000000000000000000;Parent=0000000000000000;Sampled=0",
            # A function cannot write where its code lies: what has no bytecode is compiled at each cold start.
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": str(case.libraries),
            "TZ": ":UTC",
            **case.variables,
        }


def can_count_instructions() -> bool:
    """Tell whether valgrind is there."""
    return shutil.which("valgrind") is not None


def _counted(log: Path) -> int:
    found = _INSTRUCTIONS.search(log.read_text(encoding="utf-8"))
    if found is None:
        raise BenchmarkError("valgrind did not count")
    return int(found.group(1).replace(",", ""))
