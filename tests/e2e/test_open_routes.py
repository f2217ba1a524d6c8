"""What needs no token: health, the document and its page."""

import gzip

import pytest
import urllib3

from jbplus_local.stack import LocalStack
from tests.e2e.api import Api
from tests.e2e.conftest import ROOT

DOCUMENT = (ROOT / "docs" / "openapi.json").read_text(encoding="utf-8")


def get(api: Api, path: str, **headers: str) -> urllib3.BaseHTTPResponse:
    return api.http.request("GET", f"{api.url}{path}", headers=headers, decode_content=False)


def test_health_without_a_token(api: Api) -> None:
    answer = get(api, "/v1/health")

    assert (answer.status, answer.json()) == (200, {"status": "UP"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_committed_document_is_served(api: Api) -> None:
    answer = get(api, "/v1/doc/openapi.json")

    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.data.decode() == DOCUMENT


def test_the_document_is_packed_for_who_takes_it(api: Api) -> None:
    answer = get(api, "/v1/doc/openapi.json", **{"Accept-Encoding": "gzip, br"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data).decode() == DOCUMENT


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ("", "text/html; charset=utf-8"),
        ("/swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
        ("/swagger-ui.css", "text/css; charset=utf-8"),
        ("/page.js", "text/javascript; charset=utf-8"),
        ("/page.css", "text/css; charset=utf-8"),
        ("/licence.txt", "text/plain; charset=utf-8"),
        ("/icon.svg", "image/svg+xml"),
    ],
)
def test_the_page_and_its_parts_run_nothing_of_others(api: Api, part: str, kind: str) -> None:
    answer = get(api, f"/v1/doc{part}")

    assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
    assert "default-src 'none'; script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_nothing_else_of_the_function_is_served(api: Api) -> None:
    answer = get(api, "/v1/doc/app.py")

    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:problem-type:belgif:resourceNotFound"


def test_the_function_knows_no_table_and_no_secret(stack: LocalStack) -> None:
    functions = stack.aws.functions()
    (name,) = (
        each["FunctionName"]
        for page in functions.get_paginator("list_functions").paginate()
        for each in page["Functions"]
        if "DocsFunction" in each["FunctionName"]
    )
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]

    assert "POWERTOOLS_LOG_LEVEL" in variables
    assert not [variable for variable in variables if "TABLE" in variable or "SECRET" in variable]
