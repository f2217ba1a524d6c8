"""The open part of the API: health, the document and its page."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from jbplus.api.site import Site

DOCUMENT, PAGE, STYLE = '{"openapi":"3.1.0"}', "<!doctype html><title>é</title>", "body{}"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    for name, content in {"openapi.json": DOCUMENT, "index.html": PAGE, "page.css": STYLE, "secret.txt": "no"}.items():
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content.encode()))
    return Site(tmp_path)


def event(route: str, encoding: str | None = None, **parameters: str) -> dict[str, Any]:
    headers = {} if encoding is None else {"accept-encoding": encoding}
    return {"routeKey": route, "headers": headers, **({"pathParameters": parameters} if parameters else {})}


def test_health_is_up_and_is_not_kept(site: Site) -> None:
    answer = site.answer(event("GET /v1/health"))

    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"status": "UP"})
    assert answer["headers"]["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("route", "kind", "content"),
    [
        ("GET /v1/doc", "text/html; charset=utf-8", PAGE),
        ("GET /v1/doc/openapi.json", "application/json", DOCUMENT),
    ],
)
def test_page_and_document_are_given_plain_to_who_takes_no_other(
    site: Site, route: str, kind: str, content: str
) -> None:
    answer = site.answer(event(route))

    assert (answer["statusCode"], answer["body"], answer["isBase64Encoded"]) == (200, content, False)
    assert answer["headers"]["Content-Type"] == kind
    assert "Content-Encoding" not in answer["headers"]


def test_a_part_is_given_packed_to_who_takes_it(site: Site) -> None:
    answer = site.answer(event("GET /v1/doc/{file}", "gzip, deflate, br", file="page.css"))

    assert answer["isBase64Encoded"] is True
    assert answer["headers"]["Content-Encoding"] == "gzip"
    assert answer["headers"]["Vary"] == "Accept-Encoding"
    assert gzip.decompress(base64.b64decode(answer["body"])).decode() == STYLE


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", True),
        ("GZIP;q=0.5", True),
        ("br;q=1, gzip;q=0.001", True),
        ("*", True),
        ("identity, *;q=0.1", True),
        ("gzip;q=0, identity", False),
        ("gzip; q=0.000", False),
        ("gzip;q=0, *", False),
        ("*;q=0", False),
        ("deflate, br", False),
        ("x-notgzip", False),
        ("identity", False),
        ("", False),
        (";q=1,,", False),
    ],
)
def test_it_is_packed_for_who_wants_it_and_for_nobody_else(site: Site, encoding: str, packed: bool) -> None:  # noqa: FBT001 - a parameter of the test
    answer = site.answer(event("GET /v1/doc", encoding))

    assert ("Content-Encoding" in answer["headers"]) is packed
    assert answer["isBase64Encoded"] is packed


@pytest.mark.parametrize("file", ["secret.txt", "index.html", "openapi.json", "../app.py", "", "80610100102"])
def test_nothing_but_the_parts_of_the_page_is_given(site: Site, file: str) -> None:
    answer = site.answer(event("GET /v1/doc/{file}", file=file))

    assert answer["statusCode"] == 404
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    problem = json.loads(answer["body"])
    assert (problem["type"], problem["status"]) == ("urn:problem-type:belgif:resourceNotFound", 404)
    assert not file or file not in answer["body"]


@pytest.mark.parametrize("route", ["GET /v1/health", "GET /v1/doc", "GET /v1/doc/openapi.json", "GET /v1/doc/{file}"])
def test_every_answer_forbids_the_browser_what_it_does_not_need(site: Site, route: str) -> None:
    headers = site.answer(event(route))["headers"]

    policy = dict(directive.split(" ", 1) for directive in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert (policy["script-src"], policy["connect-src"]) == ("'self'", "'self'")
    assert policy["frame-ancestors"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    assert headers["Referrer-Policy"] == "no-referrer"
