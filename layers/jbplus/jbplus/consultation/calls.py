"""The calls `POST /v1/verrichtingen/get` and `/query` (Articles 2, 4 and 6)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from jbplus.api import problems
from jbplus.api.bodies import Body, Optional, WithoutDoubles
from jbplus.api.calls import Call, post
from jbplus.api.problems import BadRequestError, Issue, Place, Problem, RefusedItem
from jbplus.consultation.service import Answer, Lookup, Lookups
from jbplus.persons.state import MEASURE, FiscalYearTotal, Payment, PersonState, totals
from jbplus.protocol.access import Refusal
from jbplus.protocol.caller import Caller
from jbplus.protocol.insz import is_insz_in_disguise
from jbplus.protocol.purposes import MATRIX, Purpose

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


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class VerrichtingAnswer(_Wire):
    """A payment or recovery as answered; the amount in EUR with two decimals."""

    referte: str
    maatregel: Literal["Jobbonus plus"] = MEASURE
    fiscaal_jaar: int
    bedragtype: str
    verrichtingbedrag: str
    effectieve_verrichtingsdatum: str

    @classmethod
    def of(cls, referte: str, payment: Payment) -> "VerrichtingAnswer":
        """Say a payment on the wire."""
        return cls(
            referte=referte,
            fiscaal_jaar=payment.fiscal_year,
            bedragtype=payment.instalment,
            verrichtingbedrag=f"{payment.amount:.2f}",
            effectieve_verrichtingsdatum=payment.day.isoformat(),
        )


class NetAnswer(_Wire):
    """What is deducted from the income of one fiscal year; amounts in EUR with two decimals."""

    fiscaal_jaar: int
    betaald: str
    teruggevorderd: str
    netto: str

    @classmethod
    def of(cls, total: FiscalYearTotal) -> "NetAnswer":
        """Say a total on the wire."""
        return cls(
            fiscaal_jaar=total.fiscal_year,
            betaald=f"{total.paid:.2f}",
            teruggevorderd=f"{total.reclaimed:.2f}",
            netto=f"{total.net:.2f}",
        )


class PersonAnswer(_Wire):
    """What is known of one person; empty lists when nothing is, and then no `volgnummer`."""

    insz: str
    volgnummer: int | None = None
    verrichtingen: tuple[VerrichtingAnswer, ...]
    netto_per_fiscaal_jaar: tuple[NetAnswer, ...]

    @classmethod
    def of(cls, number: str, state: PersonState) -> "PersonAnswer":
        """Say a person's state on the wire."""
        payments = state.payments
        return cls(
            insz=number,
            volgnummer=state.volgnummer,
            verrichtingen=tuple(VerrichtingAnswer.of(referte, payment) for referte, payment in payments),
            netto_per_fiscaal_jaar=tuple(NetAnswer.of(total) for total in totals(p for _, p in payments)),
        )


class QueryAnswer(_Wire):
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
