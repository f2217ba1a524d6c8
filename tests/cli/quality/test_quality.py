"""`jbplus quality`, against the very calls of quality reports."""

import json
import uuid

import pytest

from jbplus.quality.calls import QualityCalls
from jbplus.quality.rules import Flaw, Report
from jbplus.quality.service import PAGE
from tests.cli.world import World
from tests.quality.fakes import Reporting
from tests.support.calling import Calling
from tests.support.fakes import NOW
from tests.support.known import INFINO, PARENTIA
from tests.support.people import ANNA


@pytest.fixture
def reporting(local: World) -> Reporting:
    """The quality reports of the local stack."""
    made = Reporting()
    local.api.room = Calling(QualityCalls(made.reports).all)
    return made


def reported(reporting: Reporting, number: int, reporter: str = INFINO) -> str:
    """Have a report there; give its id."""
    report = Report(str(uuid.UUID(int=number)), reporter, NOW, Flaw.WRONG, f"JBP-{number}", "verkeerd jaar")
    reporting.store.add(report, ())
    return report.id


def test_a_report_is_listed_and_answered(local: World, reporting: Reporting) -> None:
    report = reported(reporting, 1)

    listed = local.run("quality", "list", columns=250)
    answered = local.run("quality", "answer", report, "--status", "gecorrigeerd", "--antwoord", "in het bestand")

    assert listed.exit_code == answered.exit_code == 0
    for words in (report, "Infino Vlaanderen", "foutief", "JBP-1", "verkeerd jaar", "gemeld"):
        assert words in listed.stdout
    assert f"Answered: {report} is gecorrigeerd." in answered.stdout
    (item,) = local.read("quality", "list", "--status", "gecorrigeerd")["items"]
    assert item["antwoord"] == "in het bestand"
    assert local.read("quality", "list", "--status", "gemeld")["items"] == []


def test_all_pages_are_read_up_to_the_last_asked_for(local: World, reporting: Reporting) -> None:
    for number in range(PAGE + 5):
        reported(reporting, number)

    assert len(local.read("quality", "list", "--last", "1000")["items"]) == PAGE + 5
    assert len(local.read("quality", "list", "--last", "3")["items"]) == 3


def test_a_party_sees_its_own(local: World, reporting: Reporting) -> None:
    reported(reporting, 1, PARENTIA)

    assert "No report is known." in local.run("quality", "list", "--party", "infino").stdout
    assert len(local.read("quality", "list", "--party", "parentia")["items"]) == 1
    assert {call.form["scope"] for call in local.api.calls("/token")} == {"jbplus:melding"}


@pytest.mark.usefixtures("reporting")
def test_a_report_that_is_not_there_is_said(local: World) -> None:
    nobody = str(uuid.UUID(int=9))
    result = local.run("quality", "answer", nobody, "--status", "ongegrond", "--antwoord", "neen", "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["problem"]["status"] == 404


@pytest.mark.parametrize(
    "words",
    [
        ("answer", str(uuid.UUID(int=1)), "--status", "gemeld", "--antwoord", "ja"),
        ("answer", str(uuid.UUID(int=1)), "--status", "ongegrond", "--antwoord", f"het is {ANNA}"),
        ("answer", "1", "--status", "ongegrond", "--antwoord", "neen"),
        ("list", "--last", "0"),
        ("list", "--status", "weg"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(local: World, words: tuple[str, ...]) -> None:
    result = local.run("quality", *words)

    assert result.exit_code == 2
    assert local.api.asked == []
    assert ANNA not in result.output
