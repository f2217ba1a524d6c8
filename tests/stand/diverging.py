"""The seven ways in which a party and the exchange fall out of step, and what a sync must say of each.

The oracle says what must come of it in plain numbers and words, without the product's code.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests.stand.world import World, cents_of, persons

MOST_CALLS, MOST_BYTES = 3, 300_000
LATER = 75_000


@dataclass(frozen=True)
class Planted:
    """Persons by what is wrong with them."""

    dropped: str
    edited: str
    deleted: str
    only_here: str
    ended: str
    expired: str
    flipped: str

    @property
    def kinds(self) -> dict[str, str]:
        return {
            self.dropped: "outdated",
            self.edited: "edited",
            self.deleted: "not here",
            self.only_here: "only here",
            self.ended: "ended",
            self.expired: "expired",
            self.flipped: "flipped bit",
        }


def plant(world: World, seed: int) -> Planted:
    """Plant each divergence with somebody who was paid."""
    paid = [number for number in world.own if cents_of(number)]
    chosen = Planted(*(paid[(seed + place * (len(paid) // 7)) % len(paid)] for place in range(7)))
    world.pay(chosen.dropped, LATER, volgnummer=18)
    world.alter(chosen.edited, lambda answer: answer.replace(b'"netto":"6', b'"netto":"9'))
    world.delete_here(chosen.deleted)
    world.lose(chosen.only_here)
    world.end(chosen.ended, (world.exchange.clock() - timedelta(days=1)).date())
    world.expire_here(chosen.expired)
    world.alter(chosen.flipped, lambda answer: answer[:70] + bytes([answer[70] ^ 4]) + answer[71:])
    return chosen


def try_it(folder: Path, count: int, seed: int = 0) -> str:
    """Plant all seven among so many persons, and see that a sync names, mends and counts exactly those.

    Returns:
        What it took, for people to read.
    """
    world = World(folder, persons(count)).begin()
    first = world.compare()
    assert (first.differed, first.standing.is_in_step, world.api.calls) == ((), True, 0)

    planted = plant(world, seed)
    world.exchange.logged()
    began = time.monotonic()
    outcome = world.compare()
    took = time.monotonic() - began

    assert {one.name: str(one.kind) for one in outcome.differed} == planted.kinds
    assert (outcome.healed, outcome.standing.is_in_step) == (7, True)
    assert world.api.calls <= MOST_CALLS
    assert world.stand_bytes + world.api.bytes <= MOST_BYTES
    lookups, others = world.logged()
    # Whose registration ended is not looked up: it is asked for, and tells that.
    assert lookups == sorted(world.name(number) for number in planted.kinds if number != planted.ended)
    assert sorted((each.subject, str(each.outcome)) for each in others) == sorted(
        [
            (world.name(planted.deleted), "beantwoord"),
            (world.name(planted.ended), "beantwoord"),
            (world.name(planted.only_here), "leeg"),
            (world.name(planted.only_here), "geregistreerd"),
        ]
    )
    expected = {number: cents_of(number) for number in world.own if cents_of(number) and number != planted.ended}
    assert world.deducts() == expected | {planted.dropped: LATER}

    calls, bytes_ = world.api.calls, world.stand_bytes + world.api.bytes
    again = world.compare()
    assert (again.differed, again.looked_up, again.standing.is_in_step) == ((), 0, True)
    assert world.api.calls == calls
    assert world.logged() == ([], [])
    return f"{count} persons: {calls} call, {bytes_} bytes, {len(lookups)} lookups, {took:.1f} s"
