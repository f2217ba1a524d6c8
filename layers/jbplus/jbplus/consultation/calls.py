"""The calls `POST /v1/verrichtingen/get` and `/query` (Articles 2, 4 and 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from typing_extensions import override

from jbplus.api import problems
from jbplus.api.bodies import Body, Optional, WithoutDoubles
from jbplus.api.calls import Call, post
from jbplus.api.problems import BadRequestError, Issue, Place, Problem, RefusedItem
from jbplus.consultation.service import Answer, Lookup, Lookups
from jbplus.consultation.versions import Answered
from jbplus.consultation.wire import PersonAnswer
from jbplus.protocol.access import Refusal
from jbplus.protocol.caller import Caller
from jbplus.protocol.purposes import MATRIX, Purpose
from jbplus.wire import Wire

MAX_PERSONS = 100

Dossier = Annotated[str, Field(pattern=r"^[A-Za-z0-9 ._/:-]{1,64}$")]


class _Question(Body):
    kept = ("dossier",)

    doel: Purpose
    dossier: Optional[Dossier] = None
    naar_aanleiding_van_mutatie: bool = False


class GetBody(_Question):
    """Asks for one person."""

    insz: str

    @property
    @override
    def numbers(self) -> Sequence[str]:
        return (self.insz,)


class QueryBody(_Question):
    """Asks for several persons, each once."""

    insz_lijst: Annotated[list[str], Field(min_length=1, max_length=MAX_PERSONS), WithoutDoubles]

    @property
    @override
    def numbers(self) -> Sequence[str]:
        return self.insz_lijst


class QueryAnswer(Wire):
    """The answers in the order of the request."""

    items: tuple[PersonAnswer | RefusedItem, ...]


@dataclass(frozen=True, slots=True)
class LookupCalls:
    """Says lookups on the wire."""

    lookups: Lookups

    @property
    def all(self) -> tuple[Call, ...]:
        """The calls of lookups."""
        return (
            post("/v1/verrichtingen/get", GetBody, self.get),
            post("/v1/verrichtingen/query", QueryBody, self.query),
        )

    def get(self, body: GetBody, caller: Caller) -> PersonAnswer | Problem:
        """Look one person up."""
        problems.check_insz(body.insz, self.lookups.accepts)
        (answer,) = self.lookups.look_up(self._lookup((body.insz,), body), caller)
        if isinstance(answer, Refusal):
            return problems.refused(answer, caller.trace, scope=MATRIX[body.doel].scope)
        return _answered(body.insz, answer)

    def query(self, body: QueryBody, caller: Caller) -> QueryAnswer:
        """Look several persons up; a refusal for one does not stop the others."""
        if not MATRIX[body.doel].in_bulk:
            detail = "looks up one person at a time: use /v1/verrichtingen/get"
            raise BadRequestError(Issue(place=Place.BODY, name="doel", detail=detail))
        answers = self.lookups.look_up(self._lookup(tuple(body.insz_lijst), body), caller)
        return QueryAnswer(
            items=tuple(
                _item(position, number, answer, caller, MATRIX[body.doel].scope)
                for position, (number, answer) in enumerate(zip(body.insz_lijst, answers, strict=True))
            )
        )

    def _lookup(self, numbers: tuple[str, ...], body: _Question) -> Lookup:
        if MATRIX[body.doel].one_file and body.dossier is None:
            detail = "is required for this doel: it serves only specific files (Article 2)"
            raise BadRequestError(Issue(place=Place.BODY, name="dossier", detail=detail))
        return Lookup(numbers, body.doel, body.dossier, body.naar_aanleiding_van_mutatie)


def _item(position: int, number: str, answer: Answer, caller: Caller, scope: str) -> PersonAnswer | RefusedItem:
    match answer:
        case Refusal.INSZ_INVALID:
            return RefusedItem(insz=number, problem=problems.bad_insz(f"inszLijst[{position}]", caller.trace))
        case Refusal():
            return RefusedItem(insz=number, problem=problems.refused(answer, caller.trace, scope=scope))
        case _:
            return _answered(number, answer)


def _answered(number: str, answer: Answered) -> PersonAnswer:
    return PersonAnswer.of(
        number,
        answer.state,
        answer.kept_until,
        is_in_doubt=answer.is_in_doubt,
        is_replaced=answer.is_replaced,
        version=answer.version,
    )
