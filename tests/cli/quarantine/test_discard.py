"""`jbplus quarantine discard`: out of quarantine for good, and kept as evidence."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from tests.cli.world import USUAL, World, with_part
from tests.support.people import ANNA

WHY = "rechtgezet door WEWIS in bestand 12 (één mail)"


@pytest.mark.parametrize("what", ["file", "part"])
def test_what_is_discarded_is_out_of_quarantine_and_kept_with_the_reason(here: World, what: str) -> None:
    if what == "part":
        with_part(here)
    else:
        here.behind.drop(b"not JSON", USUAL)
    name = here.quarantined()
    content = here.object(f"quarantaine/{name}")

    result = here.run("quarantine", "discard", name, "--reason", WHY, columns=200)

    assert (result.exit_code, result.stdout) == (0, f"{name}: discarded; it is kept as evidence.\n")
    assert here.run("quarantine", "list").stdout == "Nothing is in quarantine.\n"
    assert here.object(f"quarantaine/terzijde/{name}") == content
    (kept,) = here.read("quarantine", "list", "--discarded")["items"]
    assert (kept["name"], kept["reason"]) == (name, WHY)
    for moment in (kept["since"], kept["discarded"]):
        assert datetime.now(UTC) - datetime.fromisoformat(moment) < timedelta(minutes=1)
    assert WHY in here.run("quarantine", "list", "--discarded", columns=200).stdout


def test_nothing_is_lost_when_it_dies_in_between_and_is_run_again(here: World) -> None:
    name = with_part(here)
    content = here.object(f"quarantaine/{name}")

    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "InternalError"}}, "DeleteObject")

    here.s3.meta.events.register("before-call.s3.DeleteObject", refuse, unique_id="refuse")
    try:
        died = here.run("quarantine", "discard", name, "--reason", WHY, columns=200)
    finally:
        here.s3.meta.events.unregister("before-call.s3.DeleteObject", unique_id="refuse")

    assert died.exit_code == 1
    assert "not discarded. Could not discard it: AWS says InternalError." in died.stdout
    assert here.quarantined() == name
    assert here.run("quarantine", "discard", name, "--reason", WHY).exit_code == 0
    assert here.keys("quarantaine/") == [f"quarantaine/terzijde/{name}"]
    assert here.object(f"quarantaine/terzijde/{name}") == content


def test_one_that_is_not_there_does_not_stop_the_others(here: World) -> None:
    name = with_part(here)

    result = here.run("quarantine", "discard", "other.json", name, "--reason", WHY, columns=200)

    assert result.exit_code == 1
    assert "other.json: not discarded. Nothing in quarantine is called other.json." in result.stdout
    assert f"{name}: discarded" in result.stdout


def test_what_was_discarded_is_not_handed_in_again(here: World) -> None:
    name = with_part(here)
    here.run("quarantine", "discard", name, "--reason", WHY)

    assert here.run("quarantine", "release", name).exit_code == 1
    assert here.run("quarantine", "release", f"terzijde/{name}").exit_code == 1


def test_nothing_discarded_is_said(here: World) -> None:
    assert here.run("quarantine", "list", "--discarded").stdout == "Nothing was discarded.\n"


@pytest.mark.parametrize("reason", [f"was {ANNA}", "", "x" * 501, "é" * 300])
def test_a_reason_that_cannot_be_kept_is_a_usage_error(here: World, reason: str) -> None:
    name = with_part(here)

    result = here.run("quarantine", "discard", name, "--reason", reason)

    assert result.exit_code == 2
    assert ANNA not in result.output
    assert here.quarantined() == name
