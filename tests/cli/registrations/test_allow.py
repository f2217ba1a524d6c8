"""`jbplus allow`: a party may register more new persons a day, until a day."""

from datetime import date

import pytest

from jbplus.registrations.table import DynamoQuota
from tests.cli.backstage import REGISTRATIONS
from tests.cli.keyed import make_keyed
from tests.cli.world import World
from tests.support.fakes import no_sleep
from tests.support.known import INFINO

ASKED = ("allow", "--party", "infino", "--per-day", "200000", "--until", "2026-04-30", "--reason", "first load")


def quota(world: World) -> DynamoQuota:
    return DynamoQuota(world.behind.dynamodb, REGISTRATIONS, no_sleep)


@pytest.fixture
def keyed(local: World) -> World:
    make_keyed(local)
    return local


def test_an_allowance_is_kept_with_who_gave_it_and_why(keyed: World) -> None:
    quota(keyed).count(INFINO, date(2026, 4, 1), 7, most=10)

    result = keyed.run(*ASKED, "--json")

    assert result.exit_code == 0
    counted, (allowance,) = quota(keyed).read_quota(INFINO, date(2026, 4, 1))
    assert (allowance.per_day, allowance.until, allowance.reason) == (200_000, date(2026, 4, 30), "first load")
    assert allowance.by
    assert counted == 7
    assert '"today": 7' in result.stdout


def test_people_read_what_holds_now(keyed: World) -> None:
    said = " ".join(keyed.run(*ASKED).stdout.split())

    assert said == "Infino Vlaanderen may register 200000 new persons a day until 2026-04-30. Today it registered 0."


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (("--party", "wewis"), "registers nobody"),
        (("--until", "2026-03-31"), "lies in the past"),  # it is 1 April in Brussels
    ],
)
def test_what_makes_no_sense_is_refused(keyed: World, changed: tuple[str, str], words: str) -> None:
    result = keyed.run(*ASKED, *changed)

    assert result.exit_code == 1
    assert words in result.stderr
    assert quota(keyed).read_quota(INFINO, date(2026, 4, 1)) == (0, ())
