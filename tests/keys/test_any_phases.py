"""Whatever is registered and deleted in whatever phases of a rotation, by who knows it and who lags one phase behind.

In memory: the phases themselves are tried here, and the command that goes through them in `test_rotation`.
"""

from dataclasses import dataclass, field, replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from jbplus.persons.pseudonym import KeyRing, Pseudonyms
from jbplus.persons.rotation import Phase, Standing
from jbplus.protocol.purposes import SCOPE_REGISTRATION, Right
from jbplus.registrations.rules import Registration
from jbplus.registrations.service import Registrations
from tests.privacy_log.fakes import FakePrivacyLog
from tests.registrations.fakes import FakeRegistrationStore, quota
from tests.support.fakes import ACCEPTS, NOW, caller, no_count
from tests.support.known import INFINO, OPEN
from tests.support.people import ANNA, BRAM

ASKING = caller(INFINO, SCOPE_REGISTRATION)
PERSONS = (ANNA, BRAM)
PHASES = [
    Standing(1, Phase.SETTLED),
    Standing(1, Phase.OPENING),
    Standing(1, Phase.COPYING),
    Standing(2, Phase.SWITCHED),
    Standing(2, Phase.CLOSING),
    Standing(2, Phase.SWEEPING),
    Standing(2, Phase.SETTLED),
]
KEYS = (b"1" * 32, b"2" * 32)


@dataclass
class Rotated:
    """A table in a phase of a rotation, and what must be in it."""

    phase: int = 0
    store: FakeRegistrationStore = field(default_factory=FakeRegistrationStore)
    expected: dict[str, Registration] = field(default_factory=dict)

    def instance(self, *, lags: bool) -> Registrations:
        standing = PHASES[max(0, self.phase - lags)]
        ring = KeyRing(standing.version, KEYS)

        def pseudonyms() -> Pseudonyms:
            return standing.pseudonyms(ring)

        return Registrations(self.store, FakePrivacyLog(), pseudonyms, lambda: NOW, ACCEPTS, quota(), no_count)

    def register(self, number: str, right: Right, *, lags: bool) -> None:
        wanted = replace(OPEN, right=right)
        self.instance(lags=lags).register({number: wanted}, ASKING)
        self.expected[number] = wanted

    def delete(self, number: str, *, lags: bool) -> None:
        self.instance(lags=lags).delete(number, ASKING)
        self.expected.pop(number, None)

    def copy(self, number: str) -> None:
        """Copy a person, as the command does at any moment once nobody goes by opening any more."""
        first, second = Pseudonyms(KEYS).of_every_version(number)
        if PHASES[self.phase].phase is Phase.COPYING and (first, INFINO) in self.store.items:
            self.store.items[second, INFINO] = self.store.items[first, INFINO]

    def go_on(self) -> None:
        """Go on to the next phase, as the command does: copy before it switches, remove before it is settled."""
        for number in PERSONS:
            self.copy(number)
            if PHASES[self.phase].phase is Phase.SWEEPING:
                self.store.items.pop((Pseudonyms(KEYS).of_every_version(number)[0], INFINO), None)
        self.phase = min(self.phase + 1, len(PHASES) - 1)

    def check(self) -> None:
        for lags in (False, True):
            found = {number: self.instance(lags=lags).find(number, ASKING) for number in PERSONS}
            assert {number: each for number, each in found.items() if each is not None} == self.expected


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("register"), st.sampled_from(PERSONS), st.sampled_from(Right), st.booleans()),
        st.tuples(st.just("delete"), st.sampled_from(PERSONS), st.booleans()),
        st.just(("go_on",)),
    ),
    max_size=40,
)


@settings(max_examples=300)
@given(st.integers(0, len(PHASES)), STEPS)
@example(2, [("delete", ANNA, True)])
@example(3, [("register", ANNA, Right.ENDED, False)])
@example(3, [("delete", ANNA, True), ("register", BRAM, Right.RUNNING, False)])
@example(4, [("register", BRAM, Right.RUNNING, True), ("delete", BRAM, False)])
def test_everybody_finds_what_stands_whatever_phase_they_know(start: int, steps: list[tuple[object, ...]]) -> None:
    steps = [("register", ANNA, Right.RUNNING, False), *[("go_on",)] * start, *steps]
    table = Rotated()
    for step in steps:
        match step:
            case ("register", str() as number, Right() as right, bool() as lags):
                table.register(number, right, lags=lags)
            case ("delete", str() as number, bool() as lags):
                table.delete(number, lags=lags)
            case _:
                table.go_on()
        table.check()
    for _ in PHASES:
        table.go_on()
        table.check()
    second = {(Pseudonyms(KEYS).of_every_version(number)[1], INFINO): kept for number, kept in table.expected.items()}
    assert table.store.items == second
