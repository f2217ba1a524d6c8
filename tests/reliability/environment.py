"""Runs one function as one of Lambda's environments: `python -m tests.reliability.environment FOLDER SECONDS`.

It takes events as lines of JSON and gives replies so; what the function prints goes to standard error.
"""

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]
ERROR = "errorType"
"""Stands in what is replied when the function failed, as Lambda has it."""


class Environment:
    """An environment that answers one event after the other; ends with its block.

    Args:
        service: the function's folder.
        variables: its environment.
        log: takes what it prints.
        seconds: how long an invocation may run.
    """

    def __init__(self, service: str, variables: Mapping[str, str], log: Path, seconds: float) -> None:
        self._log = log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.environment", str(ROOT / "functions" / service), str(seconds)],
            cwd=ROOT,
            env={**os.environ, **variables, "POWERTOOLS_SERVICE_NAME": service},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self._process.communicate()
        self._log.close()

    def run(self, event: Mapping[str, Any]) -> Any:
        """Have the function run, and give what it replies."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(event).encode() + b"\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


class _Context:
    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return int((self._end - time.monotonic()) * 1000)


def main() -> None:
    """Run the function whose folder the command line names."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    spec = importlib.util.spec_from_file_location("app", Path(sys.argv[1]) / "app.py")
    assert spec is not None
    assert spec.loader is not None
    app = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(app)
    for line in sys.stdin:
        try:
            reply = app.handler(json.loads(line), _Context(float(sys.argv[2])))
        except Exception as error:  # noqa: BLE001 - as Lambda does
            reply = {ERROR: type(error).__name__}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
