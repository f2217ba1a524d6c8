"""What a segment is made of, what a checkpoint says, and how a record is proven: pure functions (Article 6).

How all of it is hashed and signed stands in `verify`, which auditors run by itself.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from jbplus.checkpoints.verify import (
    NAME,
    NOTHING_BEFORE,
    TOLD,
    TOLD_BESIDES,
    Checkpoint,
    Record,
    Segment,
    canonical,
    level_above,
    root_of,
    salts,
)
from jbplus.protocol.calendar import brussels_day

MOST_RECORDS = 100_000
"""The most records of a segment; what is more goes into the next one at once."""

SWEPT_DAYS = 4
"""How many days, of ten years in turn, are looked at wholly beside those just past."""

# A little less: what tells that a record was sealed is kept for 3653 days, and DynamoDB deletes late.
_TEN_YEARS = 3650
_LOOKED_BACK = timedelta(days=1)
_INDEX_FOLLOWS = timedelta(days=1)


def record_of(item: Mapping[str, Mapping[str, Any]]) -> Record:
    """Take an item of the privacy log's table apart: what officers are told, and the rest, a pseudonym among it."""
    plain = {name: _plain(value) for name, value in item.items()}
    plain = _of_keys(str(plain.get("subject")), str(plain.get("entry"))) | plain
    told = {*TOLD.values(), *TOLD_BESIDES}
    return Record(
        canonical({name: value for name, value in plain.items() if name in told}),
        canonical({name: value for name, value in plain.items() if name not in told}),
    )


def _of_keys(subject: str, entry: str) -> dict[str, object]:
    """Read what the keys of a record say, which records say themselves only when they are old."""
    party, _, person = subject.partition("#")
    moment, _, call = entry.partition("#")
    said: dict[str, object] = {"party": party, "moment": moment, "reference": call.partition("#")[0]}
    return said | {"person": person} if person else said


def _plain(value: Mapping[str, Any]) -> object:
    """Give the value of an attribute; of one that the log never writes, all of it in words."""
    match dict(value):
        case {"S": str(text)}:
            return text
        case {"BOOL": bool(truth)}:
            return truth
        case {"N": str(number)} if number.isdecimal() and number == str(int(number)):
            return int(number)
        case other:
            return {"?": repr(other)}


@dataclass(frozen=True, slots=True)
class Days:
    """Where new records are looked for first.

    Attributes:
        whole: days in Brussels that are looked at from their beginning to their end.
        recent: days that are looked at from a moment on.
        since: that moment, in UTC.
    """

    whole: Sequence[date]
    recent: Sequence[date]
    since: str


def days_to_look_at(now: datetime, last: str | None, number: int) -> Days:
    """Choose the days to look at for a segment.

    No clock decides whether a record is sealed, only how soon: what is dated elsewhere is found when its day's turn
    comes, within 38 days.

    Args:
        now: the present moment.
        last: when the records of the segment before were looked for; None when there is none.
        number: of the segment.
    """
    since = min(now, now if last is None else datetime.fromisoformat(last)) - _LOOKED_BACK
    today = brussels_day(now)
    first, end = brussels_day(since).toordinal(), brussels_day(now + _INDEX_FOLLOWS).toordinal()
    turn = (number * SWEPT_DAYS + step for step in range(SWEPT_DAYS))
    whole = [today - timedelta(days=back % _TEN_YEARS) for back in turn]
    recent = [day for day in map(date.fromordinal, range(first, end + 1)) if day not in whole]
    return Days(whole, recent, since.astimezone(UTC).isoformat(timespec="microseconds"))


def moment_after(now: datetime, last: str | None) -> str:
    """Give the moment of a segment: the present one, and later than that of the segment before."""
    moment = now.astimezone(UTC)
    if last is not None:
        moment = max(moment, datetime.fromisoformat(last) + timedelta(microseconds=1))
    return moment.isoformat(timespec="microseconds")


def statement(segment: Segment, previous: Checkpoint | None, key: bytes, next_key: bytes) -> dict[str, Any]:
    """Say what a checkpoint of a segment says; it is signed as `canonical` writes it."""
    return {
        "naam": NAME,
        "versie": "01.00.0000",
        "nummer": segment.number,
        "tijdstip": segment.moment,
        "vorige": NOTHING_BEFORE if previous is None else previous.hash,
        "wortel": root_of(segment.ordered).hex(),
        "sleutel": base64.b64encode(key).decode(),
        "volgendeSleutel": base64.b64encode(next_key).decode(),
    }


def checkpoint(stated: Mapping[str, Any], signature: bytes) -> bytes:
    """Write a checkpoint."""
    return canonical({"controlepunt": stated, "handtekening": base64.b64encode(signature).decode()})


class Prover:
    """Proves that records are in a segment, whose tree is grown once.

    Args:
        segment: the segment.
    """

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._salts = salts(segment.seed, len(segment.leaves))
        self._levels = [segment.ordered]
        while len(self._levels[-1]) > 1:
            self._levels.append(level_above(self._levels[-1]))
        self._places = {hashed: place for place, hashed in enumerate(self._levels[0])}

    def proof(self, number: int) -> dict[str, Any]:
        """Prove that a record is there: what an officer needs besides the record and the checkpoint.

        Args:
            number: the record's in the segment, from 0.
        """
        place = self._places[self._segment.leaves[number]]
        path = [level[(place >> height) ^ 1].hex() for height, level in enumerate(self._levels[:-1])]
        _, rest = self._segment.records[number].hashes
        said = {"controlepunt": self._segment.number, "zout": self._salts[number].hex(), "rest": rest.hex()}
        return said | {"plaats": place, "pad": path}
