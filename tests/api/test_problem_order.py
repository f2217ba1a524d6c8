"""The problems of the API: each situation has its own, and the first that applies is answered."""

from dataclasses import dataclass, field

import pytest

from jbplus.privacy_log.rules import LogOutcome
from jbplus.protocol.parties import OPGROEIEN, VUTG, WEWIS
from jbplus.protocol.purposes import MATRIX, Purpose, Right
from jbplus.registrations.rules import Registration
from tests.privacy_log.fakes import FakePrivacyLog
from tests.support.api import DELETE, FIND, GET, QUERY, REGISTER, Api, Json, short_type
from tests.support.events import HEADERS, claims
from tests.support.known import INFINO, OPEN, PARENTIA, registered
from tests.support.people import ANNA, BRAM, CELINE

BAD = ANNA[:-1] + str((int(ANNA[-1]) + 1) % 10)
MAX_BODY = 256 * 1024
PERIOD = {"begin": "2026-01-01"}
Problem = tuple[int, str, str | None]


@dataclass
class Flawed:
    """A call with flaws; `mend` takes them away, first to be noticed first."""

    path: str
    body: Json
    token: dict[str, str]
    headers: dict[str, str] = field(default_factory=dict)
    padding: int = MAX_BODY

    def send(self, api: Api) -> Problem:
        text = Api.text_of(self.body) + " " * self.padding
        return api.post_raw(self.path, text, self.token, self.headers).problem


def test_of_several_flaws_of_a_get_the_first_in_the_contract_is_answered() -> None:
    api = Api(lookup_store=registered())
    call = Flawed(GET, {"insz": BAD, "doel": "socialeToeslag"}, claims(OPGROEIEN.kbo, "jbplus:melding"))

    answers = [call.send(api)]
    call.padding = 0
    answers.append(call.send(api))
    call.headers = dict(HEADERS)
    answers.append(call.send(api))
    call.body["insz"] = ANNA
    answers.append(call.send(api))
    call.token = claims(OPGROEIEN.kbo, "jbplus:dossierbeheer")
    answers.append(call.send(api))
    call.token = claims(INFINO, "jbplus:dossierbeheer")
    answers.append(call.send(api))

    assert answers == [
        (413, "payloadTooLarge", None),
        (400, "badRequest", None),
        (400, "badRequest", "20002"),
        (403, "missingScope", None),
        (403, "missingPermission", "40005"),
        (403, "missingPermission", "40003"),
    ]


def test_of_several_flaws_of_a_query_the_first_in_the_contract_is_answered() -> None:
    api = Api(lookup_store=registered())
    call = Flawed(QUERY, {"inszLijst": [BAD, BRAM], "doel": "audit"}, claims(INFINO, "jbplus:melding"))

    answers = [call.send(api)]
    call.padding = 0
    call.headers = dict(HEADERS)
    answers.append(call.send(api))
    call.body["dossier"] = "A-7"
    answers.append(call.send(api))
    call.token = claims(INFINO, "jbplus:audit")
    answers.append(call.send(api))
    items = api.post(QUERY, call.body, claims(VUTG.kbo, "jbplus:audit")).json["items"]

    assert answers == [
        (413, "payloadTooLarge", None),
        (400, "badRequest", None),
        (403, "missingScope", None),
        (403, "missingPermission", "40005"),
    ]
    assert [(item["problem"]["status"], item["problem"]["code"]) for item in items] == [(400, "20002"), (403, "40003")]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param(REGISTER, {"items": [{"insz": ANNA, "periode": PERIOD, "recht": "lopend"}]}, id="register"),
        pytest.param(FIND, {"insz": ANNA}, id="find"),
        pytest.param(DELETE, {"insz": ANNA}, id="delete"),
    ],
)
def test_of_several_flaws_of_a_registration_the_first_in_the_contract_is_answered(path: str, body: Json) -> None:
    api = Api()
    call = Flawed(path, {**body, "more": 1}, claims(WEWIS.kbo, "jbplus:bron"))

    answers = [call.send(api)]
    call.padding = 0
    answers.append(call.send(api))
    call.body = body
    answers.append(call.send(api))
    call.headers = dict(HEADERS)
    answers.append(call.send(api))
    call.token = claims(WEWIS.kbo, "jbplus:inschrijving")
    answers.append(call.send(api))

    assert answers == [
        (413, "payloadTooLarge", None),
        (400, "badRequest", None),
        (400, "badRequest", None),
        (403, "missingScope", None),
        (403, "missingPermission", "40005"),
    ]


@pytest.mark.parametrize("path", [FIND, DELETE])
def test_a_bad_number_of_a_registration_comes_before_the_scope(path: str) -> None:
    answered = Api().post(path, {"insz": BAD}, claims(INFINO, "jbplus:melding"))

    assert answered.problem == (400, "badRequest", "20002")


def test_bad_numbers_of_registrations_do_not_hide_a_missing_scope() -> None:
    body = {"items": [{"insz": BAD, "periode": PERIOD, "recht": "lopend"}]}

    answered = Api().post(REGISTER, body, claims(INFINO, "jbplus:melding"))

    assert answered.problem == (403, "missingScope", None)


