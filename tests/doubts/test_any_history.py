"""Whatever is reported, answered and looked up, in whatever order and phase of a rotation: who hears of a doubt.

In memory, with the services as they are; what stands in the tables is tried in `test_table` and `tests/keys`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from jbplus.consultation.service import Lookup, Lookups
from jbplus.consultation.versions import Answered
from jbplus.doubts.rules import ReportStatus
from jbplus.persons.pseudonym import KeyRing, Pseudonyms
from jbplus.persons.rotation import Phase, Standing
from jbplus.protocol.parties import WEWIS
from jbplus.protocol.purposes import Purpose
from jbplus.quality.rules import Flaw, Told
from jbplus.quality.service import QualityReports
from tests.consultation.fakes import FakeLookupStore
from tests.privacy_log.fakes import FakePrivacyLog
from tests.quality.fakes import FakeOutbox, FakeRegistrationReader, FakeReportStore
from tests.support.fakes import ACCEPTS, NOW, caller, no_count
from tests.support.known import INFINO, OPEN, PARENTIA
from tests.support.people import ANNA, BRAM

PARTIES, PERSONS = (INFINO, PARENTIA), (ANNA, BRAM)
SOURCE = caller(WEWIS.kbo, "jbplus:bron")
ANSWERS = [status for status in ReportStatus if status is not ReportStatus.REPORTED]
KEYS = (b"1" * 32, b"2" * 32)
PHASES = [
    Standing(1, Phase.SETTLED),
    Standing(1, Phase.OPENING),
    Standing(1, Phase.COPYING),
    Standing(2, Phase.SWITCHED),
    Standing(2, Phase.CLOSING),
    Standing(2, Phase.SWEEPING),
    Standing(2, Phase.SETTLED),
]
# Two leap days and the rest of the day at most; no waits of a history come near the end but by passing it.
FIVE_YEARS = timedelta(days=5 * 365 + 3)


@dataclass
class Remembered:
    """What a test remembers of a report: all that decides who hears of it."""

    number: str
    reporter: str
    made: datetime
    status: str = "gemeld"

    def is_heard_by(self, party: str, now: datetime) -> bool:
        if now >= self.made + FIVE_YEARS:
            return False
        return self.status == "inOnderzoek" or (self.status == "gemeld" and self.reporter == party)


@dataclass
class World:
    """The exchange in a phase of a rotation, and what was ever reported."""

    phase: int = 0
    now: datetime = NOW
    store: FakeReportStore = field(default_factory=FakeReportStore)
    told: dict[str, Remembered] = field(default_factory=dict)

    def pseudonyms(self, *, lags: bool) -> Callable[[], Pseudonyms]:
        standing = PHASES[max(0, self.phase - lags)]
        return lambda: standing.pseudonyms(KeyRing(standing.version, KEYS))

    @property
    def registrations(self) -> dict[tuple[str, str], object]:
        names = [name for number in PERSONS for name in Pseudonyms(KEYS).of_every_version(number)]
        return {(name, party): OPEN for name in names for party in PARTIES}

    def reports(self, *, lags: bool) -> QualityReports:
        reader = FakeRegistrationReader(self.registrations)  # type: ignore[arg-type]
        log, pseudonyms = FakePrivacyLog(), self.pseudonyms(lags=lags)
        return QualityReports(self.store, reader, FakeOutbox(), log, pseudonyms, lambda: self.now, ACCEPTS)

    def report(self, number: str, party: str, *, lags: bool) -> None:
        told = Told(number, Flaw.WRONG, note=f"report {len(self.told)}")
        made = self.reports(lags=lags).report(told, caller(party, "jbplus:melding"))
        self.told[made.id] = Remembered(number, party, self.now)

    def answer(self, which: int, status: ReportStatus, *, lags: bool) -> None:
        alive = [name for name, told in self.told.items() if self.now < told.made + FIVE_YEARS]
        if alive:
            name = alive[which % len(alive)]
            self.reports(lags=lags).answer(name, status, f"answer at {self.now}", SOURCE)
            self.told[name].status = status.value

    def go_on(self) -> None:
        """Go on to the next phase, as the command does: copy before it switches, remove before it is settled."""
        for number in PERSONS:
            first, second = Pseudonyms(KEYS).of_every_version(number)
            if PHASES[self.phase].phase is Phase.COPYING and first in self.store.doubts:
                self.store.doubts[second] = self.store.doubts[first]
            if PHASES[self.phase].phase is Phase.SWEEPING:
                self.store.doubts.pop(first, None)
        self.phase = min(self.phase + 1, len(PHASES) - 1)

    def check(self) -> None:
        for lags in (False, True):
            store = FakeLookupStore(registrations=self.registrations, doubts=self.store.doubts)  # type: ignore[arg-type]
            lookups = Lookups(store, FakePrivacyLog(), self.pseudonyms(lags=lags), lambda: self.now, ACCEPTS, no_count)
            for party in PARTIES:
                answers = lookups.look_up(
                    Lookup(PERSONS, Purpose.SOCIAL_SUPPLEMENT), caller(party, "jbplus:dossierbeheer")
                )
                for number, answer in zip(PERSONS, answers, strict=True):
                    about = [told for told in self.told.values() if told.number == number]
                    expected = any(told.is_heard_by(party, self.now) for told in about)
                    assert answer == Answered(is_in_doubt=expected)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("report"), st.sampled_from(PERSONS), st.sampled_from(PARTIES), st.booleans()),
        st.tuples(st.just("answer"), st.integers(0, 5), st.sampled_from(ANSWERS), st.booleans()),
        st.just(("go on",)),
        st.tuples(st.just("wait"), st.sampled_from([timedelta(seconds=1), timedelta(days=1), FIVE_YEARS / 2])),
    ),
    max_size=30,
)


@settings(max_examples=300)
@given(STEPS)
@example([("report", ANNA, INFINO, False), ("answer", 0, ReportStatus.INVESTIGATED, False)])
@example([("go on",)] * 4 + [("report", ANNA, INFINO, True), ("answer", 0, ReportStatus.CORRECTED, True)])
@example([("go on",)] * 3 + [("report", ANNA, INFINO, False), ("answer", 0, ReportStatus.INVESTIGATED, True)])
def test_a_doubt_is_heard_by_who_may_hear_it_and_nobody_else(steps: list[tuple[object, ...]]) -> None:
    world = World()
    for step in steps:
        match step:
            case ("report", str() as number, str() as party, bool() as lags):
                world.report(number, party, lags=lags)
            case ("answer", int() as which, ReportStatus() as status, bool() as lags):
                world.answer(which, status, lags=lags)
            case ("wait", timedelta() as how_long):
                world.now += how_long
            case _:
                world.go_on()
        world.check()
