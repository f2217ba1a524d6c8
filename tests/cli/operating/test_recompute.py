"""`jbplus retention recompute`: goes on until every person was looked at."""

import json

import pytest

from tests.cli.backstage import RECOMPUTING
from tests.cli.world import World


def step(seen: int, changed: int, *, complete: bool) -> dict[str, object]:
    return {"years": 2, "seen": seen, "changed": changed, "complete": complete}


def test_it_goes_on_until_every_person_was_looked_at(local: World) -> None:
    said = local.behind.functions.clockwork[RECOMPUTING]
    said.extend([step(1000, 7, complete=False), step(2000, 9, complete=False), step(2003, 9, complete=True)])

    result = local.run("retention", "recompute")

    assert result.exit_code == 0
    assert "All 2003 persons have ends of 2 years; 9 were written anew." in result.stdout
    assert local.behind.functions.ran == [RECOMPUTING] * 3


def test_programs_get_the_last_step(local: World) -> None:
    local.behind.functions.clockwork[RECOMPUTING].extend([step(10, 1, complete=False), step(12, 2, complete=True)])

    assert json.loads(local.run("retention", "recompute", "--json").stdout) == step(12, 2, complete=True)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("UnavailableError", "a store is throttled or out of reach"),
        ("Sandbox.Timedout", "it took too long"),
        ("KeyError", "the function failed (KeyError)"),
    ],
)
def test_a_failure_says_that_it_goes_on_when_run_again(local: World, kind: str, words: str) -> None:
    said = local.behind.functions.clockwork[RECOMPUTING]
    said.extend([step(10, 1, complete=False), {"errorType": kind, "errorMessage": "secret"}])

    result = local.run("retention", "recompute", columns=300)

    assert result.exit_code == 1
    assert words in result.stderr
    assert "Run it again: it goes on from where it stopped." in result.stderr
    assert "secret" not in result.output


def test_an_answer_that_is_not_as_agreed_is_said(local: World) -> None:
    local.behind.functions.clockwork[RECOMPUTING].append({"seen": 1})

    result = local.run("retention", "recompute")

    assert result.exit_code == 1
    assert "not as agreed" in result.stderr
