"""Problems: every refusal of the API, as RFC 9457 and Belgif have them, with MAGDA's codes where it has one."""

from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from jbplus.protocol.access import Refusal
from jbplus.protocol.insz import Accepts

PROBLEM_JSON = "application/problem+json"
RETRY_AFTER_SECONDS = 5

_BELGIF = "urn:problem-type:belgif:"


class IssueType(StrEnum):
    """The kinds of input issue."""

    SCHEMA = "urn:problem-type:belgif:input-validation:schemaViolation"
    UNKNOWN_INPUT = "urn:problem-type:belgif:input-validation:unknownInput"
    INVALID_STRUCTURE = "urn:problem-type:belgif-ext:input-validation:invalidStructure"
    INVALID_PERIOD = "urn:problem-type:belgif-ext:input-validation:invalidPeriod"


class Place(StrEnum):
    """Where in a request an issue stands."""

    BODY = "body"
    HEADER = "header"
    PATH = "path"
    QUERY = "query"


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True)


class Issue(_Wire):
    """One thing that is wrong with the input; never the value itself.

    Attributes:
        place: where it stands; `in` on the wire.
        name: the name of the field or header, as far as the API knows it; left out for the body as a whole.
        type: what kind of issue it is.
        detail: what would be right.
    """

    place: Annotated[Place, Field(alias="in")]
    name: str | None = None
    type: IssueType = IssueType.SCHEMA
    detail: str


