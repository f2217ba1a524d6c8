"""Article 6, proof on simple request: the folder of a party and a period, with the auditor's rights and no others."""

import csv
import json
import re
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import Result

from jbplus.checkpoints import verify
from jbplus.protocol.calendar import BRUSSELS
from jbplus_cli.evidence.protocol import read
from jbplus_cli.stack.surroundings import Surroundings
from tests.e2e.exchange import INFINO, Exchange
from tests.e2e.rights import Keys, Limited, user_with, user_without_rights
from tests.e2e.test_checkpoints import seal
from tests.support import command
from tests.support.files import record
from tests.support.people import person_number

TODAY = datetime.now(BRUSSELS).date().isoformat()
PERSON = person_number(621)


def shown(cell: str) -> str:
    """Give a cell as a spreadsheet shows it: digits are written as a text, and what is no formula behind a mark."""
    digits = re.fullmatch(r'="([0-9]*)"', cell)
    return cell.removeprefix("'") if digits is None else digits[1]


class Made(NamedTuple):
    """A folder that was made."""

    result: Result
    path: Path

    def written(self, name: str) -> list[dict[str, str]]:
        with (self.path / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file, delimiter=";"))

    def rows(self, name: str) -> list[dict[str, str]]:
        return [{key: shown(cell) for key, cell in row.items()} for row in self.written(name)]

    def document(self, name: str) -> list[dict[str, str]]:
        items: list[dict[str, str]] = json.loads((self.path / f"{name}.json").read_text(encoding="utf-8"))
        return items

    @property
    def page(self) -> str:
        return (self.path / "README.md").read_text(encoding="utf-8")


def make(exchange: Exchange, keys: Keys, folder: Path) -> Made:
    (folder / ".local").mkdir()
    (folder / ".local" / "endpoints.json").write_text(json.dumps(asdict(exchange.stack.endpoints)))
    world = replace(Surroundings.real(), folder=folder, aws=lambda target: Limited(target, keys))
    words = ["evidence", "--party", "infino", "--from", TODAY, "--to", TODAY, "-o", str(folder / "proof")]
    return Made(command.run(words, world), folder / "proof")


@pytest.fixture(scope="module")
def made(exchange: Exchange, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The folder of Infino on a day with a registration, a file, a notice, a lookup and a suspension."""
    exchange.register(PERSON)
    exchange.drop(exchange.next_file([record(PERSON)]))
    exchange.go_round()
    exchange.look_up(PERSON, dossier="-A-7")
    body = {"partij": INFINO, "stromen": ["consultatie"], "doelen": ["audit"], "reden": "proef"}
    exchange.post("/v1/schorsingen", body, "0316380841", "jbplus:bron")
    said = {"insz": PERSON, "aard": "foutief", "toelichting": "bedrag klopt niet"}
    exchange.post("/v1/kwaliteitsmeldingen", said, INFINO, "jbplus:melding")
    seal(exchange)
    return make(exchange, user_with(exchange.stack, "evidence"), tmp_path_factory.mktemp("evidence"))


def test_the_folder_shows_what_the_exchange_can_of_a_party_and_a_period(exchange: Exchange, made: Made) -> None:
    assert made.result.exit_code == 0, made.result.output
    assert "Everything that belongs in this folder could be read." in made.page
    assert len(made.rows("measures")) == sum(len(part.obligations) for part in read())
    assert {"verrichtingen", "consultatie"} & {row["dienst"] for row in made.rows("log")}
    assert sum(int(row["registrations"]) for row in made.rows("registrations")) > 0
    assert [row["day"] for row in made.rows("new-registrations")] == [TODAY]
    assert "proef" in {row["reason"] for row in made.rows("suspensions")}
    number = str(exchange.volgnummer)
    assert number in {row["file"] for row in made.rows("notices")}
    assert number in {row["volgnummer"] for row in made.rows("files")}
    assert "verwerkt" in {row["status"] for row in made.rows("reports")}
    assert ("foutief", "gemeld") in {(row["kind"], row["status"]) for row in made.rows("quality")}
    assert "klopt niet" not in made.page


def test_the_extract_is_proven_by_the_checkpoints_that_the_party_has(
    exchange: Exchange, made: Made, tmp_path: Path
) -> None:
    for key in exchange.object_keys(f"uitgaand/{INFINO}/{verify.PREFIX}"):
        (tmp_path / key.rpartition("/")[2]).write_bytes(exchange.read(key))
    extract = made.path / "extract.json"

    found, _ = verify.verify([tmp_path], None, extract, frozenset())

    assert found == []
    items = json.loads(extract.read_bytes())["items"]
    assert len(items) == len(made.rows("log"))
    assert {"verrichtingen", "consultatie"} & {item["dienst"] for item in items if "bewijs" in item}


def test_the_settings_are_those_of_the_stack(made: Made) -> None:
    said = {(row["of"].partition(" ")[0], row["setting"]): row["value"] for row in made.rows("settings")}
    assert said["stack", "parameter RetentionYears"] == "5"
    assert said["table", "point-in-time recovery"] == "ENABLED"
    assert said["bucket", "versions"] == "Enabled"
    assert said["bucket", "Object Lock"] == "off"
    assert said["API", "requests a second for each route"]
    assert said["function", "code (SHA-256)"]
    assert any(setting.endswith("/Consultation") and "90 days" in value for (_, setting), value in said.items())
    assert any(setting.endswith("NoFileAlarm") or "NoFileAlarm" in setting for _, setting in said)


def test_csv_and_json_say_the_same_and_no_cell_is_a_formula(made: Made) -> None:
    names = sorted(path.stem for path in made.path.glob("*.csv"))
    assert sorted([*names, "extract"]) == sorted(path.stem for path in made.path.glob("*.json"))
    for name in names:
        rows, document = made.rows(name), made.document(name)
        assert [{key: value for key, value in row.items() if value} for row in rows] == [
            {key: value for key, value in row.items() if value} for row in document
        ]
        cells = [cell for row in made.written(name) for cell in row.values() if not re.fullmatch('="[0-9]*"', cell)]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_nobody_is_named_and_nobody_else_reads_it(made: Made) -> None:
    assert made.path.stat().st_mode & 0o077 == 0
    for path in made.path.iterdir():
        assert path.stat().st_mode & 0o077 == 0
        assert PERSON not in re.sub(r"[^0-9A-Za-z]", "", path.read_text(encoding="utf-8"))


def test_without_rights_on_aws_the_rest_is_there_and_what_is_missing_is_said(
    exchange: Exchange, made: Made, tmp_path: Path
) -> None:
    nobody = user_without_rights(exchange.stack, "nobody")

    again = make(exchange, nobody, tmp_path)

    assert again.result.exit_code == 1
    assert "**This folder is not complete.**" in again.page
    for title in (
        "Settings",
        "Privacy log",
        "Registrations",
        "Suspensions",
        "Notices",
        "Quality reports",
        "Files",
        "Reports",
    ):
        assert f"- {title}: " in again.page
        assert f"Not in the folder: {title}: " in again.result.output
    assert sorted(path.name for path in again.path.glob("*.csv")) == ["log.csv", "measures.csv", "settings.csv"]
    assert not any("bewijs" in item for item in json.loads((again.path / "extract.json").read_bytes())["items"])
    # The first time was a question to the log itself.
    questions = [sum(row["dienst"] == "privacylog" for row in each.rows("log")) for each in (made, again)]
    assert questions[1] > questions[0]
