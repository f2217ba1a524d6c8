"""Runs tests on a copy of the tree, each time in a fresh process that has the libraries already."""

import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import pytest

from mutants import template
from mutants.mutant import Mutant

PACKAGES = ("layers/jbplus", "openapi", "recipient", "cli", "local")
# What the tests import of others; nothing of the tree's own.
_LIBRARIES = (
    "aws_lambda_powertools.event_handler",
    "boto3.dynamodb.types",
    "botocore.session",
    "cryptography.x509",
    "hypothesis.stateful",
    "ijson",
    "joserfc.jwt",
    "mypy_boto3_dynamodb.type_defs",
    "mypy_boto3_s3.type_defs",
    "pydantic",
    "pytest",
    "samtranslator.translator.translator",
    "typer",
    "urllib3",
    "yaml",
)
# In seconds. Of the processor, for a mutant that loops; of the clock, for one that waits.
_WORK = 90
_PATIENCE = 900
# What pytest answers is added to it: a process that came as far as no answer is no failed test.
_RAN = 100

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(list(_LIBRARIES))


class BrokenTestsError(Exception):
    """Tests do not run, or fail on the code as it is, so they say nothing of a mutant."""


class Outcome(Enum):
    """What the tests said: none failed, one failed, or they came to no end."""

    PASSED = "passed"
    FAILED = "failed"
    ENDLESS = "endless"
    OUT_OF_TIME = "out of time"


@dataclass(frozen=True)
class Copy:
    """A copy of the tree that may be broken.

    Attributes:
        root: where it stands.
    """

    root: Path

    @classmethod
    def make(cls, original: Path, root: Path) -> "Copy":
        """Copy what git knows or would add, as it is now; what stood in the copy goes."""
        shutil.rmtree(root, ignore_errors=True)
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git is on the path
            cwd=original,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for name in filter(None, listed.split("\0")):
            if (original / name).is_file():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(original / name, root / name)
        for environment in (".venv", ".venv-emulator"):
            (root / environment).symlink_to(original / environment)
        return cls(root)

    @property
    def output(self) -> Path:
        """What the last run of tests printed."""
        return self.root / "output.txt"

    def failed(self) -> str | None:
        """Give the test that failed in the last run; None when pytest did not come as far as a test."""
        found = self._failed_test.read_text(encoding="utf-8") if self._failed_test.is_file() else ""
        return found or None

    @property
    def _failed_test(self) -> Path:
        return self.root / "failed.txt"

    def try_out(self, mutant: Mutant, tests: list[str], until: float) -> Outcome:
        """Run tests on a mutant, and mend the copy again."""
        if mutant.path == template.PATH:
            altered = self.root / ".local" / "altered.json"
            altered.parent.mkdir(exist_ok=True)
            altered.write_text(mutant.text, encoding="utf-8")
            return self.run(tests, until, {"EXPANDED_TEMPLATE": str(altered)})
        file = self.root / mutant.path
        sound = file.read_bytes()
        file.write_text(mutant.text, encoding="utf-8")
        try:
            return self.run(tests, until)
        finally:
            file.write_bytes(sound)

    def run(self, tests: list[str], until: float, environment: dict[str, str] | None = None) -> Outcome:
        """Run tests until one fails, or until a moment of the monotonic clock."""
        self._failed_test.unlink(missing_ok=True)
        process = _context.Process(target=_run, args=(self.root, tests, environment or {}, self._failed_test))
        try:
            process.start()
        except (ConnectionError, EOFError):
            raise BrokenTestsError("the process that begins all others was ended from outside; try again") from None
        patience = min(time.monotonic() + _PATIENCE, until)
        process.join(max(0, patience - time.monotonic()))
        if process.is_alive() and process.pid is not None:
            os.killpg(process.pid, signal.SIGKILL)
            process.join()
            return Outcome.OUT_OF_TIME if patience == until else Outcome.ENDLESS
        match process.exitcode:
            case None | 0 | 1:
                raise BrokenTestsError(f"pytest did not run; see {self.output}")
            case int(code) if code < 0:
                return Outcome.ENDLESS
            case code:
                return Outcome.PASSED if code == _RAN else Outcome.FAILED


@dataclass(frozen=True)
class _Reporter:
    """A plugin of pytest that writes down which test failed."""

    file: Path

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.file.write_text(report.nodeid, encoding="utf-8")


def _run(root: Path, tests: list[str], environment: dict[str, str], failed: Path) -> None:
    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (_WORK, _WORK))
    os.chdir(root)
    output = os.open(root / "output.txt", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    paths = [str(root), *(str(root / package) for package in PACKAGES)]
    sys.path[:0] = paths
    sys.dont_write_bytecode = True  # two mutants of one second and one length would look alike
    os.environ.update(environment, PYTHONPATH=os.pathsep.join(paths), PYTHONDONTWRITEBYTECODE="1")
    # The libraries are there before pytest can rewrite their assertions, which it would warn of.
    quiet = ["-q", "-x", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    code = pytest.main([*quiet, *tests], [_Reporter(failed)])
    sys.stdout.flush()
    os._exit(_RAN + code)  # a mutant may leave threads that never end
