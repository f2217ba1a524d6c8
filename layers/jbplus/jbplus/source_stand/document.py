"""The file of the source's stand: made by the exchange every night, and compared by WEWIS with its books."""

import gzip
import io
from collections.abc import Iterable
from datetime import date
from typing import Annotated, BinaryIO, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from jbplus.mutation_file.records import MAX_VOLGNUMMER
from jbplus.protocol.parties import WEWIS
from jbplus.source_stand.rules import Line, mark_of_key

FILE_NAME: Final = "werk.publiceerbronstandjobbonusplus-0100.json.gz"
"""The name of every one of these files: the newest takes the place of the one before, wherever that stands or waits."""

_BUFFER: Final = 1024 * 1024

Mark = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Volgnummer = Annotated[int, Field(ge=1, le=MAX_VOLGNUMMER)]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SourceStandContext(_Wire):
    """The envelope.

    Attributes:
        naam: what it is.
        versie: of the form.
        dag: the calendar day in Brussels that it was made on, by which it is judged whose data have ended.
        ontvanger: KBO number of WEWIS.
        bewaartermijn: the retention term, in years.
        sleutel: the mark of the key that its marks are made with.
        volgnummer: the highest that touched anybody whose data are kept; absent when there is nobody. It does not tell
            that files with lower numbers are in.
        aantal: how many verrichtingen it has.
    """

    naam: Literal["PubliceerBronstandJobbonusPlus"]
    versie: Literal["01.00.0000"]
    dag: date
    ontvanger: Annotated[str, Field(pattern=r"^[0-9]{10}$")]
    bewaartermijn: Annotated[int, Field(ge=1)]
    sleutel: Mark
    volgnummer: Volgnummer | None = None
    aantal: Annotated[int, Field(ge=0)]

    @classmethod
    def of(cls, day: date, *, retention_years: int, key: bytes, highest: int, count: int) -> Self:
        """Make the envelope of a stand.

        Args:
            day: the calendar day in Brussels.
            retention_years: the retention term.
            key: the key of its marks.
            highest: the highest volgnummer; 0 when there is none.
            count: how many verrichtingen it has.
        """
        return cls(
            naam="PubliceerBronstandJobbonusPlus",
            versie="01.00.0000",
            dag=day,
            ontvanger=WEWIS.kbo,
            bewaartermijn=retention_years,
            sleutel=mark_of_key(key),
            volgnummer=highest or None,
            aantal=count,
        )


class SourceStandLine(_Wire):
    """One verrichting that is live.

    Attributes:
        referte: its name.
        kenmerk: the mark of what it says.
        volgnummer: of the file that says what is now so.
        index: the position of the record in that file, from 0.
    """

    referte: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    kenmerk: Mark
    volgnummer: Volgnummer
    index: Annotated[int, Field(ge=0)]


class SourceStand(_Wire):
    """A stand as it stands in the file, in gzip; in the order of these fields."""

    context: SourceStandContext
    verrichtingen: list[SourceStandLine]


def write(into: BinaryIO, context: SourceStandContext, lines: Iterable[Line]) -> None:
    """Write a stand: the same lines and context always give the same bytes.

    Args:
        into: gets the file, in gzip.
        context: its envelope.
        lines: in their order.
    """
    # Without a moment in it, and without a name.
    packed = gzip.GzipFile(filename="", mode="wb", fileobj=into, mtime=0)
    with io.BufferedWriter(packed, _BUFFER) as file:
        file.write(f'{{"context":{context.model_dump_json(exclude_none=True)},\n"verrichtingen":['.encode())
        for place, line in enumerate(lines):
            wire = (
                f'{{"referte":"{line.referte}","kenmerk":"{line.mark}",'
                f'"volgnummer":{line.rank.volgnummer},"index":{line.rank.position}}}'
            )
            file.write(f"{',' if place else ''}\n{wire}".encode())
        file.write(b"\n]}\n")
