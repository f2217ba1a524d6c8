"""The sandbox on a running local stack: prepared as its stories have it, and asked as a client asks."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import urllib3

from jbplus_cli.keys.stack import SecretKeys
from jbplus_cli.stack.tokens import LOCAL_SECRET
from jbplus_local.errors import LocalStackError
from jbplus_local.outage import end_outage, outage
from jbplus_local.sandbox.stories import CLIENT, EXPIRED, IN_DOUBT, REGISTERED, STORIES, Story
from jbplus_local.stack import LocalStack

_HEADERS = {"x-correlation-id": "first-try", "X-Magda-Enduser-ID": "an.peeters"}
_PAST = datetime(2026, 1, 1, tzinfo=UTC)
_OTHER_CLIENT, _SOURCE = "infino", "wewis"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a story's request was answered with.

    Attributes:
        status: the HTTP status.
        headers: the headers.
        body: the JSON.
    """

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The stories on a stack that has taken the sample day in.

    Attributes:
        stack: the running stack.
        http: where requests go through.
    """

    stack: LocalStack
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False, timeout=60))

    def prepare(self) -> None:
        """Make everything as the stories have it; once more changes nothing.

        Raises:
            LocalStackError: the stack does not answer as it should.
        """
        end_outage(self.stack.aws, self.stack.endpoints.stack)
        self._register(CLIENT, *REGISTERED)
        self._register(_OTHER_CLIENT, IN_DOUBT)
        self._doubt()
        self._suspend()
        self._expire()

    def answers(self) -> Iterator[tuple[Story, Answer]]:
        """Ask what each story asks."""
        for story in STORIES:
            if story.in_outage:
                with outage(self.stack.aws, self.stack.endpoints.stack):
                    yield story, self.ask(story)
            else:
                yield story, self.ask(story)

    def ask(self, story: Story) -> Answer:
        """Ask what a story asks, as its client."""
        headers = {} if story.scope is None else {"Authorization": f"Bearer {self._token(CLIENT, story.scope)}"}
        return self._post(story.path, story.body, headers)

    def _register(self, client: str, *numbers: str) -> None:
        items = [{"insz": number, "periode": {"begin": "2025-01-01"}, "recht": "lopend"} for number in numbers]
        self._do(client, "jbplus:inschrijving", "/v1/inschrijvingen", {"items": items})

    def _doubt(self) -> None:
        report = {"insz": IN_DOUBT, "aard": "onnauwkeurig", "toelichting": "Het jaar klopt niet met de aanslag."}
        made = self._do(_OTHER_CLIENT, "jbplus:melding", "/v1/kwaliteitsmeldingen", report)
        answer = {"status": "inOnderzoek", "antwoord": "Wij kijken het na."}
        self._do(_SOURCE, "jbplus:bron", f"/v1/kwaliteitsmeldingen/{made['id']}/antwoord", answer)

    def _suspend(self) -> None:
        suspension = {
            "partij": "0686764255",
            "stromen": ["consultatie"],
            "doelen": ["selectieveParticipatietoeslag"],
            "reden": "Om te proberen hoe een geschorste partij geweigerd wordt",
        }
        self._do(_SOURCE, "jbplus:bron", "/v1/schorsingen", suspension)

    def _expire(self) -> None:
        """Put one person's clock forward: the store deletes what is past its end, and answers leave it out before."""
        keys = SecretKeys(self.stack.aws.secrets(), self.stack.outputs["PseudonymSecret"]).ring().pseudonyms
        dynamodb = self.stack.aws.dynamodb()
        try:
            dynamodb.update_item(
                TableName=self.stack.outputs["PersonsTable"],
                Key={"person": {"S": keys(EXPIRED)}},
                UpdateExpression="SET expiresAt = :past",
                ConditionExpression="attribute_exists(person)",
                ExpressionAttributeValues={":past": {"N": str(int(_PAST.timestamp()))}},
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return  # it is deleted already

    def _do(self, client: str, scope: str, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 - any JSON
        answer = self._post(path, body, {"Authorization": f"Bearer {self._token(client, scope)}"})
        if answer.status not in (HTTPStatus.OK, HTTPStatus.CREATED):
            raise LocalStackError(f"The sandbox could not be prepared: {path} answered {answer.status}.")
        return answer.body

    def _token(self, client: str, scope: str) -> str:
        """Get a token as any OAuth 2.0 client does."""
        response = self.http.request(
            "POST",
            f"{self.stack.endpoints.issuer}/token",
            fields={"grant_type": "client_credentials", "scope": scope},
            encode_multipart=False,
            headers=urllib3.make_headers(basic_auth=f"{client}:{LOCAL_SECRET}"),
        )
        return str(response.json()["access_token"])

    def _post(self, path: str, body: Mapping[str, object], headers: Mapping[str, str]) -> Answer:
        url = f"{self.stack.endpoints.api}{path}"
        response = self.http.request("POST", url, json=body, headers={**_HEADERS, **headers})
        return Answer(response.status, response.headers, json.loads(response.data))
