"""Makes up the records of a sample file: what happens to each test person, as small stories."""

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypedDict

from jbplus.mutation_file.records import FIRST_YEAR
from jbplus.persons.state import MEASURE
from jbplus_cli.samples.persons import TestPersons

LARGEST_VOLGNUMMER: Final = 999_999_999
"""Above it a referte would hold rows of figures as long as a person number."""

_CENT: Final = Decimal("0.01")
_FULL_BONUS: Final = Decimal("600.00")
_CORRECTIONS_HELD: Final = 100


class RecordType(StrEnum):
    """MAGDA's mutation codes; values as on the wire."""

    NEW = "01"
    CHANGE = "02"
    ANNULMENT = "03"


class WireBody(TypedDict):
    """A `verrichting` as it stands in a mutation file."""

    maatregel: str
    fiscaalJaar: int
    bedragtype: str
    verrichtingbedrag: str
    effectieveVerrichtingsdatum: str


class _WireHead(TypedDict):
    referte: str
    type: str
    insz: str


class WireRecord(_WireHead, total=False):
    """A record as it stands in a mutation file."""

    verrichting: WireBody


@dataclass(frozen=True, slots=True)
class Step:
    """One record of a story.

    Attributes:
        type: new, change or annulment.
        item: which `verrichting` of the person it is about.
        instalment: `1` or `2`.
        years_ago: how many years before the others its payment lies.
        recovers: the item whose payment it reclaims, or None.
    """

    type: RecordType
    item: int
    instalment: str = "1"
    years_ago: int = 0
    recovers: int | None = None

    @property
    def comes_later(self) -> bool:
        """Whether it mends or reclaims what stands earlier in the file."""
        return self.type is not RecordType.NEW or self.recovers is not None


Story = tuple[Step, ...]

_FIRST = Step(RecordType.NEW, 1)
_SECOND = Step(RecordType.NEW, 2, "2")
STORIES: Final[dict[Story, int]] = {
    (_FIRST,): 44,
    (_FIRST, _SECOND): 40,
    (_FIRST, Step(RecordType.CHANGE, 1)): 5,
    (_FIRST, Step(RecordType.ANNULMENT, 1)): 3,
    (_FIRST, _SECOND, Step(RecordType.NEW, 3, recovers=1)): 5,
    (Step(RecordType.NEW, 1, years_ago=1), Step(RecordType.NEW, 2, "2", years_ago=1), Step(RecordType.NEW, 3)): 3,
}
"""What may happen to a person in one file, with how often in a hundred."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What decides a sample file, to its last byte.

    Attributes:
        persons: number of test persons.
        volgnummer: the file's number.
        seed: decides who the persons are and what happens to them.
        file_day: the calendar day in Brussels of the file.
    """

    persons: int
    volgnummer: int
    seed: int
    file_day: date

    def rng(self, purpose: str) -> random.Random:
        """Make a source of chance of its own for one purpose: the same for the same plan."""
        # Sample data, no secret.
        return random.Random(f"{purpose} {self.seed} {self.volgnummer}")  # noqa: S311

    def stories(self) -> Iterator[Story]:
        """Tell what happens to each person in turn; every call tells the same."""
        rng = self.rng("stories")
        stories, weights = list(STORIES), list(STORIES.values())
        for _ in range(self.persons):
            yield rng.choices(stories, weights)[0]

    def count(self) -> int:
        """Count the records without making them: the envelope, which comes first, must say how many there are."""
        return sum(len(story) for story in self.stories())


def records(plan: Plan) -> Iterator[WireRecord]:
    """Make the records of a plan one by one: corrections some way after what they correct, in bounded memory."""
    later: deque[WireRecord] = deque()
    for record, comes_later in _in_order_of_persons(plan):
        if comes_later:
            later.append(record)
        else:
            yield record
        if len(later) > _CORRECTIONS_HELD:
            yield later.popleft()
    yield from later


def _in_order_of_persons(plan: Plan) -> Iterator[tuple[WireRecord, bool]]:
    persons = TestPersons(plan.seed)
    rng = plan.rng("details")
    for index, story in enumerate(plan.stories()):
        number = persons.number(index)
        paid: dict[int, WireBody] = {}
        for step in story:
            body = _body(step, paid, plan.file_day, rng)
            record = WireRecord(referte=_referte(plan, index, step), type=step.type, insz=number)
            if step.type is not RecordType.ANNULMENT:
                paid[step.item] = record["verrichting"] = body
            yield record, step.comes_later


def _referte(plan: Plan, index: int, step: Step) -> str:
    # Letters between the figures, and none of them long: however they fall, a referte never holds a person number.
    return f"JBP-v{plan.volgnummer}-p{index + 1}-n{step.item}"


def _body(step: Step, paid: dict[int, WireBody], file_day: date, rng: random.Random) -> WireBody:
    if step.recovers is not None:
        recovered = paid[step.recovers]
        amount = Decimal(recovered["verrichtingbedrag"])
        part = rng.choice((1, 1, 2, 4))
        since = date.fromisoformat(recovered["effectieveVerrichtingsdatum"])
        day = since + timedelta(days=rng.randrange((file_day - since).days + 1))
        return {
            **recovered,
            "verrichtingbedrag": str(-(amount / part).quantize(_CENT)),
            "effectieveVerrichtingsdatum": day.isoformat(),
        }
    if step.type is RecordType.CHANGE:
        return {**paid[step.item], "verrichtingbedrag": str(_amount(rng))}
    # Half a year back: a file of January still speaks of the year before last's income.
    fiscal_year = max(FIRST_YEAR, (file_day - timedelta(days=180)).year - 1 - step.years_ago)
    day = _payment_day(step.instalment, date(fiscal_year + 1, 1, 1), file_day, rng)
    return WireBody(
        maatregel=MEASURE,
        fiscaalJaar=fiscal_year,
        bedragtype=step.instalment,
        verrichtingbedrag=str(_amount(rng)),
        effectieveVerrichtingsdatum=day.isoformat(),
    )


def _payment_day(instalment: str, earliest: date, file_day: date, rng: random.Random) -> date:
    """Draw a day in the year that begins with `earliest`: its first half, or its second for a second instalment."""
    begin = min(earliest, file_day)
    half = min((file_day - begin).days, 364) // 2
    return begin + timedelta(days=rng.randint(0, half) + (half if instalment == "2" else 0))


def _amount(rng: random.Random) -> Decimal:
    """Draw an amount in EUR: often the full bonus, else part of it."""
    return _FULL_BONUS if rng.random() < 0.4 else Decimal(rng.randrange(20_00, 600_00)) * _CENT  # noqa: PLR2004
