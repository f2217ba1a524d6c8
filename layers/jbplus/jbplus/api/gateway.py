"""One call of the API: from API Gateway's event to an answer or a problem, in the order of the contract."""

import base64
import re
import uuid
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypedDict
from urllib.parse import parse_qsl

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from pydantic import BaseModel

from jbplus.api import problems
from jbplus.api.bodies import MAX_BODY, Body, parse, parse_query
from jbplus.api.calls import Call
from jbplus.api.claims import asker_of
from jbplus.api.problems import BadRequestError, Issue, PayloadTooLargeError, Place, Problem, UnknownRouteError
from jbplus.api.site import SAFE_HEADERS
from jbplus.errors import LogUnavailableError, UnavailableError, UnknownIdError
from jbplus.logs import LogCode, where_it_failed
from jbplus.protocol.access import RefusedError
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.protocol.caller import Asker, Caller
from jbplus.protocol.identifiers import eleven_digits_in, holds_number, numbers_among

CORRELATION = "x-correlation-id"
END_USER = "X-Magda-Enduser-ID"
TRACE = "BelGov-Trace-Id"
LOG_FAILURES = "PrivacyLogFailures"
"""The metric that counts calls whose record could not be written."""

MAX_PATH_PARAMETER = 64
_IDENTIFIER = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)

Event = Mapping[str, Any]
"""An event of API Gateway (HTTP API, payload format 2.0): an open document."""


class Reply(TypedDict):
    """An answer as API Gateway takes it."""

    statusCode: int
    headers: dict[str, str]
    body: str
    isBase64Encoded: bool


@dataclass(frozen=True, slots=True)
class Gateway:
    """Answers calls.

    Attributes:
        calls: the calls that are served, by route.
        clock: gives the present moment.
        logger: takes one line for each call, without anything the caller sent but its own reference.
        metrics: counts the calls by status, and those whose record could not be written.
        ignored_parameters: parameters of the query that a platform in between appends.
    """

    calls: Mapping[str, Call]
    clock: Clock
    logger: Logger
    metrics: Metrics
    ignored_parameters: Collection[str] = ()

    def answer(self, event: Event) -> Reply:
        """Answer an event: whatever happens, with an answer or a problem."""
        trace = str(uuid.uuid4())
        # API Gateway has matched the path; what stands in front of it, or how it is written, is nothing to go by.
        call = self.calls.get(event.get("routeKey", ""))
        given: Body | None = None
        answer: BaseModel | None
        status = HTTPStatus.OK
        try:
            if call is None:
                raise UnknownRouteError
            given = self._read(event, call)
            caller = self._caller(event, given, trace)
            answer, status = call.operation(given, caller, *_path_of(event, call)), call.status
        except (PayloadTooLargeError, BadRequestError, UnknownRouteError, UnknownIdError, RefusedError) as error:
            answer = _refusal(error, trace)
        except UnavailableError as error:
            if isinstance(error, LogUnavailableError):
                self.metrics.add_metric(LOG_FAILURES, MetricUnit.Count, 1)
            self.logger.error(
                LogCode.CALL_UNAVAILABLE, extra={**self._known_by(event, given, trace), "reason": str(error)}
            )
            answer = problems.unavailable(trace)
        except Exception as error:  # noqa: BLE001 - the last resort: whatever it is, its message may hold a value
            self.logger.error(
                LogCode.CALL_FAILED, extra={**self._known_by(event, given, trace), **where_it_failed(error)}
            )
            answer = problems.internal_error(trace)
        if isinstance(answer, Problem):
            # A refusal for one person is an operation's answer too.
            status = HTTPStatus(answer.status)
        route = "unknown" if call is None else call.route
        party = self._asker(event, ()).kbo
        known_by = self._known_by(event, given, trace)
        extra = {**known_by, "route": route, "status": status.value, "party": party}
        self.logger.info(LogCode.CALL_ANSWERED, extra=extra)
        self.metrics.add_metric(f"Calls{status // 100}xx", MetricUnit.Count, 1)
        named = {"trace": TRACE, "correlation": CORRELATION}
        return _reply(answer, status, {named[name]: value for name, value in known_by.items()})

    def _read(self, event: Event, call: Call) -> Body:
        """Read the input: of a GET its query; a POST has none, since an address is logged on every road."""
        named = event.get("queryStringParameters") or {}
        raw = dict(parse_qsl(event.get("rawQueryString") or "", keep_blank_values=True))
        query = {name: value for name, value in (raw | named).items() if name not in self.ignored_parameters}
        if call.method == "GET":
            return parse_query(query, call.input)
        if query:
            raise BadRequestError(problems.unknown_input(Place.QUERY))
        return parse(_body_of(event, call), call.input)

    def _caller(self, event: Event, given: Body, trace: str) -> Caller:
        """Tell who calls, once nothing that is kept of the call holds a person's number."""
        numbers = numbers_among(given.numbers)
        headers = _headers(event)
        issues = [
            Issue(
                place=Place.HEADER,
                name=name,
                detail="is required: 1 to 64 of A-Z a-z 0-9 . _ -, and not a person's number",
            )
            for name in (CORRELATION, END_USER)
            if not self._is_identifier(headers.get(name.lower()), numbers)
        ]
        issues += [
            Issue(
                place=Place.BODY,
                name=type(given).model_fields[field].alias,
                detail="must not hold a person's number: the person is named elsewhere, or not at all",
            )
            for field in given.kept
            if (text := getattr(given, field)) is not None and not self._may_be_kept(text, numbers)
        ]
        if issues:
            raise BadRequestError(*issues)
        return Caller(self._asker(event, numbers), headers[END_USER.lower()], headers[CORRELATION], trace)

    def _asker(self, event: Event, numbers: Collection[str]) -> Asker:
        authorizer = event.get("requestContext", {}).get("authorizer") or {}
        claims = (authorizer.get("jwt") or {}).get("claims") or {}
        return asker_of(claims, lambda text: self._may_be_kept(text, numbers))

    def _known_by(self, event: Event, given: Body | None, trace: str) -> dict[str, str]:
        """Give what a call is known by, to us and to its caller: in its answer, its log lines and its records."""
        numbers = eleven_digits_in(_all_of(event)) if given is None else numbers_among(given.numbers)
        correlation = _headers(event).get(CORRELATION)
        if correlation is None or not self._is_identifier(correlation, numbers):
            return {"trace": trace}
        return {"trace": trace, "correlation": correlation}

    def _is_identifier(self, text: str | None, numbers: Collection[str]) -> bool:
        return text is not None and _IDENTIFIER.fullmatch(text) is not None and self._may_be_kept(text, numbers)

    def _may_be_kept(self, text: str, numbers: Collection[str]) -> bool:
        return not holds_number(text, year=brussels_day(self.clock()).year, of_request=numbers)


