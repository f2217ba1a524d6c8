"""What is not sent: notices of who is suspended from them, and anything of who left (Articles 8 and 12)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from typing_extensions import override

from jbplus.checkpoints.verify import name_of
from jbplus.dropserver.round import Counts
from jbplus.dropserver.sending import Parcel
from jbplus.errors import UnavailableError
from jbplus.notices.notice import PREFIX, SUCCESSION_PREFIX
from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.outbox import STAND_PREFIX
from jbplus.protocol.parties import Party, party_of
from jbplus.suspensions.rules import Stream, Suspension
from jbplus.suspensions.service import StoredSuspensions
from tests.dropserver.fakes import START
from tests.dropserver.world import World
from tests.support.known import INFINO, PARENTIA
from tests.suspensions.fakes import FakeSuspensionStore

WEWIS = "0316380841"
NOTICE, OTHER = f"{PREFIX}20260305080000000.json", "other.json"


def suspended(*streams: Stream) -> FakeSuspensionStore:
    return FakeSuspensionStore({INFINO: (Suspension("s-1", INFINO, streams, (), "misbruik", START),)})


def left(kbo: str) -> Callable[[str], Party | None]:
    """Find the parties, of which one leaves today."""

    def find(wanted: str) -> Party | None:
        party = party_of(wanted)
        return replace(party, ends=brussels_day(START)) if party and party.kbo == kbo else party

    return find


@pytest.fixture
def outgoing(world: World) -> World:
    """What was put out for three parties before anything changed."""
    world.bucket.outgoing |= {
        Parcel(WEWIS, OTHER): b"report",
        Parcel(PARENTIA, NOTICE): b"for Parentia",
        Parcel(INFINO, NOTICE): b"for Infino",
        Parcel(INFINO, OTHER): b"no notice",
    }
    return world


def arrived(world: World) -> set[tuple[str, str]]:
    paths = [path.split("/") for path, _ in world.server.appeared]
    return {(party, name) for _, party, name in paths}


ALL = {(WEWIS, OTHER), (PARENTIA, NOTICE), (INFINO, NOTICE), (INFINO, OTHER)}


def test_notices_of_a_suspended_party_wait_and_go_when_that_is_lifted(outgoing: World) -> None:
    outgoing.site.suspensions = suspended(Stream.MUTATIONS)

    assert outgoing.site.run() == Counts(sent=3, waiting=1)
    assert arrived(outgoing) == ALL - {(INFINO, NOTICE)}
    outgoing.site.suspensions = FakeSuspensionStore()

    assert outgoing.site.run() == Counts(sent=1)
    assert arrived(outgoing) == ALL


@pytest.mark.parametrize(
    "suspensions",
    [
        suspended(Stream.CONSULTATION),
        FakeSuspensionStore(
            {INFINO: (Suspension("s", INFINO, (Stream.MUTATIONS,), (), "x", START + timedelta(seconds=1)),)}
        ),
    ],
    ids=["from lookups", "later"],
)
def test_who_is_not_suspended_from_notices_gets_them(outgoing: World, suspensions: FakeSuspensionStore) -> None:
    outgoing.site.suspensions = suspensions

    assert outgoing.site.run() == Counts(sent=4)


@pytest.mark.parametrize("prefix", [SUCCESSION_PREFIX, STAND_PREFIX])
def test_all_that_tells_of_mutations_waits(outgoing: World, prefix: str) -> None:
    outgoing.site.suspensions = suspended(Stream.MUTATIONS)
    outgoing.bucket.outgoing[Parcel(INFINO, f"{prefix}20260305080000000.json")] = b"for Infino"

    assert outgoing.site.run() == Counts(sent=3, waiting=2)


def test_nothing_is_sent_to_a_party_that_left(outgoing: World) -> None:
    outgoing.site.find_party = left(INFINO)

    assert outgoing.site.run() == Counts(sent=2, waiting=2)
    assert arrived(outgoing) == {(WEWIS, OTHER), (PARENTIA, NOTICE)}


def test_nothing_is_sent_to_who_is_no_party(outgoing: World) -> None:
    outgoing.bucket.outgoing = {Parcel("0123456789", OTHER): b"whose?"}

    assert outgoing.site.run() == Counts(waiting=1)


def test_while_nobody_knows_who_is_suspended_no_recipient_is_sent_anything_and_wewis_is(outgoing: World) -> None:
    @dataclass
    class OutOfReach(FakeSuspensionStore):
        @override
        def read(self, parties: Collection[str]) -> dict[str, StoredSuspensions]:
            raise UnavailableError("dynamodb:BatchGetItem")

    outgoing.site.suspensions = OutOfReach()

    assert outgoing.failed() == {"sent": 1, "waiting": 3, "failed": 2}
    assert arrived(outgoing) == {(WEWIS, OTHER)}


def test_checkpoints_go_to_a_suspended_party_too(outgoing: World) -> None:
    """All parties are witnesses of the privacy log."""
    outgoing.site.suspensions = suspended(Stream.MUTATIONS, Stream.CONSULTATION)
    outgoing.bucket.outgoing[Parcel(INFINO, name_of(7))] = b"checkpoint"

    outgoing.site.run()

    assert (INFINO, name_of(7)) in arrived(outgoing)
