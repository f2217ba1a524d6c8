"""What a call of the API is: its route, its input, what it does and what it answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from pydantic import BaseModel

from jbplus.api.bodies import Body
from jbplus.caller import Caller

if TYPE_CHECKING:
    from jbplus.api.gateway import Gateway

_Body = TypeVar("_Body", bound=Body)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API.

    Attributes:
        path: its path; the method is POST.
        body: what its body must be.
        operation: does what is asked; None is answered as 204.
        scope_of: tells which scope it takes, for the problem that says it is missing.
    """

    path: str
    body: type[Body]
    operation: Callable[[Any, Caller], BaseModel | None]
    scope_of: Callable[[Any], str]


def call(
    path: str,
    body: type[_Body],
    operation: Callable[[_Body, Caller], BaseModel | None],
    scope_of: Callable[[_Body], str],
) -> Call:
    """Make a call, whose operation takes the very body that the call reads."""
    return Call(path, body, operation, scope_of)


def resolver(gateway: "Gateway", calls: Sequence[Call]) -> APIGatewayHttpResolver:
    """Make the resolver that hands each route's events to the gateway."""
    app = APIGatewayHttpResolver()

    def answer(each: Call) -> Callable[[], Response[str]]:
        return lambda: gateway.answer(app.current_event, each)

    for each in calls:
        app.post(each.path)(answer(each))
    return app
