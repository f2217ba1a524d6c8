"""The notices of the exchange: which persons of a recipient were touched by which mutation file (Article 6).

A notice holds keys alone, never an amount: what is so now is looked up.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from jbplus import insz
from jbplus.mutation_file.records import MAX_VOLGNUMMER
from jbplus.parties import WEWIS_KBOS, Party

PATTERN: Final = "werk.publiceermutatiesnotificatiesjobbonusplus-0100_*.json"
"""How the names of notices look, as an fnmatch pattern; the names grow with the notices' numbers."""

LARGEST: Final = 64 * 1024**2
"""The most bytes that a notice is taken to have: the exchange cuts large ones into parts."""

_Volgnummer = Annotated[int, Field(ge=1, le=MAX_VOLGNUMMER)]


class NoticeError(ValueError):
    """A file is no notice for this recipient; the text says what is wrong and where, never a value."""


def _check_sender(kbo: str) -> str:
    if kbo not in WEWIS_KBOS:
        raise PydanticCustomError("sender", "is not WEWIS")
    return kbo


def _check_insz(number: str) -> str:
    # Which century it is hardly matters here: whether it is a person of ours is for the exchange to say.
    if insz.kind(number, year=9999) is None:
        raise PydanticCustomError("insz", "is not a person number")
    return number


class _Wire(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Notification(_Wire):
    """One applied record of a mutation file.

    Attributes:
        referte: the sender's name of the payment or recovery.
        type: `01` new, `02` change, `03` annulment.
        insz: whom it is about.
        volgnummer: of the mutation file.
    """

    referte: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    type: Literal["01", "02", "03"]
    insz: Annotated[str, AfterValidator(_check_insz)]
    volgnummer: _Volgnummer


class Context(_Wire):
    """The envelope of a notice.

    Attributes:
        volgnummer: the notice's own number in the series of this recipient: from 1, without gaps.
    """

    naam: Literal["PubliceerMutatiesNotificatiesJobbonusPlus"]
    versie: Literal["01.00.0000"]
    referte: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$")]
    volgnummer: _Volgnummer
    tijdstip: AwareDatetime
    afzender: Annotated[str, AfterValidator(_check_sender)]
    ontvanger: str
    aantal: Annotated[int, Field(ge=0)]


class Notice(_Wire):
    """A notice, whole."""

    context: Context
    notificaties: tuple[Notification, ...]

    @model_validator(mode="after")
    def _count(self) -> Self:
        if self.context.aantal != len(self.notificaties):
            raise PydanticCustomError("count", "does not hold as many notifications as its context says")
        return self

    def told(self) -> dict[str, int]:
        """Give the highest volgnummer that the notice tells of each person, by INSZ."""
        told: dict[str, int] = {}
        for one in self.notificaties:
            told[one.insz] = max(one.volgnummer, told.get(one.insz, 0))
        return told


def read_notice(content: bytes, *, recipient: Party) -> Notice:
    """Read a notice and check all of it.

    Args:
        content: the file's bytes.
        recipient: whose notices are read.

    Raises:
        NoticeError: it is not as agreed, or meant for somebody else.
    """
    try:
        notice = Notice.model_validate_json(content)
    except ValidationError as error:
        raise NoticeError(_words(error)) from None
    if notice.context.ontvanger not in {recipient.kbo, *recipient.other_kbos}:
        raise NoticeError(f"/context/ontvanger is not {recipient.name}")
    return notice


def _words(error: ValidationError) -> str:
    """Say the first error and its place, without a value: an unknown key may be one."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    keys = list(map(str, first["loc"]))
    match first["type"]:
        case "json_invalid":
            return "it is not JSON"
        case "extra_forbidden":
            return f"{_pointer(keys[:-1])} has a field that was not agreed"
        case "missing":
            return f"{_pointer(keys)} is missing"
        case "sender" | "insz" | "count":
            return f"{_pointer(keys)} {first['msg']}"
        case _:
            return f"{_pointer(keys)} is not as agreed"


def _pointer(keys: list[str]) -> str:
    return "/" + "/".join(keys) if keys else "it"
