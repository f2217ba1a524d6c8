"""`jbplus evidence`: what is asked wrongly, what breaks off, what a spreadsheet makes of it (Article 6)."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jbplus.checkpoints import verify
from jbplus_cli.evidence.folder import Folder, Row, Table
from jbplus_recipient.errors import ExchangeError
from tests.cli.backstage import BUCKET, LEDGER, Json
from tests.cli.sealed import log_item
from tests.cli.world import World, problem

PERIOD = ("--from", "2026-03-01", "--to", "2026-03-31")


def table(*rows: Row, name: str = "log", fails: str = "", missing: tuple[str, ...] = ()) -> Table:
    def read() -> Iterator[Row]:
        yield from rows
        if fails:
            raise ExchangeError(fails)

    return Table(name, name.capitalize(), "What it is.", ("a", "b"), read(), missing)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--party", "wewis", *PERIOD), "receives nothing"),
        (("--party", "infino", "--from", "2026-03-31", "--to", "2026-03-01"), "the last day lies before the first"),
        (("--party", "infino", "--from", "31/3/2026", "--to", "2026-03-31"), "not a calendar day"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(local: World, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    result = local.run("evidence", *words, "-o", tmp_path / "proof")

    assert result.exit_code == 2
    assert said in " ".join(result.output.split())
    assert not (tmp_path / "proof").exists()


def test_a_folder_in_which_something_stands_is_left_alone(local: World, tmp_path: Path) -> None:
    (tmp_path / "proof").mkdir()
    (tmp_path / "proof" / "letter.txt").write_text("mine")

    result = local.run("evidence", "--party", "infino", *PERIOD, "-o", tmp_path / "proof")

    assert result.exit_code == 1
    assert "is not empty" in " ".join(result.output.split())
    assert [path.name for path in (tmp_path / "proof").iterdir()] == ["letter.txt"]


@pytest.fixture
def whole(local: World) -> World:
    """A stack of which AWS can tell everything: a table, a bucket and an alarm."""
    local.behind.resources += [
        {"ResourceType": "AWS::DynamoDB::Table", "LogicalResourceId": "LedgerTable", "PhysicalResourceId": LEDGER},
        {"ResourceType": "AWS::S3::Bucket", "LogicalResourceId": "ExchangeBucket", "PhysicalResourceId": BUCKET},
    ]
    rules: Any = [
        {"ID": "Reports", "Status": "Enabled", "Filter": {"Prefix": "verslagen/"}, "Expiration": {"Days": 365}}
    ]
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "our-key"}
    encryption: Any = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
    local.s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration=encryption)
    local.s3.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration={"Rules": rules})
    local.behind.alarms += [
        {"AlarmName": "jbplus-a", "StateValue": "OK", "ActionsEnabled": False},
        {"AlarmName": "jbplus-b", "StateValue": "ALARM"},
    ]
    return local


def test_the_settings_are_what_aws_tells(whole: World, tmp_path: Path) -> None:
    whole.behind.parameters["AlarmEmail"] = "an@example.org"
    whole.api.says_first.append((200, {}, {"items": []}))

    whole.run("evidence", "--party", "infino", *PERIOD, "-o", tmp_path / "proof")

    said = json.loads((tmp_path / "proof" / "settings.json").read_text(encoding="utf-8"))
    values = {(row["of"], row["setting"]): row["value"] for row in said}
    assert values["bucket ExchangeBucket", "deletion of verslagen/"] == "365 days"
    assert values["bucket ExchangeBucket", "encryption key"] == "our-key"
    assert values["bucket ExchangeBucket", "versions"] == "Enabled"
    assert values["bucket ExchangeBucket", "Object Lock"] == "off"
    assert values["table LedgerTable", "point-in-time recovery"] == "DISABLED"
    assert values["table LedgerTable", "deletion by term (TTL)"] == "DISABLED"
    assert values["table LedgerTable", "protected against deletion"] == "no"
    assert values["alarms", "jbplus-a"] == "OK, tells nobody"
    assert values["alarms", "jbplus-b"] == "ALARM"
    (stack,) = {of for of, _ in values if of.startswith("stack ")}
    assert values[stack, "parameter AlarmEmail"] == "set"
    assert "an@example.org" not in (tmp_path / "proof" / "README.md").read_text(encoding="utf-8")


def test_a_log_that_is_refused_is_said_to_programs_too(whole: World, tmp_path: Path) -> None:
    local = whole
    local.api.says_first.append((403, {}, problem(403, "missingScope", requiredScopes=["jbplus:privacylog"])))

    said = json.loads(local.run("evidence", "--party", "infino", *PERIOD, "-o", tmp_path / "proof", "--json").stdout)

    assert said["rows"]["log"] == 0
    assert said["rows"]["measures"] > 50
    assert any(words.startswith("Privacy log: ") for words in said["missing"])
    assert said["unfinished"]


def test_what_breaks_off_is_not_there_in_part(tmp_path: Path) -> None:
    folder = Folder.new(tmp_path / "proof")

    count = folder.add(table({"a": "1", "b": "2"}, fails="The line broke."))
    folder.finish("# Proof\n")

    assert count == 0
    assert [path.name for path in (tmp_path / "proof").iterdir()] == ["README.md"]
    page = (tmp_path / "proof" / "README.md").read_text(encoding="utf-8")
    assert "- Log: The line broke." in page
    assert "**Not read.** The line broke." in page


def test_what_is_missing_within_a_part_is_said_beside_what_is_there(tmp_path: Path) -> None:
    folder = Folder.new(tmp_path / "proof")

    folder.add(table({"a": "1", "b": "2"}, missing=("No answer.",)))
    folder.finish("# Proof\n")

    page = (tmp_path / "proof" / "README.md").read_text(encoding="utf-8")
    assert "- Log: No answer." in page
    assert "**Not read:** No answer." in page
    assert "| 1 | 2 |" in page


def test_a_spreadsheet_takes_it_as_it_is(tmp_path: Path) -> None:
    folder = Folder.new(tmp_path / "proof")
    folder.add(table({"a": "=1+1", "b": 'één; "twee"\n|<b>'}))

    content = (tmp_path / "proof" / "log.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfa;b\r\n")
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
    assert row == {"a": "'=1+1", "b": 'één; "twee"\n|<b>'}
    (said,) = json.loads((tmp_path / "proof" / "log.json").read_text(encoding="utf-8"))
    assert said == {"a": "=1+1", "b": 'één; "twee"\n|<b>'}


def test_no_cell_leaves_its_place_on_the_page(tmp_path: Path) -> None:
    folder = Folder.new(tmp_path / "proof")
    folder.add(table({"a": "x", "b": "one|two\n<b>"}))
    folder.finish("# Proof\n")

    assert "| x | one\\|two &lt;b> |" in (tmp_path / "proof" / "README.md").read_text(encoding="utf-8")


def test_a_long_table_stands_in_its_files_and_not_in_memory_or_on_the_page(tmp_path: Path) -> None:
    folder = Folder.new(tmp_path / "proof")
    held = 0

    def rows() -> Iterator[Row]:
        nonlocal held
        for n in range(2_000):
            yield {"a": str(n), "b": ""}
            # What was given before is written, or in the file's own buffer.
            held = max(held, n - (tmp_path / "proof" / "log.json").read_text(encoding="utf-8").count("{"))

    assert folder.add(Table("log", "Log", "All.", ("a", "b"), rows())) == 2_000
    folder.finish("# Proof\n")

    assert held < 1_000
    page = (tmp_path / "proof" / "README.md").read_text(encoding="utf-8")
    assert "1900 more rows stand in the files." in page
    assert "| 100 |" not in page
    assert len(json.loads((tmp_path / "proof" / "log.json").read_text(encoding="utf-8"))) == 2_000


def test_what_cannot_be_proven_is_said_and_the_log_is_there(whole: World, tmp_path: Path) -> None:
    whole.api.says_first.append((200, {}, {"items": [log_item("trace-1"), log_item("trace-2")]}))

    done = whole.run("evidence", "--party", "infino", *PERIOD, "-o", tmp_path / "proof", columns=300)

    assert done.exit_code == 1
    assert "Not in the folder: Privacy log: Proofs from 2026-03-05T09:00:00+00:00 on." in done.output
    assert len(json.loads((tmp_path / "proof" / "log.json").read_text(encoding="utf-8"))) == 2
    assert ["bewijs" in item for item in extract_in(tmp_path)] == [False, False]


@pytest.mark.usefixtures("sealed")
def test_the_extract_beside_the_log_carries_proofs(local: World, tmp_path: Path) -> None:
    local.api.says_first.append((200, {}, {"items": [log_item("trace-1"), log_item("later")]}))

    local.run("evidence", "--party", "infino", *PERIOD, "-o", tmp_path / "proof")

    assert ["bewijs" in item for item in extract_in(tmp_path)] == [True, False]
    assert (tmp_path / "proof" / "extract.json").stat().st_mode & 0o777 == 0o600
    local.run("checkpoints", "verify", "--folder", tmp_path / "audit")
    extract = tmp_path / "proof" / "extract.json"
    found, _ = verify.verify([tmp_path / "audit" / "checkpoints"], None, extract, frozenset())
    assert found == []


def test_a_log_that_breaks_off_leaves_no_extract(whole: World, tmp_path: Path) -> None:
    whole.api.says_first.append((200, {}, {"items": [log_item("trace-1")], "volgende": "more"}))
    whole.api.says_first.append((403, {}, problem(403, "missingScope", requiredScopes=["jbplus:privacylog"])))

    whole.run("evidence", "--party", "infino", *PERIOD, "-o", tmp_path / "proof")

    assert not [path for path in (tmp_path / "proof").iterdir() if path.stem in ("log", "extract")]


def extract_in(folder: Path) -> list[Json]:
    items: list[Json] = json.loads((folder / "proof" / "extract.json").read_bytes())["items"]
    return items
