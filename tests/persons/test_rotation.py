"""Which keys the tables are at, in each phase of a rotation; with any other keys nothing is answered."""

from collections.abc import Callable

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from jbplus.errors import UnavailableError
from jbplus.persons.pseudonym import KeyRing
from jbplus.persons.rotation import LEASE, KeysInUse, Phase, Standing
from jbplus.persons.table import DynamoStanding, StandingItem, standing_values
from tests.support.engine import Tables
from tests.support.fakes import no_sleep
from tests.support.people import ANNA

K = tuple(str(n).encode() * 32 for n in (1, 2, 3))


def ring(version: int, keys: int | None = None) -> KeyRing:
    return KeyRing(version, K[: keys or version])


PHASES = [
    (Standing(2, Phase.SETTLED), [2], [2]),
    (Standing(1, Phase.OPENING), [1], [1, 2]),
    (Standing(1, Phase.COPYING), [1, 2], [1, 2]),
    (Standing(2, Phase.SWITCHED), [2, 1], [2, 1]),
    (Standing(2, Phase.CLOSING), [2], [2, 1]),
    (Standing(2, Phase.SWEEPING), [2], [2]),
]


@pytest.mark.parametrize(("standing", "kept", "removed"), PHASES, ids=[each[0].phase for each in PHASES])
def test_names_in_each_phase(standing: Standing, kept: list[int], removed: list[int]) -> None:
    made = standing.pseudonyms(ring(2))

    every = made.of_every_version(ANNA)
    assert made.names(ANNA) == tuple((every[version - 1], version) for version in kept)
    assert made.names_to_remove(ANNA) == tuple((every[version - 1], version) for version in removed)
    assert (made(ANNA), made.version) == made.names(ANNA)[0]


@pytest.mark.parametrize(
    ("standing", "keys"),
    [
        pytest.param(Standing(1), ring(2), id="a new version that no table is at"),
        pytest.param(Standing(2), ring(1), id="an old version"),
        pytest.param(Standing(2), ring(1, 2), id="the old version though the new key is there"),
        pytest.param(Standing(1, Phase.COPYING), ring(1), id="a rotation without its key"),
        pytest.param(Standing(1, Phase.COPYING), ring(3), id="a version beyond the rotation"),
        pytest.param(Standing(1, mark=ring(2).mark(2)), ring(1), id="another key of the same version"),
        pytest.param(Standing(1, Phase.OPENING, KeyRing(2, (K[0], K[2])).mark(2)), ring(1, 2), id="another new key"),
    ],
)
def test_keys_that_the_tables_are_not_at_open_nothing(standing: Standing, keys: KeyRing) -> None:
    """They would find nobody, and the answer would be that there is nothing to deduct."""
    in_use = KeysInUse(lambda _: keys, lambda: standing, lambda: 0.0)

    for ask in (in_use.current, in_use.settled):
        with pytest.raises(UnavailableError):
            ask()


def test_a_key_that_was_put_meanwhile_is_taken_up_at_once() -> None:
    in_use = KeysInUse(lambda anew: ring(1, 2) if anew else ring(1), lambda: Standing(1, Phase.COPYING), lambda: 0.0)

    assert len(in_use.current().names(ANNA)) == 2


def test_the_right_key_bears_its_mark() -> None:
    standing = Standing(2, mark=ring(2).mark(2))

    assert standing.pseudonyms(ring(2)).version == 2
    assert len({ring(2).mark(1), ring(2).mark(2), ring(2).pseudonyms(ANNA)}) == 3


@pytest.mark.parametrize(
    ("moments", "read"),
    [
        pytest.param([0, LEASE - 0.1], 1, id="within the lease"),
        pytest.param([0, LEASE], 2, id="after the lease"),
        pytest.param([100, 99], 2, id="a clock that was put back"),
    ],
)
def test_a_phase_is_gone_by_for_a_lease_and_no_longer(moments: list[float], read: int) -> None:
    reads = []

    def standing() -> Standing:
        reads.append(1)
        return Standing()

    clock = iter(moments)
    in_use = KeysInUse(lambda _: ring(1), standing, lambda: next(clock))
    for _ in moments:
        in_use.current()

    assert len(reads) == read


@pytest.mark.parametrize("phase", Phase)
def test_states_are_written_under_one_version_or_not_at_all(phase: Phase) -> None:
    standing = Standing(2, phase)
    in_use = KeysInUse(lambda _: ring(2, 3), lambda: standing, lambda: 0.0)

    asks: list[Callable[[], object]] = [in_use.version, in_use.settled]
    for ask in asks:
        if phase in (Phase.SETTLED, Phase.SWEEPING, Phase.REPLAYING):
            ask()
        else:
            with pytest.raises(UnavailableError, match=r"rotation|restored"):
                ask()


@pytest.mark.parametrize("phase", Phase)
def test_nobody_is_answered_while_persons_may_be_missing(phase: Phase) -> None:
    standing = Standing(2, phase)
    in_use = KeysInUse(lambda _: ring(2, 3), lambda: standing, lambda: 0.0)

    if phase in (Phase.RESTORING, Phase.REPLAYING):
        with pytest.raises(UnavailableError, match="restored"):
            in_use.current()
    else:
        in_use.current()


def items(tables: Tables) -> list[StandingItem]:
    return [StandingItem.of_persons(tables.persons), StandingItem.of_registrations(tables.registrations)]


def test_tables_that_never_tell_are_at_the_first_version(dynamodb: DynamoDBClient, tables: Tables) -> None:
    assert DynamoStanding(dynamodb, items(tables), no_sleep).read() == Standing(1, Phase.SETTLED, None)


@pytest.mark.parametrize(
    "standing",
    [Standing(3, Phase.CLOSING, "m"), Standing(2), Standing(1, Phase.RESTORING, None, "2026-03-04T17:30:00+00:00")],
)
def test_a_standing_is_read_as_it_was_written(dynamodb: DynamoDBClient, tables: Tables, standing: Standing) -> None:
    for item in items(tables):
        dynamodb.put_item(TableName=item.table, Item=item.key | standing_values(standing))

    assert DynamoStanding(dynamodb, items(tables), no_sleep).read() == standing


def test_a_table_that_was_put_back_to_before_a_rotation_opens_nothing(dynamodb: DynamoDBClient, tables: Tables) -> None:
    persons, registrations = items(tables)
    dynamodb.put_item(TableName=registrations.table, Item=registrations.key | standing_values(Standing(2)))

    with pytest.raises(UnavailableError, match="not at the same version"):
        DynamoStanding(dynamodb, [persons, registrations], no_sleep).read()
