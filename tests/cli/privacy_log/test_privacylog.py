"""`jbplus privacylog`: the answer to a citizen's request, and to a breach (Articles 6 and 9)."""

import csv
import io
import json
import re
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jbplus.privacy_log.rules import LogOutcome, Service
from jbplus.privacy_log.service import LogQuestion
from jbplus.privacy_log.wire import LogItem
from jbplus.protocol.purposes import Purpose
from jbplus_cli.privacy_log import letter, records
from jbplus_cli.privacy_log.records import parts
from jbplus_cli.samples.persons import TestPersons
from jbplus_cli.screen.spreadsheet import table
from tests.cli.backstage import Json
from tests.cli.world import World, problem

PERSON = TestPersons(8).number(0)
PATH = "/v1/privacylog/query"
MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
PERIOD = ("--van", "2026-03-01", "--tot", "2026-03-31")


def item(reference: str = "trace-1", **more: object) -> Json:
    return {
        "referte": reference,
        "positie": 0,
        "moment": "2026-03-31T22:30:00.500000Z",
        "dienst": "consultatie",
        "toepassing": "cgpa",
        "gebruiker": "an.peeters",
        "correlatie": "c-1",
        "doel": "audit",
        "dossier": "A-7",
        "inschrijvingVan": "0685540471",
        "naarAanleidingVanMutatie": True,
        "betrokkene": PERSON,
        "uitkomst": "beantwoord",
        **more,
    }


def answers(world: World, *pages: Json) -> None:
    world.api.says_first.extend((200, {}, page) for page in pages)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix(MARK), newline=""), delimiter=";"))


def test_who_looked_a_person_up_is_shown_by_the_clocks_in_brussels(local: World) -> None:
    answers(local, {"items": [item()]})

    result = local.run("privacylog", PERSON, "--party", "infino", columns=200)

    (asked,) = local.api.calls(PATH)
    assert result.exit_code == 0
    assert asked.json == {"insz": PERSON}
    assert local.api.calls("/token")[0].form["scope"] == "jbplus:privacylog"
    for shown in (f"Privacy log of Infino Vlaanderen: questions about person {PERSON}", "2026-04-01 00:30:00"):
        assert shown in result.stdout
    for shown in ("an.peeters", "cgpa", "consultatie", "audit", "A-7", "Infino Vlaanderen", "beantwoord"):
        assert shown in result.stdout


def test_pages_are_followed_to_the_last(local: World) -> None:
    answers(
        local,
        {"items": [item("t1")], "volgende": "end-1"},
        {"items": [], "volgende": "end-2"},
        {"items": [item("t2")]},
    )

    result = local.run("privacylog", PERSON, "--party", "infino", *PERIOD, "--gebruiker", "an.peeters", "--json")

    question = {"insz": PERSON, "van": "2026-03-01", "tot": "2026-03-31", "gebruiker": "an.peeters"}
    assert [call.json for call in local.api.calls(PATH)] == [
        question,
        {**question, "na": "end-1"},
        {**question, "na": "end-2"},
    ]
    assert json.loads(result.stdout) == {"items": [item("t1"), item("t2")]}


def test_a_long_period_is_asked_in_parts(local: World) -> None:
    answers(local, {"items": [item("t1")], "volgende": "end-1"}, {"items": [item("t2")]}, {"items": [item("t3")]})

    result = local.run("privacylog", "--party", "infino", "--van", "2026-01-01", "--tot", "2026-02-28", "--json")

    assert [call.json for call in local.api.calls(PATH)] == [
        {"van": "2026-01-01", "tot": "2026-01-31"},
        {"van": "2026-01-01", "tot": "2026-01-31", "na": "end-1"},
        {"van": "2026-02-01", "tot": "2026-02-28"},
    ]
    assert [entry["referte"] for entry in json.loads(result.stdout)["items"]] == ["t1", "t2", "t3"]


