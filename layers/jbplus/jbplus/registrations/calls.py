"""The calls `POST /v1/inschrijvingen`, `/get` and `/delete` (Article 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from typing_extensions import override

from jbplus.api import problems
from jbplus.api.bodies import Body, Optional
from jbplus.api.calls import Call, post
from jbplus.api.problems import BadRequestError, Issue, Place, Problem, RefusedItem
from jbplus.api.scalars import DayText, day_of
from jbplus.protocol.caller import Caller
from jbplus.protocol.purposes import Right
from jbplus.registrations.rules import Registration
from jbplus.registrations.service import Registrations
from jbplus.registrations.wire import PeriodAnswer, RegisteredItem, RegistrationAnswer
from jbplus.wire import Wire

MAX_ITEMS = 100
_OPEN_END = "9999-12-31"


class Period(Body):
    """From when to when a registration holds, both days included; open without `einde`, or with 9999-12-31."""

    begin: DayText
    einde: Optional[DayText] = None


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

    @property
    @override
    def numbers(self) -> Sequence[str]:
        return [item.insz for item in self.items]


class PersonBody(Body):
    """Names one person."""

    insz: str

    @property
    @override
    def numbers(self) -> Sequence[str]:
        return (self.insz,)


class RegisterAnswer(Wire):
    """The results in the order of the request."""

    items: tuple[RegisteredItem | RefusedItem, ...]


@dataclass(frozen=True, slots=True)
class RegistrationCalls:
    """Says registrations on the wire."""

    registrations: Registrations

    @property
    def all(self) -> tuple[Call, ...]:
        """The calls of the repertory."""
        return (
            post("/v1/inschrijvingen", RegisterBody, self.register),
            post("/v1/inschrijvingen/get", PersonBody, self.find),
            post("/v1/inschrijvingen/delete", PersonBody, self.delete, HTTPStatus.NO_CONTENT),
        )

    def register(self, body: RegisterBody, caller: Caller) -> RegisterAnswer:
        """Register persons; a bad item does not stop the others."""
        wanted: dict[str, Registration] = {}
        flaws: dict[str, Problem] = {}
        for position, item in enumerate(body.items):
            try:
                wanted[item.insz] = self._wanted(f"items[{position}]", item)
            except BadRequestError as error:
                flaws[item.insz] = problems.bad_request(error, caller.trace)
        results = self.registrations.register(wanted, caller)
        # After registering: who is replaced from now on is told so by a notice.
        replaced = self.registrations.replaced(results)
        return RegisterAnswer(
            items=tuple(
                RegisteredItem(
                    insz=item.insz,
                    resultaat=results[item.insz].result,
                    handle=results[item.insz].handle,
                    vervangen=item.insz in replaced or None,
                )
                if item.insz in results
                else RefusedItem(
                    insz=item.insz, problem=flaws.get(item.insz) or problems.too_many_requests(caller.trace)
                )
                for item in body.items
            )
        )

    def find(self, body: PersonBody, caller: Caller) -> RegistrationAnswer:
        """Give the party's own registration of a person."""
        problems.check_insz(body.insz, self.registrations.accepts)
        found = self.registrations.find(body.insz, caller)
        if found is None:
            return RegistrationAnswer(insz=body.insz)
        period = PeriodAnswer(begin=found.begin, einde=found.end)
        return RegistrationAnswer(insz=body.insz, periode=period, recht=found.right)

    def delete(self, body: PersonBody, caller: Caller) -> None:
        """Delete the party's own registration of a person."""
        problems.check_insz(body.insz, self.registrations.accepts)
        self.registrations.delete(body.insz, caller)

    def _wanted(self, place: str, item: RegistrationItem) -> Registration:
        """Read what one item asks for.

        Raises:
            BadRequestError: its number is none, or its period is none.
        """
        if not self.registrations.accepts(item.insz):
            raise BadRequestError(problems.insz_issue(f"{place}.insz"), code=problems.INSZ_CODE)
        begin = _day(item.periode.begin, f"{place}.periode.begin")
        last = item.periode.einde
        end = None if last is None or last == _OPEN_END else _day(last, f"{place}.periode.einde")
        if end is not None and end < begin:
            raise BadRequestError(problems.invalid_period(f"{place}.periode.einde", "begin"))
        return Registration(begin, end, item.recht)


def _day(text: str, name: str) -> date:
    try:
        return day_of(text)
    except ValueError as error:
        raise BadRequestError(Issue(place=Place.BODY, name=name, detail=str(error))) from None
