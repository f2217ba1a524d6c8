"""The calls `POST /v1/inschrijvingen`, `/get` and `/delete` (Article 6)."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from jbplus.api import problems
from jbplus.api.bodies import Body, Optional
from jbplus.api.calls import Call, post
from jbplus.api.problems import BadRequestError, Issue, Place, Problem, RefusedItem
from jbplus.api.scalars import Day
from jbplus.protocol.caller import Caller
from jbplus.protocol.purposes import SCOPE_REGISTRATION, Right
from jbplus.registrations.rules import Registration
from jbplus.registrations.service import Registrations
from jbplus.registrations.wire import PeriodAnswer, RegisteredItem, RegistrationAnswer
from jbplus.wire import Wire

MAX_ITEMS = 100


class Period(Body):
    """From when to when a registration holds, both days included; open without `einde`."""

    begin: Day
    einde: Optional[Day] = None


class RegistrationItem(Body):
    """The registration of one person."""

    insz: str
    periode: Period
    recht: Right


def _refuse_doubles(items: list[RegistrationItem]) -> list[RegistrationItem]:
    if len({item.insz for item in items}) < len(items):
        raise PydanticCustomError("doubles", "must not hold the same insz twice")
    return items


class RegisterBody(Body):
    """Registers several persons, each once."""

    items: Annotated[list[RegistrationItem], Field(min_length=1, max_length=MAX_ITEMS), AfterValidator(_refuse_doubles)]


class PersonBody(Body):
    """Names one person."""

    insz: str


class RegisterAnswer(Wire):
    """The results in the order of the request."""

    items: tuple[RegisteredItem | RefusedItem, ...]


def _scope_of(_: Body) -> str:
    """Tell which scope keeping registrations takes."""
    return SCOPE_REGISTRATION


@dataclass(frozen=True, slots=True)
class RegistrationCalls:
    """Says registrations on the wire."""

    registrations: Registrations

    @property
    def all(self) -> tuple[Call, ...]:
        """The calls of the repertory."""
        return (
            post("/v1/inschrijvingen", RegisterBody, self.register, _scope_of),
            post("/v1/inschrijvingen/get", PersonBody, self.find, _scope_of),
            post("/v1/inschrijvingen/delete", PersonBody, self.delete, _scope_of, HTTPStatus.NO_CONTENT),
        )

    def register(self, body: RegisterBody, caller: Caller) -> RegisterAnswer:
        """Register persons; a bad item does not stop the others."""
        flaws = {item.insz: flaw for n, item in enumerate(body.items) if (flaw := self._flaw(n, item, caller))}
        wanted = {
            item.insz: Registration(item.periode.begin, item.periode.einde, item.recht)
            for item in body.items
            if item.insz not in flaws
        }
        results = self.registrations.register(wanted, caller)
        return RegisterAnswer(
            items=tuple(
                RefusedItem(insz=item.insz, problem=flaws[item.insz])
                if item.insz in flaws
                else RegisteredItem(insz=item.insz, resultaat=results[item.insz])
                for item in body.items
            )
        )

    def find(self, body: PersonBody, caller: Caller) -> RegistrationAnswer:
        """Give the party's own registration of a person."""
        self._check(body.insz)
        found = self.registrations.find(body.insz, caller)
        if found is None:
            return RegistrationAnswer(insz=body.insz)
        period = PeriodAnswer(begin=found.begin, einde=found.end)
        return RegistrationAnswer(insz=body.insz, periode=period, recht=found.right)

    def delete(self, body: PersonBody, caller: Caller) -> None:
        """Delete the party's own registration of a person."""
        self._check(body.insz)
        self.registrations.delete(body.insz, caller)

    def _flaw(self, position: int, item: RegistrationItem, caller: Caller) -> Problem | None:
        if not self.registrations.accepts(item.insz):
            return problems.bad_insz(f"items[{position}].insz", caller.trace)
        if item.periode.einde is not None and item.periode.einde < item.periode.begin:
            issue = Issue(place=Place.BODY, name=f"items[{position}].periode.einde", detail="must not be before begin")
            return problems.bad_request(BadRequestError(issue), caller.trace)
        return None

    def _check(self, number: str) -> None:
        if not self.registrations.accepts(number):
            raise BadRequestError(problems.insz_issue("insz"), code=problems.INSZ_CODE)