@pytest.mark.parametrize(
    "limit", [pytest.param(" ", id="spaces"), pytest.param("\N{EURO SIGN}", id="letters of several bytes")]
)
def test_a_body_may_have_256_kib_and_not_a_byte_more(limit: str) -> None:
    api = Api(lookup_store=registered(ANNA))
    body = f'{{"insz":"{ANNA}","doel":"socialeToeslag"}}'
    spaces = " " * (MAX_BODY - len(body))
    over = body + limit * ((MAX_BODY - len(body)) // len(limit.encode()) + 1)

    assert api.post_raw(GET, body + spaces).status == 200
    assert api.post_raw(GET, (body + spaces).encode()).status == 200
    assert api.post_raw(GET, over).problem == (413, "payloadTooLarge", None)
    assert api.post_raw(GET, over.encode()).problem == (413, "payloadTooLarge", None)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_missing_scope_is_named(purpose: Purpose) -> None:
    (kbo, *_) = sorted(MATRIX[purpose].parties)
    scopes = {rule.scope for rule in MATRIX.values()} - {MATRIX[purpose].scope}

    answered = Api(lookup_store=registered(ANNA, kbo=PARENTIA)).post(
        GET, {"insz": ANNA, "doel": purpose, "dossier": "D-1"}, claims(kbo, *sorted(scopes))
    )

    assert answered.problem == (403, "missingScope", None)
    assert answered.json["requiredScopes"] == [MATRIX[purpose].scope]


def test_the_scope_to_register_is_named() -> None:
    answered = Api().post(FIND, {"insz": ANNA}, claims(INFINO, "jbplus:dossierbeheer"))

    assert answered.json["requiredScopes"] == ["jbplus:inschrijving"]


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(None, id="no claims"),
        pytest.param({"scope": "jbplus:dossierbeheer"}, id="no kbo"),
        pytest.param({"kbo": "", "scope": "jbplus:dossierbeheer"}, id="empty kbo"),
        pytest.param({"kbo": INFINO}, id="no scope"),
        pytest.param({"kbo": INFINO, "scope": ""}, id="empty scope"),
        pytest.param({"kbo": INFINO, "scope": "jbplus:dossierbeheerder"}, id="longer scope"),
        pytest.param({"kbo": INFINO, "scope": "JBPLUS:DOSSIERBEHEER"}, id="scope in capitals"),
    ],
)
def test_a_token_that_lacks_a_claim_opens_nothing(token: dict[str, str] | None) -> None:
    log = FakePrivacyLog()

    answered = Api(lookup_store=registered(ANNA), log=log).post(GET, {"insz": ANNA, "doel": "socialeToeslag"}, token)

    assert answered.status == 403
    assert len(log.entries) == 1


def test_the_application_is_the_client_id_or_else_the_subject() -> None:
    log = FakePrivacyLog()
    api = Api(lookup_store=registered(ANNA), log=log)
    body = {"insz": ANNA, "doel": "socialeToeslag"}

    api.post(GET, body, {"kbo": INFINO, "scope": "jbplus:dossierbeheer", "client_id": "app-1", "sub": "app-2"})
    api.post(GET, body, {"kbo": INFINO, "scope": "jbplus:dossierbeheer", "sub": "app-2"})

    assert [entry.caller.asker.application for entry in log.entries] == ["app-1", "app-2"]


@pytest.mark.parametrize(
    ("registration", "purpose"),
    [
        pytest.param(None, "socialeToeslag", id="none"),
        pytest.param(Registration(OPEN.begin, OPEN.begin, Right.RUNNING), "socialeToeslag", id="ended"),
        pytest.param(Registration(OPEN.begin, None, Right.ENDED), "toezicht", id="right ended"),
    ],
)
def test_without_a_sufficient_registration_nothing_is_told(registration: Registration | None, purpose: str) -> None:
    kbo, scope = (INFINO, "jbplus:dossierbeheer") if purpose == "socialeToeslag" else (VUTG.kbo, "jbplus:toezicht")
    store = registered() if registration is None else registered(ANNA, kbo=INFINO, registration=registration)
    log = FakePrivacyLog()

    answered = Api(lookup_store=store, log=log).post(
        GET, {"insz": ANNA, "doel": purpose, "dossier": "T-1"}, claims(kbo, scope)
    )

    assert answered.problem == (403, "missingPermission", "40003")
    assert [entry.outcome for entry in log.entries] == [LogOutcome.NOT_REGISTERED]


def test_the_items_of_a_query_have_problems_of_their_own_in_the_order_asked() -> None:
    log = FakePrivacyLog()
    api = Api(lookup_store=registered(BRAM), log=log)

    answered = api.post(QUERY, {"inszLijst": [BAD, BRAM, "not a number", CELINE], "doel": "socialeToeslag"})

    items = answered.json["items"]
    assert answered.status == 200
    assert [item["insz"] for item in items] == [BAD, BRAM, "not a number", CELINE]
    assert [short_type(item["problem"]) if "problem" in item else "answer" for item in items] == [
        "badRequest",
        "answer",
        "badRequest",
        "missingPermission",
    ]
    assert [item["problem"].get("code") for item in items if "problem" in item] == ["20002", "20002", "40003"]
    assert [issue["name"] for item in items for issue in item.get("problem", {}).get("issues", [])] == [
        "inszLijst[0]",
        "inszLijst[2]",
    ]
    assert len(log.entries) == 4
