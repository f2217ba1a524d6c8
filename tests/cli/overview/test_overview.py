"""`jbplus overview`: a month on one page, from what an operator and Opgroeien regie may read."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from jbplus.logs import LogCode
from jbplus.protocol.calendar import brussels_day
from jbplus_cli.overview.counting import LogsOfMonth
from jbplus_cli.overview.month import Month
from jbplus_cli.overview.page import page
from jbplus_cli.overview.words import WORDS, Language
from tests.cli.overview.sample import MARCH, figures, published
from tests.cli.world import World, problem
from tests.support.files import mutation_file, record
from tests.support.people import ANNA, BRAM

CONSULTATION, NOTICES = "/jbplus/Consultation", "/jbplus/Notices"
INFINO, VUTG = "0685540471", "0692793497"


def lookups(party: str, purpose: str | None, answered: int, refused: int = 0) -> str:
    """Write what the consultation function writes of a call."""
    counts = {"PersonsLookedUp": answered, "PersonsRefused": refused}
    of = {} if purpose is None else {"purpose": purpose}
    return json.dumps(
        {"_aws": {}, "service": "consultation", "party": party, **of, **{n: [float(c)] for n, c in counts.items() if c}}
    )


def notices(**given: int) -> str:
    said = {party: {"notices": count, "notifications": 10 * count} for party, count in given.items()}
    return json.dumps({"message": LogCode.NOTICES_GIVEN, "given": said})


@pytest.fixture
def logged(here: World) -> Iterator[World]:
    """A stack that took a file in, and logged some lookups and notices."""
    client, now = here.behind.logs, here.surroundings.now()
    lines = {
        CONSULTATION: [
            lookups(INFINO, "socialeToeslag", 100, 7),
            lookups(INFINO, "socialeToeslag", 23),
            lookups(VUTG, "audit", 3),
            lookups("unknown", None, 0, 6),
            json.dumps({"message": LogCode.CALL_ANSWERED, "party": INFINO, "status": 200}),
            "REPORT RequestId: 1",
        ],
        NOTICES: [notices(**{INFINO: 2}), notices(**{INFINO: 1, VUTG: 1}), notices()],
    }
    for group, said in lines.items():
        client.create_log_group(logGroupName=group)
        client.create_log_stream(logGroupName=group, logStreamName="a")
        moment = int(now.timestamp() * 1000) - 1000
        events = [{"timestamp": moment, "message": text} for text in said]
        client.put_log_events(logGroupName=group, logStreamName="a", logEvents=events)  # type: ignore[arg-type]
    here.behind.drop(mutation_file([record(ANNA, f"JBP-{number}") for number in range(9)]))
    yield here
    for group in lines:
        client.delete_log_group(logGroupName=group)


def answers(world: World, *, quality: list[dict[str, Any]] | None = None) -> None:
    """Have the API answer about quality reports, and then about statistics."""
    for said in ({"items": quality or []}, published().wire()):
        world.api.says_first.append((200, {}, said))


def melding(now: datetime, **more: object) -> dict[str, Any]:
    return {
        "id": "0b0e8d5e-6f0c-4a39-9a53-0d8d5a7b1c11",
        "aard": "foutief",
        "melder": INFINO,
        "moment": now.isoformat(),
        "status": "gemeld",
        "toelichting": "over een burger",
        **more,
    }


def test_all_parts_are_read_and_told(logged: World) -> None:
    now = logged.surroundings.now()
    old = melding(now - timedelta(days=40), status="inOnderzoek")
    answers(logged, quality=[melding(now), melding(now, status="ongegrond"), old])

    result = logged.run("overview", "--json")

    said = json.loads(result.stdout)
    assert (result.exit_code, said["unread"]) == (0, [])
    today = next(day for day in said["files"]["days"] if day["state"] == "taken")
    assert (today["numbers"], today["records"]) == ([1], 10)
    told = {(row["party"], row["purpose"]): (row["answered"], row["refused"]) for row in said["lookups"]}
    assert told["Infino Vlaanderen", "socialeToeslag"] == (125, 5)
    assert told["VUTG", "audit"] == ("<5", "<5")
    assert told["Parentia Vlaanderen", "socialeToeslag"] == ("<5", "<5")
    assert told["unknown", "?"] == ("<5", 5)
    given = {row["party"]: (row["notices"], row["notifications"]) for row in said["notices"]}
    assert (given["Infino Vlaanderen"], given["VUTG"], given["My Family"]) == ((3, 30), (1, 10), (0, "<5"))
    assert [(each["ageDays"], each["status"]) for each in said["quality"]["open"]] == [
        (40, "inOnderzoek"),
        (0, "gemeld"),
    ]
    assert said["statistics"]["items"][0]["fiscaalJaar"] == 2024


def test_it_asks_as_opgroeien_regie_alone(logged: World) -> None:
    answers(logged)

    assert logged.run("overview", "--json").exit_code == 0

    scopes = {asked.form["scope"] for asked in logged.api.calls("/token")}
    assert {asked.form["client_id"] for asked in logged.api.calls("/token")} == {"opgroeien"}
    assert scopes == {"jbplus:melding", "jbplus:statistiek"}


def test_what_cannot_be_read_is_said_and_the_rest_is_written(logged: World, tmp_path: Path) -> None:
    logged.api.says_first.append((403, {}, problem(403, "missingScope", detail="No scope")))
    logged.api.says_first.append((200, {}, published().wire()))
    logged.behind.logs.delete_log_group(logGroupName=NOTICES)
    path = tmp_path / "overview.html"

    result = logged.run("overview", "-o", path, columns=300)
    logged.behind.logs.create_log_group(logGroupName=NOTICES)

    shown = path.read_text()
    assert result.exit_code == 1
    assert "notices: Stack jbplus has no log /jbplus/Notices" in result.stderr
    assert "quality: " in result.stderr
    assert "Niet of niet helemaal gelezen" in shown
    assert 'id="quality"' not in shown
    assert 'id="lookups"' in shown


def test_it_is_written_as_page_table_and_figures_that_only_the_owner_reads(logged: World, tmp_path: Path) -> None:
    answers(logged)
    paths = [tmp_path / f"overview.{ending}" for ending in ("html", "csv", "json")]

    result = logged.run("overview", *(word for path in paths for word in ("-o", path)), "--language", "en", columns=300)

    assert result.exit_code == 0, result.stderr
    assert all(path.stat().st_mode & 0o077 == 0 for path in paths)
    assert '<html lang="en">' in paths[0].read_text()
    rows = list(csv.reader(io.StringIO(paths[1].read_text(encoding="utf-8-sig"), newline=""), delimiter=";"))
    assert ["lookups", "", "Infino Vlaanderen", "socialeToeslag", "answered", "125"] in rows
    assert json.loads(paths[2].read_text())["month"] == str(Month.of(logged.surroundings.now().date()))


def test_no_number_of_a_person_is_in_it(logged: World, tmp_path: Path) -> None:
    logged.behind.drop(mutation_file([record(BRAM, verrichtingbedrag="0.00")], 18))
    paths = [tmp_path / f"overview.{ending}" for ending in ("html", "csv", "json")]
    answers(logged, quality=[melding(logged.surroundings.now())])

    logged.run("overview", *(word for path in paths for word in ("-o", path)))

    for path in paths:
        text = path.read_text()
        assert text
        for secret in (ANNA, BRAM, "over een burger", "JBP-1"):
            assert secret not in text


def test_more_lines_than_are_read_are_said(logged: World) -> None:
    now = logged.surroundings.now()
    logs = LogsOfMonth(logged.behind.logs, logged.surroundings.target(None), Month.of(now.date()), now, most_pages=0)

    assert {row.answered for row in logs.lookups()} == {"<5"}
    assert [each.why for each in logs.unread] == [f"Too many lines: counted until {brussels_day(now)}."]


def test_a_month_that_is_long_gone_says_from_when_its_logs_count(logged: World) -> None:
    now, target = logged.surroundings.now(), logged.surroundings.target(None)
    logs = LogsOfMonth(logged.behind.logs, target, Month.read("2025-01"), now)

    assert {row.answered for row in logs.lookups()} == {"<5"}
    assert [each.part for each in logs.unread] == ["lookups"]


class Fetched(HTMLParser):
    """Collects what a page would fetch, and its identifiers."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "xlink:href", "srcset"}]
        self.ids += [value or "" for name, value in attrs if name == "id"]


