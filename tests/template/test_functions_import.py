"""What no function may import at its start: each of these takes a part of every cold start, and is seldom noticed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from benchmarks.environment import VARIABLES

ROOT = Path(__file__).parents[2]
HEAVY = {
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.utilities.data_classes",
    "aws_lambda_powertools.utilities.parser",
    "aws_xray_sdk",
    "boto3",
    "email_validator",
    "ijson",
    "multiprocessing",
    "requests",
    "s3transfer",
}
"""A resolver, validation by annotations, a tracer, boto3 with its transfers, and what reads files."""
NEEDED = {
    # It copies large files in parts, reads S3's event and the files.
    "intake": {
        "aws_lambda_powertools.utilities.data_classes",
        "boto3",
        "ijson",
        "multiprocessing",
        "s3transfer",
    },
    "intake_release": {"ijson"},
    "dropserver": {"ijson"},
}
LIBRARIES = {"aws_lambda_powertools", "botocore", "pydantic"}


def said(function: str, what: str) -> Any:
    """Import a function in a process of its own, as at a cold start; give what an expression says then."""
    folder = ROOT / "functions" / function
    environment = {
        **VARIABLES,
        "AWS_DEFAULT_REGION": "eu-central-1",
        "PATH": os.defpath,
        "POWERTOOLS_METRICS_NAMESPACE": "jbplus",
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT / "layers" / "jbplus")]),
    }
    program = f"import app, gc, json, sys; print(json.dumps({what}))"
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=folder, check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("function", sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py")))
def test_a_function_imports_nothing_heavy_that_it_does_not_need(function: str) -> None:
    heavy = HEAVY | LIBRARIES if function == "docs" else HEAVY

    assert set(said(function, "list(sys.modules)")) & heavy == NEEDED.get(function, set())


def test_the_garbage_collector_runs_again_once_the_start_is_done() -> None:
    assert said("consultation", "gc.isenabled() and gc.get_freeze_count() > 10_000")
