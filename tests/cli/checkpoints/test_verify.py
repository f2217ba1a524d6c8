"""`jbplus checkpoints verify`, `jbplus recipient witness` and extracts with proofs, through the command."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from jbplus.checkpoints import verify
from jbplus_cli.checkpoints.comparing import Compared
from tests.checkpoints.fakes import HOUR, Item, Sealing, item_of
from tests.cli.backstage import Json
from tests.cli.sealed import log_item
from tests.cli.world import World
from tests.privacy_log.fakes import log_entry
from tests.support.fakes import NOW

LATER = NOW + timedelta(days=1)


# ------------------------------------------------------------------------------------ the table against the segments


class Audited:
    """A log of three hours, its segments in a folder, and a table that may be another by now."""

    def __init__(self, folder: Path) -> None:
        self.sealing = Sealing()
        for hour in range(3):
            self.sealing.hour(log_entry(f"{hour}-0"), log_entry(f"{hour}-1"))
        _, self.segments = self.sealing.write(folder)
        self.items: list[Item] = list(self.sealing.log.items.values())
        self.compared = Compared()

    def findings(self, now: Any = LATER) -> list[str]:
        sealed = verify.Sealed()
        chain = {n: verify.Checkpoint.read(content) for n, content in self.sealing.vault.checkpoints.items()}
        assert list(sealed.check(verify.digests(self.segments), chain)) == []
        return [each.line for each in self.compared.table(self.items, sealed, self.segments, now)]


@pytest.fixture
def audited(tmp_path: Path) -> Audited:
    return Audited(tmp_path)


def test_a_table_as_it_was_sealed_has_no_findings(audited: Audited) -> None:
    assert audited.findings() == []
    assert audited.compared == Compared(records=6)


def test_a_record_that_was_written_over_is_named_with_its_hour(audited: Audited) -> None:
    audited.items[2] = audited.items[2] | {"endUser": {"S": "somebody.else"}}

    (found,) = audited.findings()

    assert found.startswith("segment 2 of 2026-03-05T11:00:00Z: record 2026-03-05T10:00:00.000000+00:00#1-0#000")
    assert "written over" in found


def test_a_record_that_was_deleted_is_named_with_its_hour(audited: Audited) -> None:
    del audited.items[4]

    (found,) = audited.findings()

    assert found.startswith("segment 3 of 2026-03-05T12:00:00Z: record")
    assert "#2-0#000" in found
    assert "not in the table" in found


def test_a_record_that_was_never_sealed_is_named(audited: Audited) -> None:
    forged = item_of(log_entry("forged", moment=NOW + HOUR))
    del forged["day"]  # no index shows it
    audited.items.append(forged)

    (found,) = audited.findings()

    assert "#forged#000" in found
    assert "in no segment" in found


def test_what_is_too_new_or_older_than_all_segments_is_counted(audited: Audited) -> None:
    audited.items.append(item_of(log_entry("new", moment=NOW + 3 * HOUR)))
    audited.items.append(item_of(log_entry("old", moment=NOW - 900 * HOUR)))

    assert audited.findings() == []
    assert (audited.compared.waiting, audited.compared.older) == (1, 1)


def test_after_ten_years_records_go_from_the_table_and_come_back_with_a_restore(audited: Audited) -> None:
    after = NOW.replace(year=2036, month=4)
    there = audited.items
    audited.items = []
    assert audited.findings(after) == []
    audited.items = [*there, item_of(log_entry("expired and never sealed", moment=NOW + HOUR))]
    assert audited.findings(after) == []


# -------------------------------------------------------------------------------------------------------- the command


@pytest.mark.usefixtures("sealed")
def test_all_agrees(local: World, tmp_path: Path) -> None:
    done = local.run("checkpoints", "verify", "--folder", tmp_path / "audit")
    again: Json = json.loads(local.run("checkpoints", "verify", "--folder", tmp_path / "audit", "--json").stdout)

    assert (done.exit_code, "All agrees." in done.stdout) == (0, True)
    assert again == {"sealed": 2, "asSealed": 2, "waiting": 0, "older": 0}


@pytest.mark.usefixtures("sealed")
def test_what_does_not_agree_is_named_and_the_command_fails(local: World, tmp_path: Path) -> None:
    (item, _) = local.behind.dynamodb.scan(TableName="log")["Items"]
    local.behind.dynamodb.put_item(TableName="log", Item=item | {"outcome": {"S": "leeg"}})

    done = local.run("checkpoints", "verify", "--folder", tmp_path / "audit", columns=300)

    assert done.exit_code == 1
    assert f"record {item['entry']['S']}" in done.stderr
    assert item["subject"]["S"].partition("#")[2] not in done.output


def test_a_stack_without_segments_is_told_so(local: World, tmp_path: Path) -> None:
    done = local.run("checkpoints", "verify", "--folder", tmp_path / "audit")

    assert done.exit_code == 1
    assert "Deploy the newest template first." in done.stderr


@pytest.mark.usefixtures("sealed")
def test_an_extract_is_proven_and_verified_by_the_one_file(local: World, tmp_path: Path) -> None:
    items = [log_item(trace) for trace in ("trace-1", "trace-2", "trace-3")]
    extract = tmp_path / "extract.json"
    local.api.says_first.append((200, {}, {"items": items}))

    period = ("--van", "2026-03-05", "--tot", "2026-03-05")
    done = local.run("privacylog", "--party", "infino", *period, "--proofs", extract)
    local.run("checkpoints", "verify", "--folder", tmp_path / "audit")

    assert done.exit_code == 0
    assert ["bewijs" in item for item in json.loads(extract.read_bytes())["items"]] == [True, True, False]
    assert extract.stat().st_mode & 0o777 == 0o600
    found, _ = verify.verify(
        [tmp_path / "audit" / "checkpoints"], tmp_path / "audit" / "segments", extract, frozenset()
    )
    assert found == []


def test_witnesses_are_compared(local: World, tmp_path: Path) -> None:
    ours, theirs = Sealing(), Sealing()
    ours.hour()
    theirs.hour(log_entry("another history"))
    (tmp_path / "state").mkdir()
    points, _ = ours.write(tmp_path / "ours")
    points.rename(tmp_path / "state" / "checkpoints")
    other, _ = theirs.write(tmp_path / "theirs")

    alone = local.run("recipient", "witness", "--state", tmp_path / "state")
    together = local.run("recipient", "witness", "--state", tmp_path / "state", other, columns=300)

    assert (alone.exit_code, together.exit_code) == (0, 1)
    assert "a fork" in together.stderr