@given(first=st.dates(date(2020, 1, 1), date(2030, 1, 1)), length=st.integers(0, 200))
def test_the_parts_of_a_period_are_all_its_days_once(first: date, length: int) -> None:
    last = date.fromordinal(first.toordinal() + length)

    days = [
        day
        for part in parts(LogQuestion(first=first, last=last))
        if part.first is not None and part.last is not None
        for day in range(part.first.toordinal(), part.last.toordinal() + 1)
    ]

    assert days == list(range(first.toordinal(), last.toordinal() + 1))


def test_csv_goes_to_a_file_for_spreadsheets(local: World, tmp_path: Path) -> None:
    answers(local, {"items": [item("t1"), item("t2", doel=None)]})
    path = tmp_path / "answer.csv"

    result = local.run("privacylog", PERSON, "--party", "infino", "--csv", path, columns=300)

    first, second = rows(path.read_text(encoding="utf-8-sig"))
    assert f"2 records written to {path}" in result.stdout
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert path.stat().st_mode & 0o077 == 0
    assert first == {
        "moment": "2026-04-01T00:30:00.500+02:00",
        "betrokkene": f'="{PERSON}"',
        "gebruiker": "an.peeters",
        "toepassing": "cgpa",
        "dienst": "consultatie",
        "doel": "audit",
        "dossier": "A-7",
        "inschrijvingVan": "Infino Vlaanderen",
        "naarAanleidingVanMutatie": "ja",
        "uitkomst": "beantwoord",
        "referte": "t1",
        "correlatie": "c-1",
    }
    assert second["doel"] == ""


def test_csv_is_printed_and_nothing_else(local: World) -> None:
    answers(local, {"items": [item("t1", toepassing='a "b", c')]})

    result = local.run("privacylog", "-", "--party", "infino", "--csv", "-", stdin=f"{PERSON}\n", columns=20)

    assert local.api.calls(PATH)[0].json == {"insz": PERSON}
    assert [row["toepassing"] for row in rows(result.stdout)] == ['a "b", c']


@pytest.mark.parametrize("sign", "=+-@\t\r")
def test_no_field_is_a_formula(sign: str) -> None:
    (row,) = rows(table(records.rows([LogItem.model_validate(item(toepassing=f"{sign}1+1"))])))

    assert row["toepassing"] == f"'{sign}1+1"


def test_a_period_shows_whom_by_pseudonym(local: World) -> None:
    answers(local, {"items": [item(betrokkene="abcdef0123456789" * 4)]})

    result = local.run("privacylog", "--party", "infino", *PERIOD, columns=200)

    assert "questions about persons from 2026-03-01 to 2026-03-31" in result.stdout
    assert "abcdef012345" in result.stdout


def test_nothing_found_is_said(local: World) -> None:
    answers(local, {"items": []})

    result = local.run("privacylog", PERSON, "--party", "infino", columns=200)

    assert result.exit_code == 0
    assert result.stdout.endswith(": none.\n")


def test_an_answer_that_breaks_off_is_not_shown_or_written_as_if_it_were_all(local: World, tmp_path: Path) -> None:
    local.api.says_first.append((200, {}, {"items": [item()], "volgende": "end-1"}))
    local.api.says_first.append((403, {}, problem(403, "missingPermission", code="40005")))
    path = tmp_path / "answer.csv"

    result = local.run("privacylog", PERSON, "--party", "infino", "--csv", path)

    assert result.exit_code == 1
    assert not path.exists()
    assert "an.peeters" not in result.stdout
    assert "40005" in result.stderr


def test_a_file_that_cannot_be_written_is_named(local: World, tmp_path: Path) -> None:
    answers(local, {"items": [item()]})

    result = local.run("privacylog", PERSON, "--party", "infino", "--csv", tmp_path / "no" / "folder.csv", columns=300)

    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


