"""`jbplus source check`, `number`, `reports` and `send --wait`: what WEWIS learns of its files."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from jbplus.mutation_file.report import Report, own_name
from tests.cli.source.world import HEADER, Source
from tests.support import fakes
from tests.support.exchange import Exchange
from tests.support.files import mutation_file, record
from tests.support.people import ANNA, BRAM

PAID = f"JBP-1,{ANNA},2024,1,600.00,2025-03-03"
OTHER = f"JBP-2,{BRAM},2024,1,600.00,2025-03-03"


@pytest.fixture
def source(tmp_path: Path) -> Source:
    made = Source(tmp_path, now=fakes.NOW)
    (made.root / "server" / "To_Vip" / "0316380841").mkdir(parents=True)
    return made


def reports(source: Source) -> Path:
    return source.root / "server" / "To_Vip" / "0316380841"


def answer(source: Source, **changed: Any) -> str:
    """Have the exchange take in the last file that was sent; give the name of its report."""
    name = list(source.arrived())[-1]
    content = (source.root / "server" / "From_Vip" / name).read_bytes()
    report = Exchange().take_in(content).model_copy(update={"bestand": name, **changed})
    ours = f"{own_name(name, report.sha256)}.json"
    (reports(source) / ours).write_bytes(report.to_json())
    return ours


def refused() -> Report:
    """Give a report on a file of two records, with its second record refused."""
    bad = mutation_file([record(ANNA, "JBP-1"), record(BRAM, "JBP-2", verrichtingbedrag="0")])
    return Exchange().take_in(bad)


def test_a_report_is_fetched_kept_and_shown(source: Source) -> None:
    source.make(source.csv(PAID))
    source.run("send")
    name = answer(source)

    result = source.run("reports", "--json")

    said = json.loads(result.stdout)
    assert (result.exit_code, said["count"]) == (0, 1)
    assert said["reports"][0]["report"]["status"] == "verwerkt"
    assert (source.state / "reports" / name).stat().st_mode & 0o777 == 0o600
    assert list(reports(source).iterdir()) == []
    assert json.loads(source.run("reports", "--json").stdout)["count"] == 0


def test_a_mistake_is_told_by_line_of_the_csv_and_referte(source: Source) -> None:
    source.make(source.csv("", PAID, "", OTHER))
    source.run("send")
    found = refused()
    answer(source, status=found.status, fouten=found.fouten, aantallen=found.aantallen)

    shown = source.run("reports", "--keep")
    said = json.loads(source.run("reports", "--json").stdout)

    assert shown.exit_code == 1
    assert "What is wrong in payments.csv" in shown.stdout
    (row,) = (line for line in shown.stdout.splitlines() if "bedragNul" in line)
    assert [cell.strip() for cell in row.split("│")[1:4]] == ["5", "JBP-2", "bedragNul"]
    assert (said["reports"][0]["csv"], said["reports"][0]["lines"]) == ("payments.csv", [5])


def test_kept_reports_are_shown_once_and_stay_where_they_are(source: Source) -> None:
    source.make(source.csv(PAID))
    source.run("send")
    answer(source)

    counts = [json.loads(source.run("reports", "--keep", "--json").stdout)["count"] for _ in range(2)]

    assert (counts, len(list(reports(source).iterdir()))) == ([1, 0], 1)


def test_other_files_are_left_and_a_bad_report_too(source: Source) -> None:
    (reports(source) / "werk.iets-anders.json").write_text("{}")
    assert json.loads(source.run("reports", "--json").stdout)["count"] == 0
    (reports(source) / "bestand.01234567.json").write_text("{}")

    result = source.run("reports")

    assert (result.exit_code, "no report as agreed" in result.stderr) == (1, True)
    assert len(list(reports(source).iterdir())) == 2


@pytest.mark.parametrize(("status", "code"), [("verwerkt", 0), ("geweigerd", 1)])
def test_sending_waits_for_the_report_and_fails_when_it_refuses(source: Source, status: str, code: int) -> None:
    source.make(source.csv(PAID))
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        answer(source, status=status)

    result = source.run("send", "--wait", "--json", sleep=sleep, clock=lambda: 0.0)

    assert (result.exit_code, len(slept)) == (code, 1)
    assert json.loads(result.stdout)["reports"][0]["report"]["status"] == status


def test_how_another_file_ended_does_not_decide_how_this_one_did(source: Source) -> None:
    source.make(source.csv(PAID))
    source.run("send")
    answer(source, status="geweigerd")
    source.make(source.csv(OTHER))

    result = source.run("send", "--wait", "--json", sleep=lambda _: answer(source) and None, clock=lambda: 0.0)

    assert [each["report"]["status"] for each in json.loads(result.stdout)["reports"]] == ["geweigerd", "verwerkt"]
    assert result.exit_code == 0


@pytest.mark.parametrize(("status", "code"), [("verwerkt", 0), ("geweigerd", 1)])
def test_who_was_killed_while_waiting_waits_again(source: Source, status: str, code: int) -> None:
    source.make(source.csv(PAID))
    source.run("send")

    result = source.run("send", "--wait", "--json", sleep=lambda _: answer(source, status=status), clock=lambda: 0.0)
    again = source.run("send", "--wait")

    assert result.exit_code == code
    assert json.loads(result.stdout)["reports"][0]["report"]["status"] == status
    assert "The outbox is empty." in again.stdout


def test_a_report_that_does_not_come_is_told(source: Source) -> None:
    source.make(source.csv(PAID))

    result = source.run("send", "--wait", "--timeout", 1, sleep=lambda _: None, clock=iter([0.0, 0.5, 1.5]).__next__)

    assert (result.exit_code, "No report" in result.stderr, len(source.arrived())) == (1, True, 1)


def test_the_report_of_another_content_is_not_taken_for_it(source: Source) -> None:
    source.make(source.csv(PAID))

    result = source.run(
        "send", "--wait", "--timeout", 1, sleep=lambda _: answer(source, sha256="0" * 64) and None,
        clock=iter([0.0, 0.5, 1.5]).__next__,
    )  # fmt: skip

    assert (result.exit_code, "No report" in result.stderr) == (1, True)


def test_a_table_is_checked_and_nothing_is_made(source: Source) -> None:
    good, bad = source.csv(PAID), source.csv(PAID, f"JBP-2,{ANNA},2024,1,0,2025-03-03", name="bad.csv")

    assert "Nothing is wrong: 1 record." in source.check(good).stdout
    said = json.loads(source.check(bad, "--json").stdout)

    assert [(one["line"], one["code"]) for one in said["wrong"]] == [(3, "bedragNul")]
    assert not source.state.exists()


@pytest.mark.parametrize("ending", [".json", ".json.gz"])
def test_a_mutation_file_is_checked_as_the_intake_does(source: Source, ending: str) -> None:
    pack = gzip.compress if ending.endswith("gz") else bytes
    path = source.root / f"file{ending}"
    path.write_bytes(pack(mutation_file([record(ANNA), record(BRAM, "b", verrichtingbedrag="0", bedragtype="3")])))

    result = source.check(path, "--json")

    wrong = json.loads(result.stdout)["wrong"]
    assert result.exit_code == 1
    assert [(one["index"], one["code"]) for one in wrong] == [(1, "bedragtypeOngeldig"), (1, "bedragNul")]


def test_a_file_that_would_be_refused_is_told(source: Source) -> None:
    path = source.root / "file.json"
    path.write_bytes(mutation_file([record(ANNA)], aantal=2))

    result = source.check(path, "--json")

    assert (result.exit_code, [one["code"] for one in json.loads(result.stdout)["wrong"]]) == (1, ["aantalKloptNiet"])


def test_a_number_is_skipped_or_corrected(source: Source) -> None:
    first, second = source.csv(PAID), source.csv(OTHER, name="second.csv")
    source.make(first)
    refused = source.run("number", 1)
    assert (refused.exit_code, "waits in the outbox" in refused.stderr) == (1, True)
    source.run("send")

    assert json.loads(source.run("number", 5, "--json").stdout) == {"last": 4, "next": 5, "outbox": 0}
    source.make(second)
    assert json.loads(source.made()[0].read_bytes())["context"]["volgnummer"] == 5
    source.run("send")
    source.run("number", 5)
    source.make(source.csv(f"JBP-3,{ANNA},2024,1,1.00,2025-03-03", header=HEADER))

    assert json.loads(source.made()[0].read_bytes())["context"]["volgnummer"] == 5


def test_a_series_begins_at_a_number(source: Source) -> None:
    assert "Next volgnummer  1" in source.run("number").stdout
    source.run("number", 40)

    source.make(source.csv(PAID))

    assert json.loads(source.made()[0].read_bytes())["context"]["volgnummer"] == 40
