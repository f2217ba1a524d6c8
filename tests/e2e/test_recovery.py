"""Recovery on the deployed template with IAM enforced: damaged, named, set back, and all agree again."""

import time
from pathlib import Path

from tests.e2e.exchange import Exchange
from tests.e2e.rehearsal import Rehearsal


def test_damaged_persons_are_named_set_back_and_agree_again(published: Exchange, tmp_path: Path) -> None:
    figures = Rehearsal(published, tmp_path, sleep=lambda seconds: time.sleep(min(seconds, 0.05))).run(records=20)

    assert figures.records >= 21
