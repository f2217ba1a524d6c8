"""Runs each function in a container with its sample event, against the local stack that `make run` started.

`make sam-local` does it, since it needs Docker; its name keeps it out of `make test`.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jbplus_local import template

ROOT = Path(__file__).parents[2]
FUNCTIONS = [name for name in template.code_folders(template.read(ROOT / "template.yaml")) if name.endswith("Function")]

# What cannot go well with a sample event: the file was taken in at the start, nothing is in quarantine, and the local
# dropserver is out of a container's reach.
FAILS = {
    "IntakeFunction": "FileDelayedError",
    "IntakeReleaseFunction": "ObjectMissingError",
    "DropserverFunction": "RoundFailedError",
}


def invoked(function: str) -> Any:
    command = [sys.executable, "-m", "jbplus_local.invoke", function, "--sam=--skip-pull-image"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip(), done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_runs_in_a_container(function: str) -> None:
    answer = invoked(function)

    if function in FAILS:
        assert answer["errorType"] == FAILS[function], answer
    elif answer is not None:
        assert "errorType" not in answer, answer
        assert answer.get("statusCode", 200) == 200, answer
    if function == "ConsultationFunction":
        assert json.loads(answer["body"])["verrichtingen"]
