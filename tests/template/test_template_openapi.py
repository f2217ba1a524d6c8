"""The routes of the template are the operations of the API's document."""

from jbplus_openapi.whole import whole
from tests.template.expanded import Expanded

# Parts of the page, for a browser alone.
NOT_DESCRIBED = {("get", "/v1/doc/{file}")}


def test_each_route_is_described_and_each_operation_has_a_route(expanded: Expanded) -> None:
    paths = expanded.properties("ExchangeApi")["Body"]["paths"]
    routes = {(method, path) for path, methods in paths.items() for method in methods}
    described = {(method, path) for path, methods in whole()["paths"].items() for method in methods}

    assert routes - NOT_DESCRIBED == described


def test_a_route_takes_a_token_when_the_document_says_so(expanded: Expanded) -> None:
    paths = expanded.properties("ExchangeApi")["Body"]["paths"]

    for path, methods in whole()["paths"].items():
        for method, operation in methods.items():
            takes_token = paths[path][method].get("security") == [{"Jwt": []}]
            assert takes_token == bool(operation["security"]), path
