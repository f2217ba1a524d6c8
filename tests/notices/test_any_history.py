"""Over any history: a recipient is told the applied records of its persons, no more, no less, once for each file."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from jbplus.mutation_file.report import Report, own_name
from tests.intake.fakes import sha256
from tests.notices.fakes import KilledError, NoticesWorld, nobody_left, numbers
from tests.support.files import annulment, mutation_file, record
from tests.support.known import INFINO, PARENTIA
from tests.support.people import ANNA, BRAM, CELINE

PARTIES = (INFINO, PARENTIA)
PERSONS = (ANNA, BRAM, CELINE)

_INSZ, _REFERTES = st.sampled_from(PERSONS), st.sampled_from("abc")
_AMOUNTS = st.sampled_from(["600.00", "-600.00", "450.50"])
_PAID = st.builds(
    lambda insz, referte, type_, amount: record(insz, referte, type_, verrichtingbedrag=amount),
    _INSZ,
    _REFERTES,
    st.sampled_from(["01", "02"]),
    _AMOUNTS,
)
_BAD = st.just(record(ANNA, "a", verrichtingbedrag="0"))
_FILES = st.dictionaries(
    st.integers(1, 9), st.lists(st.one_of(_PAID, st.builds(annulment, _INSZ, _REFERTES), _BAD), max_size=5), min_size=1
)


@dataclass(frozen=True)
class Step:
    """One thing that happens: a file comes (again), a round goes, a suspension begins or ends; and perhaps a death.

    Attributes:
        what: "file", "round", "suspend" or "lift".
        which: the place of the file or the party.
        dies_at: the write of the notices at which the process dies, from 1; None to live.
        after: whether that write takes effect.
        rival: whether a round of a rival comes at that write instead of the death.
    """

    what: str
    which: int
    dies_at: int | None
    after: bool
    rival: bool


_STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(["file", "file", "file", "round", "round", "suspend", "lift"]),
        st.integers(0, 20),
        st.none() | st.integers(1, 12),
        st.booleans(),
        st.booleans(),
    ),
    max_size=12,
)
_REGISTRATIONS = st.fixed_dictionaries({party: st.sets(st.sampled_from(PERSONS)) for party in PARTIES})


def happen(world: NoticesWorld, step: Step, files: list[bytes]) -> None:
    party = PARTIES[step.which % len(PARTIES)]
    world.life.writes, world.life.at, world.life.after = 0, step.dies_at, step.after
    world.life.rival = world.go_round if step.rival else None
    try:
        match step.what:
            case "file":
                place = step.which % len(files)
                world.take_in(files[place], f"{place}.json")
            case "round":
                world.go_round()
            case "suspend":
                world.suspend(party)
            case _:
                world.lift(party)
    except KilledError:
        pass
    finally:
        world.life.at = world.life.rival = None


def finish(world: NoticesWorld, files: list[bytes]) -> None:
    """Deliver every file once more, end every suspension, and go round."""
    for place, content in enumerate(files):
        world.take_in(content, f"{place}.json")
    for party in PARTIES:
        world.lift(party)
    world.go_round()


def applied_count(world: NoticesWorld, content: bytes) -> int:
    """Tell how many records of a file its report calls applied."""
    report = Report.model_validate_json(world.bucket.reports[own_name("x", sha256(content))])
    return report.aantallen.toegepast


@settings(max_examples=150)
@given(_FILES, _REGISTRATIONS, _STEPS)
def test_a_recipient_is_told_the_applied_records_of_its_persons_once(
    by_volgnummer: dict[int, list[Any]], registered: dict[str, set[str]], steps: list[Step]
) -> None:
    world = NoticesWorld()
    for party, persons in registered.items():
        world.register(party, *persons)
    files = [mutation_file(records, volgnummer) for volgnummer, records in sorted(by_volgnummer.items())]

    for step in steps:
        happen(world, step, files)
    finish(world, files)

    for party in PARTIES:
        notices = world.notices(party)
        assert numbers(notices) == list(range(1, len(notices) + 1)), "gapless, and in the order of the names"
        told = Counter(world.told(party))
        assert {insz for _, _, insz, _ in told} <= registered[party]
        for content, (volgnummer, records) in zip(files, sorted(by_volgnummer.items()), strict=True):
            of_file = Counter({key: count for key, count in told.items() if key[3] == volgnummer})
            good = Counter(
                (each["referte"], each["type"], each["insz"], volgnummer)
                for each in records
                if each.get("verrichting", {}).get("verrichtingbedrag") != "0" and each["insz"] in registered[party]
            )
            assert of_file <= good, "nothing that was not in the file"
            if registered[party] == set(PERSONS):
                assert of_file.total() == applied_count(world, content), "just as many as the report calls applied"
            if volgnummer == max(by_volgnummer):
                assert of_file == good, "what nothing could supersede was told whole"
    assert nobody_left(world, PARTIES)
