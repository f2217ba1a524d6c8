"""The file of a stand: made by the exchange every night, and compared by the party that it is for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, Literal, NamedTuple, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from jbplus.protocol.calendar import BRUSSELS
from jbplus.protocol.outbox import STAND_PREFIX
from jbplus.stand.rules import RANGES, Range


class _Wire(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class StandContext(_Wire):
    """The envelope of a stand.

    Attributes:
        naam: what it is.
        versie: of the form.
        tijdstip: when it was begun; what came after may be in it or not.
        ontvanger: KBO number of the party.
        aantal: how many registrations it is made of.
    """

    naam: Literal["PubliceerStandJobbonusPlus"]
    versie: Literal["01.00.0000"]
    tijdstip: AwareDatetime
    ontvanger: Annotated[str, Field(pattern=r"^[0-9]{10}$")]
    aantal: Annotated[int, Field(ge=0)]


class RangeOfStand(NamedTuple):
    """What a stand says of a range.

    Attributes:
        size: how many registrations are in it.
        fingerprint: their fingerprint, 32 hexadecimal digits.
    """

    size: Annotated[int, Field(ge=1)]
    fingerprint: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


RangeName = Annotated[str, Field(pattern=r"^[0-9a-f]{3}$")]
"""The name of a range: the three digits that its handles begin with."""


class Stand(_Wire):
    """A stand: count and fingerprint of each range of handles; a range that is not named is empty."""

    context: StandContext
    bereiken: Annotated[dict[RangeName, RangeOfStand], Field(max_length=RANGES)]

    @model_validator(mode="after")
    def _count(self) -> Self:
        if self.context.aantal != sum(each.size for each in self.bereiken.values()):
            raise PydanticCustomError("count", "does not hold as many registrations as its context says")
        return self

    @classmethod
    def of(cls, party: str, moment: datetime, ranges: Mapping[str, Range]) -> Self:
        """Make the stand of a party, by its KBO number: the same pairs and moment always give the same bytes."""
        return cls(
            context=StandContext(
                naam="PubliceerStandJobbonusPlus",
                versie="01.00.0000",
                tijdstip=moment.astimezone(BRUSSELS),
                ontvanger=party,
                aantal=sum(each.count for each in ranges.values()),
            ),
            bereiken={name: RangeOfStand(each.count, each.fingerprint) for name, each in sorted(ranges.items())},
        )

    @property
    def ranges(self) -> dict[str, Range]:
        """What it says of each range that is not empty."""
        return {name: Range(each.size, int(each.fingerprint, 16)) for name, each in self.bereiken.items()}

    def to_json(self) -> bytes:
        """Write it."""
        return self.model_dump_json().encode()


FILE_NAME: Final = f"{STAND_PREFIX}.json"
"""The name of every stand: the newest takes the place of the one before, wherever that stands or waits."""
