"""What an operation of the document consists of, beside what the code itself tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Any JSON value: an example is whatever goes over the wire.
Wire = Any


@dataclass(frozen=True, slots=True)
class Example:
    """One body as it goes over the wire; persons have test numbers.

    Attributes:
        summary: what it shows.
        value: the body.
    """

    summary: str
    value: Wire


@dataclass(frozen=True, slots=True)
class Operation:
    """The words and examples of one call.

    Attributes:
        id: its name for generated clients.
        tag: the group that it is shown in.
        summary: what it does, in some words.
        description: what a client's developer must know, in Markdown.
        scopes: the token scopes, of which the call takes one; none when any token does.
        requests: bodies that may be sent, by name.
        answers: bodies that may be answered, by name.
        path: what the parameters of its path are, by name, in their order.
    """

    id: str
    tag: str
    summary: str
    description: str
    scopes: tuple[str, ...]
    requests: Mapping[str, Example] = field(default_factory=dict)
    answers: Mapping[str, Example] = field(default_factory=dict)
    path: Mapping[str, str] = field(default_factory=dict)
