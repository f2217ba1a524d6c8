"""The refusals as the document describes them; their examples are made by the code that makes the real ones."""

from collections.abc import Iterable
from http import HTTPStatus

from jbplus.api import problems
from jbplus.api.bodies import MAX_BODY
from jbplus.api.gateway import CORRELATION, TRACE
from jbplus.api.problems import PROBLEM_JSON, BadRequestError, Issue, IssueType, Place, Problem
from jbplus.protocol.access import Refusal
from jbplus_openapi.schemas import REF, Json

_TRACE_ID = "9f0e5f0c-3c39-4f0d-8a5e-5a4d7c1b2e60"
GATEWAY_MESSAGE = "GatewayMessage"

GATEWAY_SCHEMA: Json = {
    "type": "object",
    "description": "What API Gateway itself answers, before the exchange sees the request.",
    "properties": {"message": {"type": "string", "description": "What is wrong, in some words."}},
    "required": ["message"],
}

HEADERS: Json = {
    "Trace": {
        "description": "Our reference of this call: give it when you report a problem.",
        "required": True,
        "schema": {"type": "string", "maxLength": 36},
    },
    "Correlation": {
        "description": "The caller's own `x-correlation-id`.",
        "required": True,
        "schema": {"type": "string", "maxLength": 64},
    },
    "CorrelationIfGood": {
        "description": "The caller's own `x-correlation-id`; absent when that header was missing or bad.",
        "schema": {"type": "string", "maxLength": 64},
    },
    "TraceIfOurs": {
        "description": "Our reference of this call; absent when API Gateway itself answered.",
        "schema": {"type": "string", "maxLength": 36},
    },
    "RetryAfter": {
        "description": "Seconds to wait before the next try; absent when API Gateway itself answered.",
        "schema": {"type": "integer"},
    },
}


def headers(correlation: str, trace: str) -> Json:
    """Give the headers of an answer, as references."""
    return {TRACE: _header(trace), CORRELATION: _header(correlation)}


def _header(name: str) -> Json:
    return {"$ref": f"#/components/headers/{name}"}


def _problem(description: str, **examples: Problem) -> Json:
    shown = {
        name: {"value": problem.model_dump(by_alias=True, mode="json", exclude_none=True)}
        for name, problem in examples.items()
    }
    content = {PROBLEM_JSON: {"schema": {"$ref": REF + "Problem"}, "examples": shown}}
    return {"description": description, "headers": headers("CorrelationIfGood", "Trace"), "content": content}


def _of_gateway(description: str, message: str) -> Json:
    schema = {"$ref": REF + GATEWAY_MESSAGE}
    content = {"application/json": {"schema": schema, "example": {"message": message}}}
    return {"description": description, "content": content}


def _of_either(ours: Json, gateways: Json) -> Json:
    """A status that both the exchange and API Gateway answer with."""
    content = ours["content"] | gateways["content"]
    return {**ours, "headers": headers("CorrelationIfGood", "TraceIfOurs"), "content": content}


def responses() -> Json:
    """Make the refusals, by the name that operations refer to."""
    missing = Issue(place=Place.HEADER, name="X-Magda-Enduser-ID", detail="is required")
    unknown = Issue(place=Place.BODY, type=IssueType.UNKNOWN_INPUT, detail="holds a field that the API does not know")
    busy = _of_either(
        _problem(
            "A store, the secret or the privacy log is out of reach: nothing was answered, try again after the "
            "seconds of `Retry-After`. Or API Gateway got no answer in time.",
            serviceUnavailable=problems.unavailable(_TRACE_ID),
        ),
        _of_gateway("", "Service Unavailable"),
    )
    busy["headers"]["Retry-After"] = _header("RetryAfter")
    return {
        "BadRequest": _problem(
            "The address of a POST has a parameter, or that of a GET one that the API does not know; the body is no "
            "JSON, does not fit the schema, has an unknown or repeated field or a null; a header is missing or bad; a "
            "person's number stands where none may; or the INSZ is none (`code` 20002). `issues` name what is wrong, "
            "never its value.",
            schema=problems.bad_request(BadRequestError(missing, unknown), _TRACE_ID),
            insz=problems.bad_insz("insz", _TRACE_ID),
        ),
        "Unauthorized": _of_gateway("There is no token, or it is not good. API Gateway answers.", "Unauthorized"),
        "Forbidden": _problem(
            "The token lacks the scope (`missingScope`), or your organisation may not do this (`missingPermission`): "
            "not at all (`code` 40005), not while it is suspended (40006), or not for this person (40003).",
            **{
                name: problems.refused(refusal, _TRACE_ID, scope="jbplus:dossierbeheer")
                for name, refusal in {
                    "missingScope": Refusal.MISSING_SCOPE,
                    "purposeNotAllowed": Refusal.PURPOSE_NOT_ALLOWED,
                    "suspended": Refusal.SUSPENDED,
                    "notRegistered": Refusal.NOT_REGISTERED,
                }.items()
            },
        ),
        "NotFound": _of_either(
            _problem(
                "Nothing has the id in the path. An address that leads nowhere, API Gateway itself answers.",
                resourceNotFound=problems.not_found(_TRACE_ID),
            ),
            _of_gateway("", "Not Found"),
        ),
        "PayloadTooLarge": _of_either(
            _problem(
                f"The body is over {MAX_BODY} bytes. Over 10 MB, API Gateway itself answers.",
                payloadTooLarge=problems.payload_too_large(MAX_BODY, _TRACE_ID),
            ),
            _of_gateway("", "Request Entity Too Large"),
        ),
        "TooManyRequests": _of_gateway(
            "More requests than the throttling of the stage lets through. API Gateway answers; wait and try again.",
            "Too Many Requests",
        ),
        "InternalServerError": _of_either(
            _problem("A mistake of ours.", internalServerError=problems.internal_error(_TRACE_ID)),
            _of_gateway("", "Internal Server Error"),
        ),
        "ServiceUnavailable": busy,
    }


_NAMES = {
    HTTPStatus.BAD_REQUEST: "BadRequest",
    HTTPStatus.UNAUTHORIZED: "Unauthorized",
    HTTPStatus.FORBIDDEN: "Forbidden",
    HTTPStatus.NOT_FOUND: "NotFound",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "PayloadTooLarge",
    HTTPStatus.TOO_MANY_REQUESTS: "TooManyRequests",
    HTTPStatus.INTERNAL_SERVER_ERROR: "InternalServerError",
    HTTPStatus.SERVICE_UNAVAILABLE: "ServiceUnavailable",
}


def refused_with(statuses: Iterable[HTTPStatus]) -> Json:
    """Refer to the refusals of an operation."""
    return {str(status.value): {"$ref": f"#/components/responses/{_NAMES[status]}"} for status in sorted(statuses)}
