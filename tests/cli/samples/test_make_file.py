"""`jbplus make-file`: sample files about test persons, the same bytes for the same arguments."""

import gzip
import json
import re
import tempfile
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jbplus.mutation_file.codes import Finding
from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.reader import Limits, inspect
from jbplus.mutation_file.records import Circumstances
from jbplus.mutation_file.successions import parse
from jbplus.protocol.insz import InszKind, kind
from jbplus_cli.files.delivery import fingerprint
from jbplus_cli.samples.files import Made, Order, moment_of, write_file
from jbplus_cli.samples.flaws import FLAWS
from jbplus_cli.samples.persons import CAPACITY, TestPersons
from jbplus_cli.samples.records import LARGEST_VOLGNUMMER, STORIES, Plan, records
from tests.cli.world import World

YEAR = 2026
PLAN = Plan(persons=3000, volgnummer=5, seed=11, file_day=date(2025, 3, 4))

volgnummers = st.integers(1, LARGEST_VOLGNUMMER)
seeds = st.integers()


@st.composite
def orders(draw: st.DrawFn) -> Order:
    volgnummer = draw(volgnummers)
    moments = st.datetimes(datetime(2022, 1, 1), datetime(YEAR, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy adds UTC
    return Order(
        persons=draw(st.integers(0, 30)),
        volgnummer=volgnummer,
        seed=draw(seeds),
        bad=draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])),
        tijdstip=draw(moments | st.just(moment_of(volgnummer))),
    )


