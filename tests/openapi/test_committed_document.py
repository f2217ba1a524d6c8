"""The committed document is what the code says, is valid, and follows the Belgif guide."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from jbplus.api.bodies import parse
from jbplus.api.calls import Call
from jbplus.api.problems import Problem
from jbplus.protocol import insz
from jbplus_openapi.document import answer_of
from jbplus_openapi.glossary import GLOSSARY
from jbplus_openapi.schemas import glossary_keys
from jbplus_openapi.whole import WORDS, all_calls, whole, written

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"
DOCUMENT: dict[str, Any] = whole()
CALLS = {call.route: call for call in all_calls()}
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


def nodes(node: Any) -> Iterator[Any]:
    yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from nodes(child)


def json_of(operation: dict[str, Any], status: str) -> dict[str, Any]:
    return operation["responses"][status]["content"]["application/json"]  # type: ignore[no-any-return]  # an open document


def test_the_committed_document_is_the_one_that_the_code_makes() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == written(), "run `make openapi` and commit docs/openapi.json"


def test_the_docs_function_serves_the_committed_document() -> None:
    served = COMMITTED.parents[1] / "functions" / "docs" / "openapi.json"

    assert served.resolve() == COMMITTED.resolve()


def test_the_document_is_valid_openapi() -> None:
    validate(DOCUMENT)


def test_no_null_is_ever_sent_or_taken() -> None:
    assert [
        node for node in nodes(DOCUMENT) if node is None or (isinstance(node, dict) and node.get("type") == "null")
    ] == []


def test_every_field_and_every_operation_is_described() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert schema["description"], name
        for field, each in schema.get("properties", {}).items():
            assert each["description"], f"{name}.{field}"
    for name, operation in OPERATIONS.items():
        assert operation["summary"], name
        assert operation["description"], name


def test_the_glossary_has_no_entry_too_many() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    of_queries = {
        parameter["name"]
        for operation in OPERATIONS.values()
        for parameter in operation.get("parameters", ())
        if "name" in parameter
    }

    of_queries |= {f"{call.input.__name__}.{name}" for call in CALLS.values() for name in of_queries}

    assert set(GLOSSARY) - {*glossary_keys(schemas), *of_queries} == set()


def test_operation_ids_differ() -> None:
    ids = [operation["operationId"] for operation in OPERATIONS.values()]

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("call", CALLS.values(), ids=lambda call: call.route)
def test_the_examples_of_requests_are_taken(call: Call) -> None:
    words = WORDS[call.route]

    assert bool(words.requests) == call.takes_body
    for example in words.requests.values():
        parse(json.dumps(example.value).encode(), call.input)


@pytest.mark.parametrize("call", CALLS.values(), ids=lambda call: call.route)
def test_the_examples_of_answers_are_what_the_code_would_write(call: Call) -> None:
    model = answer_of(call.operation)
    words = WORDS[call.route]

    assert bool(words.answers) == (model is not None)
    for example in words.answers.values():
        assert model is not None
        said = model.model_validate_json(json.dumps(example.value)).model_dump_json(by_alias=True, exclude_none=True)
        assert json.loads(said) == example.value


@pytest.mark.parametrize("call", CALLS.values(), ids=lambda call: call.route)
def test_each_call_tells_its_refusals_its_token_and_its_headers(call: Call) -> None:
    operation = OPERATIONS[call.route]
    expected = {"400", "401", "403", "429", "500", "503", str(call.status.value)}
    expected |= {"413"} if call.method == "POST" else set()
    expected |= {"404"} if call.path_parameters else set()

    assert set(operation["responses"]) == expected
    assert [*operation["security"][0]] == ["OAuth2"]
    given = [parameter["$ref"].rpartition("/")[2] for parameter in operation["parameters"] if "$ref" in parameter]
    assert given == ["Correlation", "EndUser"]
    assert set(operation["responses"][str(call.status.value)]["headers"]) == {"x-correlation-id", "BelGov-Trace-Id"}


def test_what_takes_no_token_is_health_and_the_document() -> None:
    without = {name for name, operation in OPERATIONS.items() if operation["security"] == []}

    assert without == {"GET /v1/health", "GET /v1/doc", "GET /v1/doc/openapi.json"}


def test_problems_are_problem_json_as_the_code_writes_them() -> None:
    for name in ("BadRequest", "Forbidden", "NotFound", "PayloadTooLarge", "InternalServerError", "ServiceUnavailable"):
        content = DOCUMENT["components"]["responses"][name]["content"]["application/problem+json"]
        assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
        for example in content["examples"].values():
            assert json.loads(Problem.model_validate(example["value"]).to_json()) == example["value"]


def test_the_persons_in_the_document_have_test_numbers() -> None:
    texts = {node for node in nodes(DOCUMENT) if isinstance(node, str) and len(node) == 11 and node.isdigit()}
    valid = {text for text in texts if insz.kind(text, year=2026) is not None}

    assert valid
    for number in valid:
        assert not insz.is_accepted(number, year=2026, test_numbers_allowed=False), number
