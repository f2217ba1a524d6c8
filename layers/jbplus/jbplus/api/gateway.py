"""One call of the API: from API Gateway's event to an answer or a problem, in the order of the contract."""

import base64
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from pydantic import BaseModel

from jbplus.api import problems
from jbplus.api.bodies import MAX_BODY, Body, Parameter, parse
from jbplus.api.calls import Call
from jbplus.api.problems import BadRequestError, Issue, PayloadTooLargeError, Place, Problem
from jbplus.errors import UnavailableError, UnknownIdError
from jbplus.logs import LogCode, where_it_failed
from jbplus.protocol import insz
from jbplus.protocol.access import RefusedError
from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.protocol.caller import Asker, Caller

CORRELATION = "x-correlation-id"
END_USER = "X-Magda-Enduser-ID"
TRACE = "BelGov-Trace-Id"

_IDENTIFIER = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Gateway:
    """Answers calls.

    Attributes:
        clock: gives the present moment.
        logger: takes one line for each call, without anything the caller sent.
        metrics: counts the calls by status.
    """

    clock: Clock
    logger: Logger
    metrics: Metrics

    def answer(self, event: APIGatewayProxyEventV2, call: Call) -> Response[str]:
        """Answer an event of one call: whatever happens, with an answer or a problem."""
        trace = str(uuid.uuid4())
        problem: Problem
        try:
            given = _read(event, call)
            caller = self._caller(event, trace)
            try:
                answer = call.operation(given, caller)
            except RefusedError as error:
                problem = problems.refused(error.refusal, trace, scope=error.scope or call.scope_of(given))
            else:
                return self._respond(event, trace, answer, call.status)
        except PayloadTooLargeError:
            problem = problems.payload_too_large(MAX_BODY, trace)
        except BadRequestError as error:
            problem = problems.bad_request(error, trace)
        except UnknownIdError:
            problem = problems.not_found(trace)
        except UnavailableError as error:
            self.logger.error(LogCode.CALL_UNAVAILABLE, extra={"trace": trace, "reason": str(error)})
            problem = problems.unavailable(trace)
        except Exception as error:  # noqa: BLE001 - the last resort: whatever it is, its message may hold a value
            self.logger.error(LogCode.CALL_FAILED, extra={"trace": trace, **where_it_failed(error)})
            problem = problems.internal_error(trace)
        return self._respond(event, trace, problem, HTTPStatus(problem.status))

    def _caller(self, event: APIGatewayProxyEventV2, trace: str) -> Caller:
        year = brussels_day(self.clock()).year
        headers = event.headers
        issues = [
            Issue(
                place=Place.HEADER,
                name=name,
                detail="is required: 1 to 64 of A-Z a-z 0-9 . _ -, and not a person's number",
            )
            for name in (CORRELATION, END_USER)
            if not _is_identifier(headers.get(name.lower()), year)
        ]
        if issues:
            raise BadRequestError(*issues)
        return Caller(_asker(event), headers[END_USER.lower()], headers[CORRELATION], trace)

    def _respond(
        self, event: APIGatewayProxyEventV2, trace: str, answer: BaseModel | None, status: HTTPStatus
    ) -> Response[str]:
        headers = {TRACE: trace, "Cache-Control": "no-store"}
        correlation = event.headers.get(CORRELATION)
        if correlation is not None and _is_identifier(correlation, brussels_day(self.clock()).year):
            headers[CORRELATION] = correlation
        content_type, body = None, ""
        if isinstance(answer, Problem):
            # A refusal for one person is an operation's answer too.
            content_type, status, body = problems.PROBLEM_JSON, HTTPStatus(answer.status), answer.to_json()
            if status is HTTPStatus.SERVICE_UNAVAILABLE:
                headers["Retry-After"] = str(problems.RETRY_AFTER_SECONDS)
        elif answer is not None:
            content_type, body = "application/json", answer.model_dump_json(by_alias=True, exclude_none=True)
        self.logger.info(
            LogCode.CALL_ANSWERED,
            extra={"trace": trace, "route": event.route_key, "status": status.value, **_party(event)},
        )
        self.metrics.add_metric(f"Calls{status // 100}xx", MetricUnit.Count, 1)
        return Response(status_code=status.value, content_type=content_type, body=body, headers=dict(headers))


def resolver(gateway: Gateway, calls: Sequence[Call]) -> APIGatewayHttpResolver:
    """Make the resolver that hands each route's events to the gateway."""
    app = APIGatewayHttpResolver()

    def answer(call: Call) -> Callable[..., Response[str]]:
        # Powertools hands over the path's parameters too; the gateway finds them in the event.
        return lambda **_: gateway.answer(app.current_event, call)

    for call in calls:
        app.route(call.powertools_path, method=call.method)(answer(call))
    return app


def _read(event: APIGatewayProxyEventV2, call: Call) -> Body:
    path = {name: Parameter(Place.PATH, value) for name, value in event.path_parameters.items()}
    query = {name: Parameter(Place.QUERY, value) for name, value in event.query_string_parameters.items()}
    return parse(_body_of(event, call), call.input, query | path)


def _body_of(event: APIGatewayProxyEventV2, call: Call) -> bytes:
    body = event.body or ""
    if call.method == "GET" or (not body and not call.takes_body):
        return b"{}"
    return base64.b64decode(body) if event.is_base64_encoded else body.encode()


def _is_identifier(value: str | None, year: int) -> bool:
    return (
        value is not None
        and _IDENTIFIER.fullmatch(value) is not None
        and not insz.is_insz_in_disguise(value, year=year)
    )


def _claims(event: APIGatewayProxyEventV2) -> Mapping[str, str]:
    authorizer = event.request_context.authorizer
    return (authorizer.jwt_claim if authorizer else None) or {}


def _asker(event: APIGatewayProxyEventV2) -> Asker:
    claims = _claims(event)
    return Asker(
        kbo=claims.get("kbo", ""),
        application=claims.get("client_id") or claims.get("sub", ""),
        scopes=frozenset(claims.get("scope", "").split()),
    )


def _party(event: APIGatewayProxyEventV2) -> dict[str, str]:
    return {"party": _claims(event).get("kbo", "")}
