"""The calls `POST /v1/verrichtingen/get` and `/query` (Articles 2, 4 and 6)."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from jbplus.api import problems
from jbplus.api.bodies import Body, Optional, WithoutDoubles
from jbplus.api.calls import Call, post
from jbplus.api.problems import BadRequestError, Issue, Place, Problem, RefusedItem
from jbplus.consultation.service import Answer, Lookup, Lookups
from jbplus.consultation.wire import PersonAnswer
from jbplus.protocol.access import Refusal
from jbplus.protocol.caller import Caller
from jbplus.protocol.insz import is_insz_in_disguise
from jbplus.protocol.purposes import MATRIX, Purpose
from jbplus.wire import Wire

MAX_PERSONS = 100

Dossier = Annotated[str, Field(pattern=r"^[A-Za-z0-9 ._/:-]{1,64}$")]


class _Question(Body):
    doel: Purpose
    dossier: Optional[Dossier] = None
    naar_aanleiding_van_mutatie: bool = False


class GetBody(_Question):
    """Asks for one person."""

    insz: str


class QueryBody(_Question):
    """Asks for several persons, each once."""

    insz_lijst: Annotated[list[str], Field(min_length=1, max_length=MAX_PERSONS), WithoutDoubles]


class QueryAnswer(Wire):
    """The answers in the order of the request."""

    items: tuple[PersonAnswer | RefusedItem, ...]


def _scope_of(body: _Question) -> str:
    """Tell which scope a lookup takes."""
    return MATRIX[body.doel].scope


@dataclass(frozen=True, slots=True)
class LookupCalls:
    """Says lookups on the wire."""

    lookups: Lookups

    @property
    def all(self) -> tuple[Call, ...]:
        """The calls of lookups."""
        return (
            post("/v1/verrichtingen/get", GetBody, self.get, _scope_of),
            post("/v1/verrichtingen/query", QueryBody, self.query, _scope_of),
        )

    def get(self, body: GetBody, caller: Caller) -> PersonAnswer | Problem:
        """Look one person up."""
        if not self.lookups.accepts(body.insz):
            raise BadRequestError(problems.insz_issue("insz"), code=problems.INSZ_CODE)
        (answer,) = self.lookups.look_up(self._lookup((body.insz,), body), caller)
        if isinstance(answer, Refusal):
            return problems.refused(answer, caller.trace, scope=_scope_of(body))
        return PersonAnswer.of(body.insz, answer)

    def query(self, body: QueryBody, caller: Caller) -> QueryAnswer:
        """Look several persons up; a refusal for one does not stop the others."""
        if not MATRIX[body.doel].in_bulk:
            detail = "looks up one person at a time: use /v1/verrichtingen/get"
            raise BadRequestError(Issue(place=Place.BODY, name="doel", detail=detail))
        answers = self.lookups.look_up(self._lookup(tuple(body.insz_lijst), body), caller)
        return QueryAnswer(
            items=tuple(
                _item(position, number, answer, caller, _scope_of(body))
                for position, (number, answer) in enumerate(zip(body.insz_lijst, answers, strict=True))
            )
        )

    def _lookup(self, numbers: tuple[str, ...], body: _Question) -> Lookup:
        if MATRIX[body.doel].one_file and body.dossier is None:
            detail = "is required for this doel: it serves only specific files (Article 2)"
            raise BadRequestError(Issue(place=Place.BODY, name="dossier", detail=detail))
        if body.dossier is not None and is_insz_in_disguise(body.dossier, year=self.lookups.clock().year):
            detail = "must not be a person's number"
            raise BadRequestError(Issue(place=Place.BODY, name="dossier", detail=detail))
        return Lookup(numbers, body.doel, body.dossier, body.naar_aanleiding_van_mutatie)


def _item(position: int, number: str, answer: Answer, caller: Caller, scope: str) -> PersonAnswer | RefusedItem:
    match answer:
        case Refusal.INSZ_INVALID:
            return RefusedItem(insz=number, problem=problems.bad_insz(f"inszLijst[{position}]", caller.trace))
        case Refusal():
            return RefusedItem(insz=number, problem=problems.refused(answer, caller.trace, scope=scope))
        case _:
            return PersonAnswer.of(number, answer)