@pytest.mark.parametrize("language", Language)
def test_the_page_is_one_file_that_fetches_and_runs_nothing(language: Language) -> None:
    text = page(figures(), MARCH, language)
    fetched = Fetched(text)

    assert [address for address in fetched.addresses if not address.startswith("#")] == []
    assert "script" not in fetched.tags
    assert "@import" not in text
    assert re.findall(r"url\((?!#)", text) == []
    assert len(fetched.ids) == len(set(fetched.ids))


def test_what_others_wrote_is_text_on_the_page() -> None:
    assert "&lt;zonder protocol&gt;" in page(figures(), MARCH, Language.DUTCH)


def test_the_page_says_what_the_figures_say() -> None:
    text = re.sub(r"<style.*?</style>|<svg.*?</svg>", "", page(figures(), MARCH, Language.DUTCH), flags=re.DOTALL)
    words = " ".join(re.sub(r"<[^>]+>", " ", text).split())

    for said in (
        "Uitwisseling jobbonus plus: maart 2026",
        "De maand loopt nog",
        "8 zondag Geen bestand",
        "9 maandag Verwerkt nr. 48 230 records 25 uur te laat",
        "16 maandag Verwerkt nr. 57 230 records 55\N{EN DASH}56 ontbreekt",
        "27 vrijdag Nog geen bestand",
        "VUTG sociale toeslag 5.230 &lt;5",
        "My Family : meldingen, opvragingen (sociale toeslag).",
        "Infino Vlaanderen onnauwkeurig, in onderzoek 2 februari 2026 53",
        "meldingen: Too many lines",
    ):
        assert said in words, said


