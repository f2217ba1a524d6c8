"""The calls `POST` and `GET /v1/schorsingen`, and `POST /v1/schorsingen/{id}/opheffing` (Article 8)."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from jbplus.api.bodies import Body, Nothing, Optional, WithoutDoubles
from jbplus.api.calls import Call, get, post, post_to
from jbplus.api.problems import BadRequestError, Issue, Place
from jbplus.api.scalars import Moment
from jbplus.protocol.caller import Caller
from jbplus.protocol.parties import RECIPIENTS
from jbplus.protocol.purposes import Purpose
from jbplus.suspensions.rules import MOST_KEPT, Stream, TooManySuspensionsError
from jbplus.suspensions.service import Suspensions, Wanted
from jbplus.suspensions.wire import SuspensionAnswer, SuspensionsAnswer

MAX_REASON = 500
_RECIPIENTS = frozenset(party.kbo for party in RECIPIENTS)


def _check_recipient(kbo: str) -> str:
    if kbo not in _RECIPIENTS:
        raise PydanticCustomError("recipient", "must be the KBO number, ten digits, of a recipient of the protocol")
    return kbo


class SuspendBody(Body):
    """Suspends a party, wholly or in part."""

    kept = ("reden",)

    partij: Annotated[str, AfterValidator(_check_recipient)]
    stromen: Annotated[list[Stream], Field(min_length=1), WithoutDoubles]
    doelen: Optional[Annotated[list[Purpose], Field(min_length=1), WithoutDoubles]] = None
    reden: Annotated[str, Field(min_length=1, max_length=MAX_REASON)]
    vanaf: Optional[Moment] = None

    @model_validator(mode="after")
    def _purposes_are_of_lookups(self) -> Self:
        if self.doelen is not None and Stream.CONSULTATION not in self.stromen:
            raise PydanticCustomError("purposes", "doelen go with the stroom consultatie alone: leave them out")
        return self


@dataclass(frozen=True, slots=True)
class SuspensionCalls:
    """Says suspensions on the wire."""

    suspensions: Suspensions

    @property
    def all(self) -> tuple[Call, ...]:
        """The calls of suspensions."""
        return (
            post("/v1/schorsingen", SuspendBody, self.suspend, HTTPStatus.CREATED),
            get("/v1/schorsingen", Nothing, self.list),
            post_to("/v1/schorsingen/{id}/opheffing", Nothing, self.lift),
        )

    def suspend(self, body: SuspendBody, caller: Caller) -> SuspensionAnswer:
        """Suspend a party."""
        wanted = Wanted(body.partij, tuple(body.stromen), tuple(body.doelen or ()), body.reden, body.vanaf)
        try:
            return SuspensionAnswer.of(self.suspensions.suspend(wanted, caller))
        except TooManySuspensionsError:
            detail = f"has {MOST_KEPT} suspensions that are not lifted: lift one first"
            raise BadRequestError(Issue(place=Place.BODY, name="partij", detail=detail)) from None

    def list(self, _: Nothing, caller: Caller) -> SuspensionsAnswer:
        """List the suspensions that the caller may see."""
        return SuspensionsAnswer(items=tuple(SuspensionAnswer.of(each) for each in self.suspensions.visible_to(caller)))

    def lift(self, _: Nothing, caller: Caller, suspension_id: str) -> SuspensionAnswer:
        """Lift a suspension."""
        return SuspensionAnswer.of(self.suspensions.lift(suspension_id, caller))
