"""The exchange's API over HTTP: lookups and registrations with typed answers.

Example:
    exchange = Exchange(url, token=give_token, http=pool_for(url), end_user="kring")
    for item in exchange.lookup(numbers, asker=INFINO, question=Question(Purpose.SOCIAL_SUPPLEMENT)):
        print(item.wire())
"""

import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Final, TypeVar

import urllib3
from pydantic import JsonValue, ValidationError

from jbplus.protocol.parties import Party
from jbplus.protocol.purposes import MATRIX, SCOPE_REGISTRATION, Purpose, Right
from jbplus.registrations.wire import RegistrationAnswer
from jbplus.stand.rules import range_of
from jbplus.stand.wire import PairAnswer, PairsAnswer
from jbplus.wire import Wire
from jbplus_recipient.answers import (
    LookupItem,
    LookupItems,
    Person,
    Problem,
    Refused,
    RegistrationItem,
    RegistrationItems,
)
from jbplus_recipient.errors import ExchangeError, ProblemError
from jbplus_recipient.transport import Method, ask

BATCH: Final = 100
"""The most persons that one call takes (contract of the API)."""

MAX_RANGES: Final = 64
"""The most ranges of a stand that one call opens."""

_IDENTIFIER = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)  # RFC 6750, section 2.1

_DONE = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT})
_CODES_OF_ONE_PERSON = frozenset({"20002", "40003"})

_W = TypeVar("_W", bound=Wire)

GiveToken = Callable[[Party, Sequence[str]], str]
"""Gives an access token (OAuth 2 client credentials) for a party with these scopes, or raises ExchangeError."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do when a call fails, in words for whoever runs it.

    Attributes:
        unreachable: when nothing answers.
        refused: when the token is not accepted.
    """

    unreachable: str = "Check the network, the proxy settings and the exchange's URL."
    refused: str = "It may have run out, or be meant for another exchange."


@dataclass(frozen=True, slots=True)
class Question:
    """What a lookup is for.

    Attributes:
        purpose: the purpose (Article 2 b).
        dossier: the asker's file, where the purpose serves only specific files; opaque, logged.
        after_mutation: whether a notice is the ground (Article 6); logged.
    """

    purpose: Purpose
    dossier: str | None = None
    after_mutation: bool = False

    def wire(self) -> dict[str, JsonValue]:
        """Give the question's part of a request's body."""
        said: dict[str, JsonValue] = {"doel": self.purpose.value}
        if self.dossier is not None:
            said["dossier"] = self.dossier
        if self.after_mutation:
            said["naarAanleidingVanMutatie"] = True
        return said


@dataclass(frozen=True, slots=True)
class Term:
    """When a registration runs (Article 6): calendar days in Brussels, the end inclusive, None when open."""

    begin: date
    end: date | None = None

    def wire(self) -> dict[str, JsonValue]:
        """Give the `periode` of a request's body."""
        said: dict[str, JsonValue] = {"begin": self.begin.isoformat()}
        return said if self.end is None else said | {"einde": self.end.isoformat()}


