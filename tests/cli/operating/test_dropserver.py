"""`jbplus status` on the dropserver: how the last visit went, what stands there, and when certificates end."""

from datetime import UTC, datetime, timedelta

import pytest

from jbplus.dropserver.bucket import DropserverBucket
from jbplus.dropserver.visits import LastVisit, Sighting
from tests.cli.world import World
from tests.support.files import mutation_file
from tests.support.people import ANNA

NAME = "werk.publiceermutatiejobbonusplus-0100_20250304183000000.json"
NOW = datetime.now(UTC).replace(microsecond=0)


def left_by(here: World, visit: LastVisit) -> World:
    """A world where all is well but for what a visit left word of."""
    here.behind.drop(mutation_file([], 7))
    DropserverBucket(here.s3, "exchange").remember(visit)
    return here


def seen(name: str, hours: float) -> Sighting:
    since = NOW - timedelta(hours=hours)
    return Sighting(name=name, size=0, modified=None, first=since, still=NOW)


def test_a_stack_whose_dropserver_was_not_visited_says_so(here: World) -> None:
    here.behind.drop(mutation_file([], 7))

    result = here.run("status")

    assert result.exit_code == 0
    assert "not visited" in result.stdout
    assert here.read("status")["dropserver"] is None


def test_a_visit_that_went_well_is_no_concern(here: World) -> None:
    visit = LastVisit(
        at=NOW - timedelta(minutes=4),
        seen=(seen(NAME, 0.5),),
        own_certificate=NOW + timedelta(days=40, hours=1),
        server_certificate=NOW + timedelta(days=50, hours=1),
    )

    result = left_by(here, visit).run("status")

    assert result.exit_code == 0, result.output
    words = " ".join(result.stdout.split())
    assert (
        "ago; 1 file left there; 1 unsent; our certificate ends in 40 days; the dropserver's certificate ends in 50"
        in words
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"reasons": ("DROP005 nobody listens there",)},
            "The last visit to the dropserver: DROP005 nobody listens there.",
        ),
        ({"seen": (seen(NAME, 2),)}, f"1 file stands on the dropserver for over an hour: {NAME}. Ask WEWIS"),
        ({"seen": tuple(seen(f"{n}.json", 2) for n in range(5))}, "0.json, 1.json, 2.json and 2 more."),
        ({"seen": (seen(f"x{ANNA}.json", 2),)}, "for over an hour: bestand."),
        (
            {"own_certificate": NOW + timedelta(days=29, hours=1)},
            "Our certificate ends in 29 days: have",
        ),
        ({"server_certificate": NOW - timedelta(days=1)}, "The dropserver's certificate ended on "),
    ],
)
def test_what_needs_a_person_is_said(here: World, changes: dict[str, object], words: str) -> None:
    result = left_by(here, LastVisit(at=NOW).model_copy(update=changes)).run("status")

    assert result.exit_code == 1
    assert "1 thing needs a person" in result.stdout
    assert words.replace(" ", "") in "".join(result.stdout.split())
    assert ANNA not in result.stdout


def test_it_is_in_the_json_too(here: World) -> None:
    visit = LastVisit(at=NOW, reasons=("DROP005 no",), seen=(seen(NAME, 2),), own_certificate=NOW)

    # What is unsent is the report of the file that came.
    result = left_by(here, visit).read("status")

    assert result["dropserver"] == {
        "visited": NOW.isoformat(),
        "reasons": ["DROP005 no"],
        "left": 1,
        "unsent": 1,
        "waitingLong": [{"name": NAME, "since": (NOW - timedelta(hours=2)).isoformat()}],
        "ownCertificate": NOW.isoformat(),
        "serverCertificate": None,
    }