def test_both_languages_have_the_same_words() -> None:
    dutch, english = (WORDS[language] for language in (Language.DUTCH, Language.ENGLISH))

    assert dutch.keys() == english.keys()
    for name, words in dutch.items():
        other = english[name]
        assert (isinstance(words, str), None if isinstance(words, str) else set(words)) == (
            isinstance(other, str),
            None if isinstance(other, str) else set(other),
        )


def test_an_empty_month_is_a_page_too() -> None:
    nothing = figures(**dict.fromkeys(("files", "notices", "lookups", "suspensions", "quality", "statistics")))

    assert "Exchange of jobbonus plus: March 2026" in page(nothing, MARCH, Language.ENGLISH)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param((), id="nowhere to"),
        pytest.param(("-o", "overview.pdf"), id="no such form"),
        pytest.param(("-o", "no/such/overview.html"), id="no such folder"),
        pytest.param(("--json", "--month", "2026-13"), id="no month"),
        pytest.param(("--json", "--month", "2199-01"), id="a month to come"),
        pytest.param(("--json", "--language", "fr"), id="no such language"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(local: World, options: tuple[str, ...]) -> None:
    assert local.run("overview", *options).exit_code == 2
    assert local.api.asked == []


def test_it_is_known_who_asks_a_stack_on_aws(local: World) -> None:
    local.on_aws(JBPLUS_TOKEN="a.b.c")

    result = local.run("overview", "--json", "--stack", "prod")

    assert result.exit_code == 2
    assert "JBPLUS_ENDUSER" in result.stderr