@pytest.mark.parametrize(
    "options",
    [
        pytest.param((), id="nothing"),
        pytest.param(("--van", "2026-03-01"), id="no last day"),
        pytest.param(("--tot", "2026-03-01"), id="no first day"),
        pytest.param(("--van", "2026-03-02", "--tot", "2026-03-01"), id="ends before it begins"),
        pytest.param((PERSON, "--van", "2026-03-02", "--tot", "2026-03-01"), id="so too for a person"),
        pytest.param((PERSON[:-1],), id="no person"),
        pytest.param((PERSON, "--gebruiker", "an peeters"), id="no such end user"),
        pytest.param((PERSON, "--gebruiker", PERSON), id="a person as end user"),
        pytest.param((PERSON, "--csv", "-", "--json"), id="both on standard output"),
        pytest.param((*PERIOD, "--answer", "answer.html"), id="an answer to nobody"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(local: World, options: tuple[str, ...]) -> None:
    result = local.run("privacylog", "--party", "infino", *options)

    assert result.exit_code == 2
    assert local.api.asked == []
    assert PERSON not in result.stderr


def test_on_aws_it_is_known_who_asks(local: World) -> None:
    local.on_aws(JBPLUS_TOKEN="a.b.c")
    asked = ("privacylog", PERSON, "--party", "infino", "--stack", "prod")

    nobody = local.run(*asked)
    answers(local, {"items": []}, {"items": []})
    named = local.run(*asked, "--enduser", "dpo.infino")
    set_once = local.run(*asked, JBPLUS_ENDUSER="dpo.2")
    a_person = local.run(*asked, JBPLUS_ENDUSER=PERSON)

    assert (nobody.exit_code, named.exit_code, set_once.exit_code, a_person.exit_code) == (2, 0, 0, 2)
    assert "JBPLUS_ENDUSER" in nobody.stderr
    assert [call.headers["X-Magda-Enduser-ID"] for call in local.api.calls(PATH)] == ["dpo.infino", "dpo.2"]


def words(html: str) -> str:
    """Give the words of a page."""
    bare = re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(bare).split())


def test_a_citizen_is_answered_in_plain_dutch_and_told_no_employee(local: World, tmp_path: Path) -> None:
    path = tmp_path / "answer.html"
    refused = {"uitkomst": "geweigerdInschrijving", "inschrijvingVan": None, "naarAanleidingVanMutatie": False}
    items = [
        item(doel="socialeToeslag", dossier=None),
        item("t2", **refused),
        item("t3", dienst="inschrijving", doel=None, dossier=None, uitkomst="geregistreerd"),
        item("t4", dienst="iets<nieuws>", doel=None, uitkomst="anders"),
    ]
    answers(local, {"items": items})

    result = local.run("privacylog", PERSON, "--party", "infino", *PERIOD, "--answer", path, columns=300)

    said = words(path.read_text(encoding="utf-8"))
    assert result.exit_code == 0, result.stderr
    assert f"4 records written to {path}" in result.stdout
    assert path.stat().st_mode & 0o077 == 0
    for line in (
        f"Over wie (INSZ) {PERSON} Wie antwoordt Infino Vlaanderen",
        "Periode van 1 maart 2026 tot en met 31 maart 2026",
        "1 april 2026 om 00.30 uur Om uw sociale toeslag te berekenen",
        "Uw dossier bij Infino Vlaanderen, nadat WEWIS een wijziging meldde (artikel 2 van het protocol) Ja",
        "Voor een audit van de uitbetaling Geen: daarom werd de vraag geweigerd Nee: de vraag werd geweigerd",
        "Om bij te houden van wie wij een dossier hebben",
        "iets<nieuws>",
    ):
        assert line in said, line
    for secret in ("an.peeters", "A-7", "cgpa"):
        assert secret not in path.read_text(encoding="utf-8")


def test_a_citizen_of_whom_nothing_was_asked_is_told_so(local: World, tmp_path: Path) -> None:
    answers(local, {"items": []})
    path = tmp_path / "answer.html"

    assert local.run("privacylog", PERSON, "--party", "infino", "--answer", path).exit_code == 0

    assert "Niemand bij Infino Vlaanderen vroeg in deze periode iets over u." in words(path.read_text())


def test_each_purpose_service_and_outcome_has_words_for_citizens() -> None:
    assert set(letter._PURPOSES) == set(Purpose)
    assert set(letter._SERVICES) == set(letter._GROUNDS) == set(Service) - {Service.LOOKUP}
    refused = {outcome for outcome in LogOutcome if outcome.startswith("geweigerd")}
    assert set(letter._OUTCOMES) == set(LogOutcome) - refused
