"""A notice: tells a recipient which of the persons it registered to look up again (contract: keys, never amounts)."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from jbplus.calendar import BRUSSELS
from jbplus.mutation_file.records import MutationType
from jbplus.parties import WEWIS

PREFIX = "werk.publiceermutatiesnotificatiesjobbonusplus-0100_"
# Any fixed UUID does: it makes a notice's referte follow from its recipient and number.
_NAMESPACE = uuid.UUID("5f0d6e64-0a5c-4a9e-8f6b-2f2f6f5a3c11")
_MILLISECOND = timedelta(milliseconds=1)


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Notification(_Wire):
    """One applied record of a person that the recipient registered.

    Attributes:
        referte: the sender's stable name of the payment.
        type: 01 new, 02 change, 03 annulment.
        insz: whom to look up.
        volgnummer: of the mutation file; an answer with at least this number takes the record into account.
    """

    referte: str
    type: MutationType
    insz: str
    volgnummer: int


class NoticeContext(_Wire):
    """The envelope of a notice.

    Attributes:
        volgnummer: the recipient's own number of the notice, from 1, without gaps.
        tijdstip: when the number was given out.
        ontvanger: KBO number of the recipient.
        aantal: how many notifications it holds.
    """

    naam: Literal["PubliceerMutatiesNotificatiesJobbonusPlus"] = "PubliceerMutatiesNotificatiesJobbonusPlus"
    versie: Literal["01.00.0000"] = "01.00.0000"
    referte: str
    volgnummer: Annotated[int, Field(ge=1)]
    tijdstip: datetime
    afzender: str = WEWIS.kbo
    ontvanger: str
    aantal: int


class Notice(_Wire):
    """A notice as on the wire."""

    context: NoticeContext
    notificaties: tuple[Notification, ...]

    def to_json(self) -> bytes:
        """Write it; the same notice always gives the same bytes."""
        return self.model_dump_json().encode()


def compose(recipient: str, number: int, moment: datetime, notifications: Sequence[Notification]) -> Notice:
    """Make the notice of a recipient with a number: all of it follows from what is given.

    Args:
        recipient: KBO number.
        number: the recipient's own number of it.
        moment: when the number was given out.
        notifications: at least one.
    """
    return Notice(
        context=NoticeContext(
            referte=str(uuid.uuid5(_NAMESPACE, f"{recipient}/{number}")),
            volgnummer=number,
            tijdstip=moment.astimezone(BRUSSELS),
            ontvanger=recipient,
            aantal=len(notifications),
        ),
        notificaties=tuple(notifications),
    )


def file_name(moment: datetime) -> str:
    """Name the file of a notice by its moment, in UTC: local time goes back an hour each autumn."""
    return f"{PREFIX}{moment.astimezone(UTC):%Y%m%d%H%M%S}{moment.microsecond // 1000:03d}.json"


def next_moment(now: datetime, last: datetime | None) -> datetime:
    """Give the moment of a recipient's next notice, whole milliseconds and later than its last one.

    So the names of a recipient's notices differ, and sort as their numbers do, whatever the clocks say.
    """
    this = now.replace(microsecond=now.microsecond // 1000 * 1000)
    return this if last is None or this > last else last + _MILLISECOND