class Exchange:
    """The API of one exchange, as one application of the parties sees it.

    Every method that asks raises ProblemError when the exchange refuses a request as a whole, and ExchangeError
    when no answer comes or it makes no sense.

    Args:
        url: of the API.
        token: gives access tokens.
        http: where requests go through; its retries and time-outs apply (`transport.pool_for`).
        end_user: who asks (`X-Magda-Enduser-ID`), 1-64 of `A-Z a-z 0-9 . _ -`, never a person number.
        advice: what to do when a call fails.

    Raises:
        ExchangeError: the end user's name cannot be sent.
    """

    def __init__(
        self, url: str, *, token: GiveToken, http: urllib3.PoolManager, end_user: str, advice: Advice | None = None
    ) -> None:
        if not _IDENTIFIER.fullmatch(end_user):
            raise ExchangeError("The end user must be 1 to 64 of A-Z a-z 0-9 . _ -, and never a person number.")
        self._url = url.rstrip("/")
        self._token = token
        self._http = http
        self._end_user = end_user
        self._advice = advice or Advice()

    @property
    def end_user(self) -> str:
        """Who asks."""
        return self._end_user

    def get(self, number: str, *, asker: Party, question: Question) -> Person:
        """Look one person up (`/v1/verrichtingen/get`).

        Args:
            number: the INSZ.
            asker: the party that asks.
            question: what for.
        """
        answer = self.post(
            "/v1/verrichtingen/get",
            {**question.wire(), "insz": number},
            Person,
            asker,
            MATRIX[question.purpose].scope,
        )
        expect_about([number], [answer.insz])
        return answer

    def query(self, numbers: Sequence[str], *, asker: Party, question: Question) -> tuple[LookupItem, ...]:
        """Look up to a hundred different persons up at once (`/v1/verrichtingen/query`), in the order asked."""
        answers = self.post(
            "/v1/verrichtingen/query",
            {**question.wire(), "inszLijst": list(numbers)},
            LookupItems,
            asker,
            MATRIX[question.purpose].scope,
        ).items
        expect_about(numbers, [answer.insz for answer in answers])
        return answers

    def lookup(self, numbers: Sequence[str], *, asker: Party, question: Question) -> Iterator[LookupItem]:
        """Look any number of different persons up, by as few calls as their number and the purpose allow.

        Args:
            numbers: the INSZs.
            asker: the party that asks.
            question: what for.

        Yields:
            An answer or a refusal for each person, in the order asked, as soon as it is there.
        """
        if len(numbers) > 1 and MATRIX[question.purpose].in_bulk:
            for batch in batches(numbers):
                yield from self.query(batch, asker=asker, question=question)
        else:
            for number in numbers:
                yield self._get_or_refusal(number, asker, question)

    def register(
        self, numbers: Sequence[str], *, registrar: Party, term: Term, right: Right = Right.RUNNING
    ) -> Iterator[RegistrationItem]:
        """Register any number of different persons (`/v1/inschrijvingen`, Article 6); replaces earlier ones.

        Args:
            numbers: the INSZs.
            registrar: the payment actor that registers.
            term: from when to when.
            right: the state of the persons' right to Groeipakket.

        Yields:
            What became of each registration, in the order given, a hundred at a time.
        """
        said: dict[str, JsonValue] = {"periode": term.wire(), "recht": right.value}
        for batch in batches(numbers):
            items: list[JsonValue] = [{**said, "insz": number} for number in batch]
            answer = self.post("/v1/inschrijvingen", {"items": items}, RegistrationItems, registrar, SCOPE_REGISTRATION)
            expect_about(batch, [item.insz for item in answer.items])
            yield from answer.items

    def unregister(self, number: str, *, registrar: Party) -> None:
        """Delete a payment actor's registration of a person (`/v1/inschrijvingen/delete`); fine when there is none."""
        self.tell("/v1/inschrijvingen/delete", {"insz": number}, registrar, SCOPE_REGISTRATION)

    def registration(self, number: str, *, registrar: Party) -> RegistrationAnswer:
        """Give a payment actor's registration of a person (`/v1/inschrijvingen/get`); the number alone without one."""
        answer = self.post(
            "/v1/inschrijvingen/get", {"insz": number}, RegistrationAnswer, registrar, SCOPE_REGISTRATION
        )
        expect_about([number], [answer.insz])
        return answer

    def open_stand(self, ranges: Sequence[str], *, registrar: Party) -> tuple[PairAnswer, ...]:
        """Give handle and version of each active registration in up to 64 ranges (`/v1/stand/query`)."""
        body: dict[str, JsonValue] = {"bereiken": list(ranges)}
        answer = self.post("/v1/stand/query", body, PairsAnswer, registrar, SCOPE_REGISTRATION)
        if {range_of(pair.handle) for pair in answer.items} - set(ranges):
            raise ExchangeError("The exchange opened other ranges of the stand than it was asked for: none is used.")
        return answer.items

    def post(self, path: str, body: Mapping[str, JsonValue], form: type[_W], party: Party, scope: str) -> _W:
        """Send a POST with a body, and read its answer.

        Args:
            path: the call; never with a person number in it.
            body: what is asked.
            form: what the answer looks like.
            party: who asks.
            scope: the scope that the call takes.
        """
        return self._call("POST", path, form, party, scope, body=json.dumps(body).encode())

    def tell(self, path: str, body: Mapping[str, JsonValue], party: Party, scope: str) -> None:
        """Send a POST that is answered without words; the arguments are those of `post`."""
        self._send("POST", path, party, scope, json.dumps(body).encode())

    def read(self, path: str, form: type[_W], party: Party, scope: str) -> _W:
        """Send a GET, and read its answer; the arguments are those of `post`."""
        return self._call("GET", path, form, party, scope)

    def _get_or_refusal(self, number: str, asker: Party, question: Question) -> LookupItem:
        try:
            return self.get(number, asker=asker, question=question)
        except ProblemError as error:
            # What is wrong with this person says nothing about the next one; any other problem does.
            if error.problem.code not in _CODES_OF_ONE_PERSON:
                raise
            return Refused(insz=number, problem=error.problem)

    def _call(
        self, method: Method, path: str, form: type[_W], party: Party, scope: str, *, body: bytes | None = None
    ) -> _W:
        response = self._send(method, path, party, scope, body)
        try:
            return form.read(response.data)
        except ValidationError as error:
            raise ExchangeError(
                f"The answer of {path} is not as agreed. Does this jbplus belong to the stack's version?"
            ) from error

    def _send(
        self, method: Method, path: str, party: Party, scope: str, body: bytes | None
    ) -> urllib3.BaseHTTPResponse:
        response = ask(
            self._http,
            self._url + path,
            method=method,
            advice=self._advice.unreachable,
            body=body,
            headers={
                "Authorization": f"Bearer {_checked(self._token(party, [scope]))}",
                **({} if body is None else {"Content-Type": "application/json"}),
                "Accept": "application/json, application/problem+json",
                "x-correlation-id": str(uuid.uuid4()),
                "X-Magda-Enduser-ID": self._end_user,
            },
        )
        if response.status not in _DONE:
            raise self._refusal(response, path)
        return response

    def _refusal(self, response: urllib3.BaseHTTPResponse, path: str) -> ExchangeError:
        if response.status == HTTPStatus.UNAUTHORIZED:
            return ExchangeError(f"The token was not accepted (401). {self._advice.refused}")
        try:
            return ProblemError(Problem.model_validate_json(response.data))
        except ValidationError:
            return ExchangeError(f"{path} answered {response.status} without saying why. Try again later.")


def _checked(token: str) -> str:
    """Give a token that can be sent; the words never show it."""
    if not _TOKEN.fullmatch(token):
        raise ExchangeError(
            "The access token is none: it is empty, or holds a blank, a line end or another character that no token "
            "has. Get it anew, and copy all of it and nothing else."
        )
    return token


def expect_about(asked: Sequence[str], answered: Sequence[str]) -> None:
    """Check that an answer is about exactly the persons, and in the order, that were asked about.

    Raises:
        ExchangeError: it is another question's answer, or none.
    """
    if list(asked) != list(answered):
        raise ExchangeError(
            "The exchange did not answer about the persons that it was asked about: nothing of the answer is used. "
            "Tell its operators."
        )


def batches(things: Sequence[str], most: int = BATCH) -> Iterator[Sequence[str]]:
    """Cut a list, of persons where nothing else is said, into parts that one call takes."""
    for start in range(0, len(things), most):
        yield things[start : start + most]