def _headers(event: Event) -> dict[str, str]:
    return {name.lower(): value for name, value in (event.get("headers") or {}).items()}


def _path_of(event: Event, call: Call) -> list[str]:
    """Give the parameters of the route's own path, in their order."""
    given = event.get("pathParameters") or {}
    wrong = [name for name in call.path_parameters if not 1 <= len(given.get(name, "")) <= MAX_PATH_PARAMETER]
    if wrong:
        detail = f"must be 1 to {MAX_PATH_PARAMETER} signs"
        raise BadRequestError(*(Issue(place=Place.PATH, name=name, detail=detail) for name in wrong))
    return [given[name] for name in call.path_parameters]


def _body_of(event: Event, call: Call) -> bytes:
    body: str = event.get("body") or ""
    if not body and not call.takes_body:
        return b"{}"
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()


def _all_of(event: Event) -> str:
    """Give all that a caller sent that could not be read."""
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        with suppress(ValueError):
            body = base64.b64decode(body).decode(errors="replace")
    return f"{event.get('rawQueryString') or ''}\n{body}"


def _refusal(
    error: PayloadTooLargeError | BadRequestError | UnknownRouteError | UnknownIdError | RefusedError, trace: str
) -> Problem:
    match error:
        case PayloadTooLargeError():
            return problems.payload_too_large(MAX_BODY, trace)
        case BadRequestError():
            return problems.bad_request(error, trace)
        case RefusedError():
            return problems.refused(error.refusal, trace, scope=error.scope)
        case UnknownIdError():
            return problems.not_found(trace)
        case UnknownRouteError():
            return problems.unknown_route(trace)


def _reply(answer: BaseModel | None, status: HTTPStatus, own: Mapping[str, str]) -> Reply:
    headers = {**own, "Cache-Control": "no-store", **SAFE_HEADERS}
    if answer is not None:
        headers["Content-Type"] = problems.PROBLEM_JSON if isinstance(answer, Problem) else "application/json"
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(problems.RETRY_AFTER_SECONDS)
    body = "" if answer is None else answer.model_dump_json(by_alias=True, exclude_none=True)
    return Reply(statusCode=status.value, headers=headers, body=body, isBase64Encoded=False)
