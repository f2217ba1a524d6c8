"""A notice: tells a recipient which of the persons it registered to look up again (C2): keys, never amounts."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import override

from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.records import MAX_VOLGNUMMER, MutationType
from jbplus.mutation_file.successions import SuccessionType
from jbplus.protocol import insz
from jbplus.protocol.calendar import BRUSSELS
from jbplus.protocol.parties import WEWIS, WEWIS_KBOS

PREFIX = "werk.publiceermutatiesnotificatiesjobbonusplus-0100_"
"""What the names of notices begin with; they grow with the notices' numbers."""

SUCCESSION_PREFIX = "werk.publiceeropvolgingsnotificaties-0100_"
"""The same of notices of successions, which have numbers of their own."""

# Any fixed UUID does: it makes a notice's referte follow from its recipient and number.
_NAMESPACE = uuid.UUID("5f0d6e64-0a5c-4a9e-8f6b-2f2f6f5a3c11")
_MILLISECOND = timedelta(milliseconds=1)

_Volgnummer = Annotated[int, Field(ge=1, le=MAX_VOLGNUMMER)]


def _check_sender(kbo: str) -> str:
    if kbo not in WEWIS_KBOS:
        raise PydanticCustomError("sender", "is not WEWIS")
    return kbo


def _check_insz(number: str) -> str:
    # Which century it is hardly matters here: whether it is a person of the recipient's is for the exchange to say.
    if insz.kind(number, year=9999) is None:
        raise PydanticCustomError("insz", "is not a person number")
    return number


class _Wire(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Notification(_Wire):
    """One applied record of a person that the recipient registered.

    Attributes:
        referte: the sender's stable name of the payment or recovery.
        type: 01 new, 02 change, 03 annulment.
        insz: whom to look up.
        volgnummer: of the mutation file; only a lookup that is made after the notice was taken has the record.
    """

    referte: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    type: MutationType
    insz: Annotated[str, AfterValidator(_check_insz)]
    volgnummer: _Volgnummer

    @property
    def numbers(self) -> tuple[str, ...]:
        """The persons' numbers that it says."""
        return (self.insz,)


class SuccessionNotification(Notification):
    """One applied succession of a person that the recipient registered.

    Attributes:
        type: 01 the number is replaced, 03 that is taken back.
        nieuw: the number that replaces `insz`; only for who registered `insz`, the old one.
    """

    type: SuccessionType
    nieuw: Annotated[str, AfterValidator(_check_insz)] | None = None

    @property
    @override
    def numbers(self) -> tuple[str, ...]:
        return (self.insz,) if self.nieuw is None else (self.insz, self.nieuw)


class NoticeEnvelope(_Wire):
    """The envelope of a notice of any kind.

    Attributes:
        naam: what the notice is.
        volgnummer: the recipient's own number of the notice, from 1, without gaps, in the series of its kind.
        tijdstip: when the number was given out.
        ontvanger: KBO number of the recipient.
        aantal: how many notifications it holds.
    """

    naam: str
    versie: Literal["01.00.0000"]
    referte: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$")]
    volgnummer: _Volgnummer
    tijdstip: AwareDatetime
    afzender: Annotated[str, AfterValidator(_check_sender)]
    ontvanger: str
    aantal: Annotated[int, Field(ge=0)]


class NoticeContext(NoticeEnvelope):
    """The envelope of a notice of mutations."""

    naam: Literal["PubliceerMutatiesNotificatiesJobbonusPlus"]


class SuccessionNoticeContext(NoticeEnvelope):
    """The envelope of a notice of successions."""

    naam: Literal["PubliceerOpvolgingsnotificaties"]


class AnyNotice(_Wire):
    """A notice of any kind as on the wire."""

    context: NoticeEnvelope
    notificaties: tuple[Notification, ...]

    @model_validator(mode="after")
    def _count(self) -> Self:
        if self.context.aantal != len(self.notificaties):
            raise PydanticCustomError("count", "does not hold as many notifications as its context says")
        return self

    def to_json(self) -> bytes:
        """Write it; the same notice always gives the same bytes."""
        return self.model_dump_json(exclude_none=True).encode()

    def told(self) -> dict[str, int]:
        """Give the highest volgnummer that the notice tells of each person, by INSZ."""
        told: dict[str, int] = {}
        for one in self.notificaties:
            told[one.insz] = max(one.volgnummer, told.get(one.insz, 0))
        return told


class Notice(AnyNotice):
    """A notice of mutations."""

    context: NoticeContext


class SuccessionNotice(AnyNotice):
    """A notice of successions."""

    context: SuccessionNoticeContext
    notificaties: tuple[SuccessionNotification, ...]


def compose(
    recipient: str,
    number: int,
    moment: datetime,
    notifications: Sequence[Notification],
    kind: Kind = Kind.MUTATIONS,
) -> AnyNotice:
    """Make the notice of a recipient with a number: all of it follows from what is given.

    Args:
        recipient: KBO number.
        number: the recipient's own number of it, in the series of its kind.
        moment: when the number was given out.
        notifications: at least one.
        kind: of the file that it tells of.
    """
    form, naam, source = _FORMS[kind]
    return form.model_validate(
        {
            "context": {
                "naam": naam,
                "versie": "01.00.0000",
                "referte": str(uuid.uuid5(_NAMESPACE, f"{recipient}/{source}{number}")),
                "volgnummer": number,
                "tijdstip": moment.astimezone(BRUSSELS),
                "afzender": WEWIS.kbo,
                "ontvanger": recipient,
                "aantal": len(notifications),
            },
            "notificaties": tuple(notifications),
        }
    )


_FORMS: dict[Kind, tuple[type[AnyNotice], str, str]] = {
    Kind.MUTATIONS: (Notice, "PubliceerMutatiesNotificatiesJobbonusPlus", ""),
    Kind.SUCCESSIONS: (SuccessionNotice, "PubliceerOpvolgingsnotificaties", "opvolging/"),
}


def file_name(moment: datetime, kind: Kind = Kind.MUTATIONS) -> str:
    """Name the file of a notice by its moment, in UTC: local time goes back an hour each autumn."""
    prefix = SUCCESSION_PREFIX if kind is Kind.SUCCESSIONS else PREFIX
    return f"{prefix}{moment.astimezone(UTC):%Y%m%d%H%M%S}{moment.microsecond // 1000:03d}.json"


def next_moment(now: datetime, last: datetime | None) -> datetime:
    """Give the moment of a recipient's next notice, whole milliseconds and later than its last one.

    So the names of a recipient's notices differ, and sort as their numbers do, whatever the clocks say.
    """
    this = now.replace(microsecond=now.microsecond // 1000 * 1000)
    return this if last is None or this > last else last + _MILLISECOND
