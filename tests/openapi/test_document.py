"""How models become schemas, and what stops the making of a document."""

from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, BeforeValidator, Field, create_model

from jbplus.api.bodies import Body, Optional, WithoutDoubles
from jbplus.api.calls import Call, get, post, post_to
from jbplus.api.problems import Problem
from jbplus.protocol.caller import Caller
from jbplus_openapi.document import Said, answer_of, calls_of, document
from jbplus_openapi.glossary import FRAME
from jbplus_openapi.operations import Operation
from jbplus_openapi.schemas import schemas_of
from jbplus_openapi.whole import TABLES

WORDS = Operation(id="ask", tag="Dienst", summary="Ask", description="Asks.", scopes=("a",))
PROBLEM_FIELDS = ("type", "title", "status", "detail", "instance", "code", "issues", "requiredScopes", "in", "name")
SAID = {name: {"description": name} for name in (*PROBLEM_FIELDS, "insz", "problem", "id", "a", "b", "c")}


class Colour(StrEnum):
    """Colours."""

    RED = "red"


class Question(Body):
    """Asks."""

    id: str
    a: Optional[Annotated[str, Field(max_length=3)]] = None
    b: Annotated[list[Colour], WithoutDoubles]
    c: bool = False


class Reply(BaseModel):
    """Answers."""

    a: str | None = None
    b: Literal["x"] = "x"
    c: date


def ask(_: Question, __: Caller) -> Reply | Problem:
    raise NotImplementedError


def answer(_: Question, __: Caller, ___: str) -> Reply:
    raise NotImplementedError


def make(call: Call, words: dict[str, Operation]) -> dict[str, Any]:
    return document([call], Said(words, SAID, {}, FRAME, {}))


def test_what_may_be_left_out_of_a_request_is_not_required_and_not_nullable() -> None:
    schema = schemas_of([Question], [], SAID, {})["Question"]

    assert schema["required"] == ["id", "b"]
    assert schema["properties"]["a"] == {"type": "string", "maxLength": 3, "description": "a"}
    assert schema["properties"]["c"] == {"type": "boolean", "default": False, "description": "c"}
    assert schema["additionalProperties"] is False


def test_a_list_without_doubles_says_so() -> None:
    assert schemas_of([Question], [], SAID, {})["Question"]["properties"]["b"]["uniqueItems"] is True


def test_what_is_always_answered_is_required() -> None:
    schema = schemas_of([], [Reply], SAID, {})["Reply"]

    assert schema["required"] == ["b", "c"]
    assert schema["properties"]["b"] == {"type": "string", "const": "x", "description": "b"}


def test_a_field_without_description_stops_the_making() -> None:
    with pytest.raises(ValueError, match=r"Question\.c has no entry in the glossary"):
        schemas_of([Question], [], {name: said for name, said in SAID.items() if name != "c"}, {})


def test_an_entry_for_one_model_goes_before_the_common_one() -> None:
    schemas = schemas_of([Question], [Reply], SAID | {"Reply.c": {"description": "own"}}, {})

    assert schemas["Reply"]["properties"]["c"]["description"] == "own"
    assert schemas["Question"]["properties"]["c"]["description"] == "c"


def test_a_rule_for_no_model_stops_the_making() -> None:
    with pytest.raises(ValueError, match="Missing"):
        schemas_of([Question], [], SAID, {"Missing": {}})


def test_two_models_of_one_name_stop_the_making() -> None:
    other = create_model("Question", a=(int, ...))

    with pytest.raises(ValueError, match="two models are called Question"):
        schemas_of([Question], [other], SAID, {})


def test_a_bound_behind_a_validator_of_ours_is_told() -> None:
    class Year(Body):
        """A year."""

        a: Optional[Annotated[int, BeforeValidator(int), Field(ge=2022, le=2199)]] = None

    properties = schemas_of([Year], [], SAID, {})["Year"]["properties"]

    assert properties["a"] == {"type": "integer", "minimum": 2022, "maximum": 2199, "description": "a"}


def test_a_call_without_words_stops_the_making() -> None:
    with pytest.raises(ValueError, match="POST /v1/x"):
        make(post("/v1/x", Question, ask), {})


def test_words_without_a_call_stop_the_making() -> None:
    with pytest.raises(ValueError, match="GET /v1/gone"):
        make(post("/v1/x", Question, ask), {"POST /v1/x": WORDS, "GET /v1/gone": WORDS})


def test_a_parameter_of_the_path_is_described_and_no_part_of_the_body() -> None:
    words = replace(WORDS, path={"id": "Which."})

    made = make(post_to("/v1/x/{id}", Question, answer), {"POST /v1/x/{id}": words})

    *_, parameter = made["paths"]["/v1/x/{id}"]["post"]["parameters"]
    assert (parameter["name"], parameter["in"], parameter["required"]) == ("id", "path", True)
    assert parameter["description"] == "Which."
    assert [*made["components"]["schemas"]["Question"]["properties"]] == ["id", "a", "b", "c"]


def test_a_parameter_of_the_path_without_words_stops_the_making() -> None:
    with pytest.raises(ValueError, match=r"POST /v1/x/\{id\}"):
        make(post_to("/v1/x/{id}", Question, answer), {"POST /v1/x/{id}": WORDS})


def test_a_get_has_parameters_alone() -> None:
    made = make(get("/v1/x", Question, ask), {"GET /v1/x": WORDS})

    operation = made["paths"]["/v1/x"]["get"]
    own = {each["name"]: (each["in"], each["required"]) for each in operation["parameters"] if "name" in each}
    assert own == {"id": ("query", True), "a": ("query", False), "b": ("query", True), "c": ("query", False)}
    assert "requestBody" not in operation
    assert "Question" not in made["components"]["schemas"]


def test_the_answer_of_an_operation_is_the_model_that_it_names_beside_a_problem() -> None:
    def nothing(_: Question, __: Caller) -> None: ...

    assert answer_of(ask) is Reply
    assert answer_of(nothing) is None


def test_an_operation_that_does_not_tell_its_answer_stops_the_making() -> None:
    def vague(_: Question, __: Caller) -> BaseModel | Reply:
        raise NotImplementedError

    with pytest.raises(ValueError, match="annotated"):
        answer_of(vague)


def test_the_calls_of_all_tables_are_listed_without_their_stores() -> None:
    assert {call.path for call in calls_of(TABLES)} >= {"/v1/verrichtingen/get", "/v1/inschrijvingen/delete"}