class Problem(_Wire):
    """The body of a refusal (RFC 9457).

    Attributes:
        type: the Belgif problem type.
        title: the kind of problem.
        status: the HTTP status.
        detail: what to do about it.
        instance: this very problem: the call's trace id.
        code: MAGDA's code, where it has one.
        issues: what is wrong with the input.
        required_scopes: the scopes that are missing.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str | None = None
    issues: tuple[Issue, ...] | None = None
    required_scopes: Annotated[tuple[str, ...] | None, Field(alias="requiredScopes")] = None

    def to_json(self) -> str:
        """Write the problem as on the wire, without nulls."""
        return self.model_dump_json(by_alias=True, exclude_none=True)


class RefusedItem(_Wire):
    """One person among several for whom the call is refused.

    Attributes:
        insz: the person.
        problem: why.
    """

    insz: str
    problem: Problem


class BadRequestError(Exception):
    """The input is not as the API wants it."""

    def __init__(self, *issues: Issue, code: str | None = None) -> None:
        super().__init__("bad request")
        self.issues = issues
        self.code = code


class PayloadTooLargeError(Exception):
    """The body is larger than the API takes."""


class UnknownRouteError(Exception):
    """No call has the method and path of a request."""


INSZ_CODE = "20002"
_MISSING_SCOPE = "missingScope"
_MISSING_PERMISSION = "missingPermission"


def insz_issue(name: str) -> Issue:
    """Say that a field holds no valid INSZ."""
    detail = "must be 11 digits: a national register or BIS number with valid check digits"
    return Issue(place=Place.BODY, name=name, type=IssueType.INVALID_STRUCTURE, detail=detail)


def unknown_input(place: Place, name: str | None = None) -> Issue:
    """Say that something stands in a request that the API does not know; its own name could be anything.

    Args:
        place: where it stands.
        name: the field that holds it, as far as the API knows it.
    """
    detail = f"holds a {'field' if place is Place.BODY else 'parameter'} that the API does not know"
    return Issue(place=place, name=name, type=IssueType.UNKNOWN_INPUT, detail=detail)


def invalid_period(name: str, begin: str) -> Issue:
    """Say that a period ends before it begins.

    Args:
        name: the field with its last day.
        begin: the field with its first day.
    """
    detail = f"must not be before {begin}"
    return Issue(place=Place.BODY, name=name, type=IssueType.INVALID_PERIOD, detail=detail)


def check_insz(number: str, accepts: Accepts) -> None:
    """Refuse a call about one person whose number is none.

    Raises:
        BadRequestError: the field `insz` holds no INSZ that may be named here.
    """
    if not accepts(number):
        raise BadRequestError(insz_issue("insz"), code=INSZ_CODE)


def bad_request(error: BadRequestError, trace: str) -> Problem:
    """Make the problem of a bad request."""
    detail = "The input is not valid. Correct what the issues name, and send it again."
    return _problem(
        "badRequest", "Bad Request", HTTPStatus.BAD_REQUEST, detail, trace, code=error.code, issues=error.issues
    )


def bad_insz(name: str, trace: str) -> Problem:
    """Make the problem of one bad INSZ among several."""
    return bad_request(BadRequestError(insz_issue(name), code=INSZ_CODE), trace)


def payload_too_large(limit: int, trace: str) -> Problem:
    """Make the problem of a body over the limit, in bytes."""
    detail = f"The body may hold at most {limit} bytes. Send fewer items in each call."
    return _problem("payloadTooLarge", "Payload Too Large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, trace)


def refused(refusal: Refusal, trace: str, *, scope: str) -> Problem:
    """Make the problem of a refusal (Articles 2, 4 and 6).

    Args:
        refusal: why.
        trace: the call's trace id.
        scope: the scope that the call takes.
    """
    match refusal:
        case Refusal.MISSING_SCOPE:
            detail = f"The access token lacks the scope {scope}. Ask for a token that has it."
            return _problem(
                _MISSING_SCOPE, "Missing Scope", HTTPStatus.FORBIDDEN, detail, trace, required_scopes=(scope,)
            )
        case Refusal.PURPOSE_NOT_ALLOWED:
            detail = "Your organisation may not do this under the protocol (Articles 2 and 4)."
            return _missing_permission(detail, trace, "40005")
        case Refusal.SUSPENDED:
            detail = (
                "WEWIS has suspended your organisation from this (Article 8). GET /v1/schorsingen tells from when and "
                "why; ask WEWIS to lift it."
            )
            return _missing_permission(detail, trace, "40006")
        case Refusal.NOT_REGISTERED:
            detail = (
                "There is no registration of this person that allows this (Article 6). Register the person first; "
                "toezicht, klachten and geschillen see only persons with a running or suspended right."
            )
            return _missing_permission(detail, trace, "40003")
        case Refusal.INSZ_INVALID:
            return bad_insz("inszLijst", trace)


def not_found(trace: str) -> Problem:
    """Make the problem of an id that names nothing."""
    detail = "Nothing has the id that the path names. Check it against the answer that gave it."
    return _problem("resourceNotFound", "Resource Not Found", HTTPStatus.NOT_FOUND, detail, trace)


def unknown_route(trace: str) -> Problem:
    """Make the problem of a method and path that no call has."""
    detail = "No call has this method and path. The API's document lists them: GET /v1/doc/openapi.json."
    return _problem("resourceNotFound", "Resource Not Found", HTTPStatus.NOT_FOUND, detail, trace)


def too_many_requests(trace: str) -> Problem:
    """Make the problem of a person who is one more than a party may register on one day."""
    detail = (
        "Your organisation has registered as many new persons today as it may on one day. Register this one tomorrow, "
        "or ask the exchange's operator for more, as for a first load."
    )
    return _problem("tooManyRequests", "Too Many Requests", HTTPStatus.TOO_MANY_REQUESTS, detail, trace)


def unavailable(trace: str) -> Problem:
    """Make the problem of a store, secret or log that is out of reach."""
    detail = "Nothing was answered. Try again after the seconds in the header Retry-After."
    return _problem("serviceUnavailable", "Service Unavailable", HTTPStatus.SERVICE_UNAVAILABLE, detail, trace)


def internal_error(trace: str) -> Problem:
    """Make the problem of an error of ours."""
    detail = "Something went wrong on our side. Give the instance of this problem when you report it."
    return _problem("internalServerError", "Internal Server Error", HTTPStatus.INTERNAL_SERVER_ERROR, detail, trace)


def _missing_permission(detail: str, trace: str, code: str) -> Problem:
    return _problem(_MISSING_PERMISSION, "Missing Permission", HTTPStatus.FORBIDDEN, detail, trace, code=code)


def _problem(
    name: str,
    title: str,
    status: HTTPStatus,
    detail: str,
    trace: str,
    *,
    code: str | None = None,
    issues: tuple[Issue, ...] | None = None,
    required_scopes: tuple[str, ...] | None = None,
) -> Problem:
    return Problem(
        type=_BELGIF + name,
        title=title,
        status=status.value,
        detail=detail,
        instance=f"urn:uuid:{trace}",
        code=code,
        issues=issues,
        required_scopes=required_scopes,
    )
