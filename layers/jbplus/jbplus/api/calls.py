"""What a call of the API is: its route, its input, what it does and what it answers."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal, TypeVar

from pydantic import BaseModel

from jbplus.api.bodies import Body
from jbplus.protocol.caller import Caller

_PARAMETER = re.compile(r"\{(\w+)\}")
_Body = TypeVar("_Body", bound=Body)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API.

    Attributes:
        method: its HTTP method; a GET never names a person.
        path: its path, with parameters as `{name}`.
        input: what the body of a POST must be, or the query of a GET; nothing else becomes a field of it.
        operation: does what is asked of it: takes the input, the caller, and the parameters of the path in their
            order; None is answered without content.
        status: the status of its answer.
    """

    method: Literal["GET", "POST"]
    path: str
    input: type[Body]
    operation: Callable[..., BaseModel | None]
    status: HTTPStatus

    @property
    def route(self) -> str:
        """Its name at API Gateway: `METHOD /path`."""
        return f"{self.method} {self.path}"

    @property
    def path_parameters(self) -> list[str]:
        """The names of its path's parameters, in their order."""
        return _PARAMETER.findall(self.path)

    @property
    def takes_body(self) -> bool:
        """Whether its body has something to say."""
        return self.method == "POST" and bool(self.input.model_fields)


def post(
    path: str,
    body: type[_Body],
    operation: Callable[[_Body, Caller], BaseModel | None],
    status: HTTPStatus = HTTPStatus.OK,
) -> Call:
    """Make a POST, whose operation takes the very input that the call reads."""
    return Call("POST", path, body, operation, status)


def post_to(
    path: str,
    body: type[_Body],
    operation: Callable[[_Body, Caller, str], BaseModel | None],
    status: HTTPStatus = HTTPStatus.OK,
) -> Call:
    """Make a POST whose path has one parameter: the operation takes it last."""
    return Call("POST", path, body, operation, status)


def get(path: str, query: type[_Body], operation: Callable[[_Body, Caller], BaseModel | None]) -> Call:
    """Make a GET, whose operation takes the very input that the call reads."""
    return Call("GET", path, query, operation, HTTPStatus.OK)