def made(order: Order, name: str = "file.json") -> tuple[Made, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        result = write_file(order, Path(folder) / name)
        assert [path.name for path in Path(folder).iterdir()] == [name]
        return result, result.path.read_bytes()


def numbers_in(text: str) -> Iterator[str]:
    """Every row of eleven digits that stands in a text, overlapping ones too."""
    for row in re.findall(r"[0-9]{11,}", text):
        yield from (row[start : start + 11] for start in range(len(row) - 10))


@given(orders())
def test_the_intake_takes_every_good_record_and_no_bad_one(order: Order) -> None:
    result, content = made(order)
    document = json.loads(content)
    inspection = inspect([content], received=order.tijdstip, limits=Limits())

    assert inspection.refusal is None
    assert inspection.context is not None
    assert inspection.context.volgnummer == order.volgnummer
    assert inspection.context.tijdstip == order.tijdstip.replace(microsecond=0)
    circumstances = Circumstances(inspection.context.file_day, test_numbers_allowed=True)
    verdicts = [
        parse(record, index, Kind.MUTATIONS, circumstances) for index, record in enumerate(document["mutaties"])
    ]
    assert document["context"]["aantal"] == result.records == len(verdicts)
    assert sum(isinstance(verdict, Finding) for verdict in verdicts) == result.bad == round(order.bad * result.records)


@given(orders())
def test_no_number_in_a_file_could_be_a_citizens(order: Order) -> None:
    """Not as an INSZ, nor anywhere else in a record; the month says so even where the check digits are spoilt."""
    _, content = made(order)
    for record in json.loads(content)["mutaties"]:
        if isinstance(record, dict):
            assert 61 <= int(record["insz"][2:4]) <= 72
        for number in numbers_in(re.sub(r"[-.]", "", json.dumps(record))):
            assert kind(number, year=YEAR) in {None, InszKind.TEST}


@given(orders())
def test_the_same_arguments_give_the_same_bytes(order: Order) -> None:
    _, plain = made(order)
    _, packed = made(order, "other.json.gz")

    assert made(order)[1] == plain
    assert made(order, "again.json.gz")[1] == packed
    assert gzip.decompress(packed) == plain
    # RFC 1952: neither a time of modification nor a file name in the header.
    assert packed[3:8] == bytes(5)


@given(volgnummers, seeds)
def test_another_volgnummer_is_another_file_about_the_same_persons(volgnummer: int, seed: int) -> None:
    def persons(number: int) -> tuple[str, list[Any]]:
        document = json.loads(made(Order(5, number, seed, moment_of(number)))[1])
        return document["context"]["referte"], sorted({record["insz"] for record in document["mutaties"]})

    other = volgnummer % LARGEST_VOLGNUMMER + 1
    assert persons(volgnummer)[0] != persons(other)[0]
    assert persons(volgnummer)[1] == persons(other)[1]


@given(seeds, st.lists(st.integers(0, CAPACITY - 1), min_size=2, max_size=50, unique=True))
def test_different_persons_have_different_test_numbers(seed: int, indices: list[int]) -> None:
    persons = TestPersons(seed)
    numbers = [persons.number(index) for index in indices]

    assert len(set(numbers)) == len(indices)
    assert {kind(number, year=YEAR) for number in numbers} == {InszKind.TEST}


@given(seeds, st.integers(0, CAPACITY - 1), st.sampled_from([2, 3, 7, 47, 997]))
def test_the_order_of_the_persons_has_no_shorter_round(seed: int, index: int, factor: int) -> None:
    persons = TestPersons(seed)

    assert CAPACITY % factor == 0
    assert persons.number(index) != persons.number((index + CAPACITY // factor) % CAPACITY)


@given(seeds, st.integers(0, CAPACITY - 1))
def test_a_test_person_is_of_working_age(seed: int, index: int) -> None:
    number = TestPersons(seed).number(index)

    # Before 2000 a number of the new century does not exist yet.
    born_in_this_century = kind(number, year=1999) is None
    assert (number[:2] in {"00", "01", "02", "03", "04", "05", "06"}) == born_in_this_century
    assert born_in_this_century or int(number[:2]) >= 60


@given(volgnummers)
def test_a_moment_follows_from_the_volgnummer_and_is_never_in_the_future(volgnummer: int) -> None:
    moment = moment_of(volgnummer)

    assert date(2025, 1, 1) <= moment.date() <= date(2025, 12, 31)
    if volgnummer % 365:
        assert moment_of(volgnummer + 1).date() == moment.date() + timedelta(days=1)


def test_each_way_of_spoiling_a_record_is_noticed_whatever_the_record() -> None:
    circumstances = Circumstances(PLAN.file_day, test_numbers_allowed=True)
    codes: dict[int, set[str]] = {}
    for record in records(PLAN):
        before = json.dumps(record)
        for index, flaw in enumerate(FLAWS):
            verdict = parse(flaw(record, PLAN.file_day), 0, Kind.MUTATIONS, circumstances)
            assert isinstance(verdict, Finding), f"flaw {index} goes unnoticed"
            codes.setdefault(index, set()).add(verdict.code)
        assert json.dumps(record) == before

    assert all(len(found) == 1 for found in codes.values())
    assert len(set.union(*codes.values())) >= 14


def test_the_mixture_is_a_realistic_day() -> None:
    made_up = list(records(PLAN))
    types = Counter(record["type"] for record in made_up)
    amounts = [Decimal(record["verrichting"]["verrichtingbedrag"]) for record in made_up if "verrichting" in record]
    instalments = Counter(record["verrichting"]["bedragtype"] for record in made_up if "verrichting" in record)

    assert sum(STORIES.values()) == 100
    assert len(made_up) == PLAN.count()
    assert types["01"] > 20 * types["02"] > 20
    assert types["03"] > 50
    assert instalments["1"] > instalments["2"] > 1000
    assert 100 < sum(amount < 0 for amount in amounts) < 200
    assert all(-600 <= amount <= 600 and amount for amount in amounts)


def test_corrections_come_after_what_they_correct_and_not_at_once() -> None:
    position: dict[str, int] = {}
    distances = []
    for index, record in enumerate(records(PLAN)):
        if record["type"] == "01":
            position[record["referte"]] = index
        else:
            distances.append(index - position[record["referte"]])

    assert len(distances) > 100
    assert min(distances) > 1


def test_a_recovery_takes_back_no_more_than_was_paid_and_not_before() -> None:
    paid: dict[str, list[Any]] = {}
    recovered = 0
    for record in records(PLAN):
        if record["type"] != "01":
            continue
        body = record["verrichting"]
        amount, day = Decimal(body["verrichtingbedrag"]), date.fromisoformat(body["effectieveVerrichtingsdatum"])
        if amount > 0:
            paid.setdefault(record["insz"], []).append((body["fiscaalJaar"], amount, day))
        else:
            recovered += 1
            assert any(
                year == body["fiscaalJaar"] and amount + before >= 0 and since <= day <= PLAN.file_day
                for year, before, since in paid[record["insz"]]
            )
    assert recovered > 50


def test_the_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(persons: int) -> int:
        tracemalloc.start()
        write_file(Order(persons, 1, 1, moment_of(1), bad=0.1), tmp_path / "file.json")
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(10)
    small, large = peak(1000), peak(5000)
    assert (tmp_path / "file.json").stat().st_size > 1_500_000
    assert large < small + 200_000


def test_the_command_writes_the_file_and_says_what_is_in_it(world: World, tmp_path: Path) -> None:
    file = tmp_path / "sample.json.gz"
    arguments = ("make-file", "--persons", 200, "--volgnummer", 7, "--seed", 3, "--bad", "0.1", "-o", file)

    result = world.run(*arguments, "--json")
    shown = world.run(*arguments)

    document = json.loads(gzip.decompress(file.read_bytes()))
    said = json.loads(result.stdout)
    assert result.exit_code == shown.exit_code == 0
    assert said["records"] == len(document["mutaties"]) == document["context"]["aantal"]
    assert said["bad"] == round(said["records"] / 10)
    assert said["size"] == file.stat().st_size
    assert said["tijdstip"] == document["context"]["tijdstip"] == "2025-01-07T18:30:00+01:00"
    assert re.search(rf"Records +{said['records']}\b", shown.stdout)


def test_the_moment_may_be_chosen(world: World, tmp_path: Path) -> None:
    file = tmp_path / "sample.json"
    arguments = ("make-file", "--persons", 50, "--volgnummer", 7, "--seed", 3, "-o", file)

    world.run(*arguments, "--tijdstip", "2022-07-01T00:30:00+02:00")

    document = json.loads(file.read_bytes())
    assert document["context"]["tijdstip"] == "2022-07-01T00:30:00+02:00"
    bodies = [record["verrichting"] for record in document["mutaties"] if "verrichting" in record]
    assert max(body["effectieveVerrichtingsdatum"] for body in bodies) <= "2022-07-01"


@pytest.mark.parametrize(
    "options",
    [
        ("--bad", "1.1"),
        ("--bad", "nan"),
        ("--persons", "-1"),
        ("--persons", str(CAPACITY + 1)),
        ("--volgnummer", "0"),
        ("--tijdstip", "2025-03-04T18:30:00"),
        ("--tijdstip", "yesterday"),
        ("--tijdstip", "2021-12-31T23:30:00Z"),
        ("--tijdstip", "2021-12-31T22:30:00Z"),
    ],
)
def test_what_no_file_can_be_made_of_is_a_usage_error(world: World, tmp_path: Path, options: tuple[str, ...]) -> None:
    file = tmp_path / "sample.json"
    result = world.run("make-file", "--persons", 1, "--volgnummer", 1, "--seed", 1, "-o", file, *options)

    # Midnight in Brussels is 23:00 in UTC: only the last of these days is 1 January 2022 there.
    expected = 0 if options[-1] == "2021-12-31T23:30:00Z" else 2
    assert result.exit_code == expected
    assert file.exists() == (expected == 0)


def test_a_place_that_cannot_be_written_is_said_plainly(world: World, tmp_path: Path) -> None:
    file = tmp_path / "no" / "folder" / "sample.json"

    result = world.run("make-file", "--persons", 1, "--volgnummer", 1, "--seed", 1, "-o", file)

    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
    assert "Traceback" not in result.output


def test_a_made_file_is_recognised_packed_or_not(tmp_path: Path) -> None:
    order = Order(100, 1, 1, moment_of(1))
    write_file(order, tmp_path / "a.json")
    write_file(order, tmp_path / "b.json.gz")

    assert fingerprint(tmp_path / "a.json") == fingerprint(tmp_path / "b.json.gz")
