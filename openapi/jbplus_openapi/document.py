"""Puts the document together: structure from the code, words from the tables."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from http import HTTPStatus
from types import UnionType
from typing import Any, Protocol, get_args, get_type_hints

from pydantic import BaseModel

from jbplus.api.calls import Call
from jbplus.api.gateway import CORRELATION, END_USER, MAX_PATH_PARAMETER
from jbplus.api.problems import Problem, RefusedItem
from jbplus_openapi.operations import Example, Operation
from jbplus_openapi.responses import GATEWAY_MESSAGE, GATEWAY_SCHEMA, HEADERS, headers, refused_with, responses
from jbplus_openapi.samples import samples
from jbplus_openapi.schemas import REF, Json, schemas_of

VERSION = "3.1.0"
_IDENTIFIER = {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}
_ALWAYS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


class Table(Protocol):
    """A class that lists calls."""

    @property
    def all(self) -> tuple[Call, ...]:
        """Its calls."""
        ...


def calls_of(tables: Iterable[type[Any]]) -> tuple[Call, ...]:
    """List the calls of tables without what runs behind them: nothing of it is touched until a call comes."""
    made: list[Table] = [table(*(None for _ in fields(table))) for table in tables]
    return tuple(call for table in made for call in table.all)


def answer_of(operation: Callable[..., object]) -> type[BaseModel] | None:
    """Tell the model that an operation answers with, or None when it answers without content.

    Raises:
        ValueError: the operation says nothing about its answer, or has several.
    """
    hint = get_type_hints(operation).get("return", Any)
    models = [one for one in (get_args(hint) if isinstance(hint, UnionType) else (hint,)) if one is not Problem]
    match [one for one in models if one is not type(None)]:
        case [type() as model] if issubclass(model, BaseModel):
            return model
        case []:
            return None
        case _:
            raise ValueError(f"{operation} must be annotated with one model of an answer, or None")


@dataclass(frozen=True, slots=True)
class Said:
    """All that is said of the API besides its code.

    Attributes:
        operations: of each call, by its route.
        glossary: of each field, by its name on the wire.
        rules: what binds several fields of a model, by its name.
        frame: `info`, `servers`, `tags` and the security schemes.
        open_paths: the paths that take no token.
    """

    operations: Mapping[str, Operation]
    glossary: Mapping[str, Json]
    rules: Mapping[str, Json]
    frame: Json
    open_paths: Json


def document(calls: Sequence[Call], said: Said) -> Json:
    """Make the document.

    Raises:
        ValueError: what is said and the calls do not fit each other.
    """
    routes = {call.route for call in calls}
    if routes != set(said.operations):
        raise ValueError(f"calls without words, or words without a call: {sorted(routes ^ set(said.operations))}")
    inputs = list(dict.fromkeys(call.input for call in calls))
    answers = [model for call in calls if (model := answer_of(call.operation)) is not None]
    schemas = schemas_of(inputs, [*answers, Problem, RefusedItem], said.glossary, said.rules)
    paths: Json = {}
    for call in calls:
        given = schemas[call.input.__name__]
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call, said.operations[call.route], given)
    without_body = {model.__name__ for model in inputs} - {call.input.__name__ for call in calls if call.takes_body}
    schemas = {name: schema for name, schema in schemas.items() if name not in without_body}
    used = {tag for methods in (paths | said.open_paths).values() for each in methods.values() for tag in each["tags"]}
    return {
        "openapi": VERSION,
        "info": said.frame["info"],
        "servers": said.frame["servers"],
        "tags": [tag for tag in said.frame["tags"] if tag["name"] in used],
        "paths": paths | said.open_paths,
        "components": {
            "schemas": schemas | {GATEWAY_MESSAGE: GATEWAY_SCHEMA},
            "parameters": _PARAMETERS,
            "headers": HEADERS,
            "responses": responses(),
            "securitySchemes": said.frame["securitySchemes"],
        },
    }


_PARAMETERS: Json = {
    "Correlation": {
        "name": CORRELATION,
        "in": "header",
        "required": True,
        "description": "Your own reference of this call; the answer carries it too. Never a person's number.",
        "schema": _IDENTIFIER,
        "example": "2b1f6a52-7a3e-4a57-9a0e-0f3f5e6a9b11",
    },
    "EndUser": {
        "name": END_USER,
        "in": "header",
        "required": True,
        "description": "Who asks: the end user at your organisation, by your own name for them. The privacy log keeps "
        "it. Never a person's number.",
        "schema": _IDENTIFIER,
        "example": "an.peeters",
    },
}


def _operation(call: Call, words: Operation, given: Json) -> Json:
    refusals = [*_ALWAYS]
    if call.method == "POST":
        refusals.append(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if call.path_parameters:
        refusals.append(HTTPStatus.NOT_FOUND)
    made: Json = {
        "operationId": words.id,
        "tags": [words.tag],
        "summary": words.summary,
        "description": f"{words.description}\n\n{_scopes(words.scopes)}",
        "security": [{"OAuth2": [scope]} for scope in words.scopes] or [{"OAuth2": []}],
        "parameters": [
            *({"$ref": f"#/components/parameters/{name}"} for name in _PARAMETERS),
            *_in_path(call, words),
            *(_in_query(given) if call.method == "GET" else ()),
        ],
        "responses": {str(call.status.value): _answer(call, words)} | refused_with(refusals),
        "x-codeSamples": samples(call, words),
    }
    if call.takes_body:
        schema = {"$ref": REF + call.input.__name__}
        content = {"application/json": {"schema": schema, **_examples(words.requests)}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _scopes(scopes: Sequence[str]) -> str:
    match [f"`{scope}`" for scope in scopes]:
        case []:
            return "Any token does, whatever its scopes."
        case [scope]:
            return f"Scope: {scope}."
        case several:
            return f"Scope, by what the call is for: {', '.join(several)}."


def _in_path(call: Call, words: Operation) -> list[Json]:
    """Give the parameters of the path.

    Raises:
        ValueError: what is said of them does not fit the path.
    """
    if call.path_parameters != list(words.path):
        raise ValueError(f"{call.route}: say of its path's parameters, in their order, what they are")
    schema = {"type": "string", "minLength": 1, "maxLength": MAX_PATH_PARAMETER}
    return [
        {"name": name, "in": "path", "required": True, "description": said, "schema": schema}
        for name, said in words.path.items()
    ]


def _in_query(given: Json) -> list[Json]:
    """Give the parameters of a GET's query: the fields of its input."""
    return [
        {
            "name": field,
            "in": "query",
            "required": field in given.get("required", ()),
            "description": schema["description"],
            "schema": {key: value for key, value in schema.items() if key != "description"},
        }
        for field, schema in given.get("properties", {}).items()
    ]


def _answer(call: Call, words: Operation) -> Json:
    model = answer_of(call.operation)
    answer: Json = {"description": call.status.phrase, "headers": headers("Correlation", "Trace")}
    if model is not None:
        schema = {"$ref": REF + model.__name__}
        answer["content"] = {"application/json": {"schema": schema, **_examples(words.answers)}}
    return answer


def _examples(examples: Mapping[str, Example]) -> Json:
    shown = {name: {"summary": example.summary, "value": example.value} for name, example in examples.items()}
    return {"examples": shown} if shown else {}
