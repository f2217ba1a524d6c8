"""`jbplus source` killed at any change that it makes: no number is skipped, none is given twice."""

import json
import subprocess
import sys
from pathlib import Path

from tests.cli.source.deaths import DAYS


def test_a_death_at_any_change_neither_skips_nor_doubles_a_number(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "tests.cli.source.deaths", str(tmp_path)]
    done = subprocess.run(program, check=False, capture_output=True, cwd=Path(__file__).parents[3])

    assert done.returncode == 0, done.stderr.decode()
    *deaths, last = json.loads(done.stdout)
    # Each command makes, renames and removes several times.
    assert len(deaths) > 20
    assert all(death["killed"] for death in deaths)
    assert not last["killed"]
    expected = [[row.partition(",")[0] for row in day] for day in DAYS]
    for at, end in enumerate([*deaths, last], start=1):
        found = (end["again"], end["numbers"], end["refertes"], end["outbox"], end["state"])
        assert found == (0, [1, 2], expected, [], 2), f"killed at change {at}: {done.stderr.decode()}"
