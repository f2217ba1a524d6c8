"""The running API keeps to its document: schemathesis looks for the contrary, bounded and with a fixed seed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jbplus_local.stack import LocalStack
from tests.e2e.conftest import ROOT
from tests.e2e.exchange import VUTG, Exchange
from tests.e2e.schemathesis_hooks import KNOWN_PERSONS
from tests.e2e.tokens import Tokens

# The payment actor with the most scopes.
SCOPES = " ".join(
    f"jbplus:{scope}"
    for scope in ("dossierbeheer", "audit", "toezicht", "klachten", "inschrijving", "melding", "privacylog")
)
EXAMPLES = "5"
_SECONDS = 300


@pytest.fixture
def found(stack: LocalStack, exchange: Exchange, tokens: Tokens, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    exchange.register(*KNOWN_PERSONS, party=VUTG)
    words = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(ROOT / "tests" / "e2e" / "schemathesis.toml")),
        *("run", str(ROOT / "docs" / "openapi.json"), "--url", stack.endpoints.api),
        *("--header", f"Authorization: Bearer {tokens.good(VUTG, SCOPES)}"),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES, "--seed", "1"),
        *("--generation-database", "none", "--continue-on-failure"),
        # An undeclared method never gets past API Gateway, which says 404 instead of 405.
        *("--exclude-checks", "unsupported_method"),
    ]
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "SCHEMATHESIS_HOOKS": "tests.e2e.schemathesis_hooks",
        "NO_PROXY": "127.0.0.1",
        "COLUMNS": "120",
    }
    return subprocess.run(
        words, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True, timeout=_SECONDS
    )


def test_schemathesis_finds_nothing(found: subprocess.CompletedProcess[str]) -> None:
    assert found.returncode == 0, found.stdout + found.stderr
    assert "Examples" in found.stdout
    assert "Coverage" in found.stdout
    assert "Fuzzing" in found.stdout
