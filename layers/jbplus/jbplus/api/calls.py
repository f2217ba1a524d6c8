"""What a call of the API is: its route, its input, what it does and what it answers."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal, TypeVar

from pydantic import BaseModel

from jbplus.api.bodies import Body
from jbplus.protocol.caller import Caller

_Body = TypeVar("_Body", bound=Body)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API.

    Attributes:
        method: its HTTP method; a GET never names a person.
        path: its path, with parameters as `{name}`.
        input: what its body must be; parameters of the path and of the query are fields of it too.
        operation: does what is asked; None is answered without content.
        scope_of: tells which scope it takes, for the problem that says it is missing.
        status: the status of its answer.
    """

    method: Literal["GET", "POST"]
    path: str
    input: type[Body]
    operation: Callable[[Any, Caller], BaseModel | None]
    scope_of: Callable[[Any], str]
    status: HTTPStatus

    @property
    def takes_body(self) -> bool:
        """Whether its body has something to say: a POST whose input is more than the parameters of its path."""
        names = {field.alias or name for name, field in self.input.model_fields.items()}
        return self.method == "POST" and any(f"{{{name}}}" not in self.path for name in names)

    @property
    def powertools_path(self) -> str:
        """The path as Powertools writes it."""
        return self.path.replace("{", "<").replace("}", ">")


def post(
    path: str,
    body: type[_Body],
    operation: Callable[[_Body, Caller], BaseModel | None],
    scope_of: Callable[[_Body], str],
    status: HTTPStatus = HTTPStatus.OK,
) -> Call:
    """Make a POST, whose operation takes the very input that the call reads."""
    return Call("POST", path, body, operation, scope_of, status)


def get(
    path: str,
    query: type[_Body],
    operation: Callable[[_Body, Caller], BaseModel | None],
    scope_of: Callable[[_Body], str],
) -> Call:
    """Make a GET, whose operation takes the very input that the call reads."""
    return Call("GET", path, query, operation, scope_of, HTTPStatus.OK)
