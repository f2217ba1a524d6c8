"""Who asks, in every form that issuers and API Gateway give their claims."""

import pytest

from jbplus.api.claims import asker_of
from jbplus.privacy_log.rules import LogOutcome
from jbplus.protocol.caller import UNKNOWN
from tests.api.test_headers import BODIES, HYPHENATED
from tests.privacy_log.fakes import FakePrivacyLog
from tests.support.api import CALLS, FIND, GET, PRIVACY_LOG, QUERY, REGISTER, TOKEN, Api
from tests.support.events import claims
from tests.support.known import INFINO, registered
from tests.support.people import ANNA

GOOD = {"kbo": INFINO, "client_id": "infino", "scope": "a"}


def scopes(**given: object) -> frozenset[str]:
    return asker_of(GOOD | {"scope": ""} | given, lambda _: True).scopes


@pytest.mark.parametrize("name", ["scope", "scp"])
@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("a b", {"a", "b"}),
        ("  a   b ", {"a", "b"}),
        ("[a b]", {"a", "b"}),
        ("[a]", {"a"}),
        ("[]", set()),
        ("", set()),
        (["a", "b"], {"a", "b"}),
        (["a b", "c"], {"a", "b", "c"}),
        ([], set()),
        (["a", 1, None], {"a"}),
        (None, set()),
        (7, set()),
        ({"a": "b"}, set()),
        ("[a b", {"[a", "b"}),
    ],
)
def test_scopes_are_read_in_every_form(name: str, claim: object, expected: set[str]) -> None:
    assert scopes(**{name: claim}) == expected


def test_either_claim_gives_scopes() -> None:
    assert scopes(scope="a", scp=["b"]) == {"a", "b"}


@pytest.mark.parametrize(
    ("claims_", "application"),
    [
        ({"client_id": "c", "sub": "s"}, "c"),
        ({"sub": "s"}, "s"),
        ({"client_id": "", "sub": "s"}, "s"),
        ({"client_id": " ", "sub": ""}, UNKNOWN),
        ({"client_id": 5}, UNKNOWN),
        ({}, UNKNOWN),
        ({"client_id": "taken", "sub": "s"}, UNKNOWN),
    ],
)
def test_the_application_is_the_client_else_the_subject(claims_: dict[str, object], application: str) -> None:
    assert asker_of({"kbo": INFINO} | claims_, lambda text: text != "taken").application == application


@pytest.mark.parametrize("kbo", [None, "", "68554047", ANNA, "068554047X", 685540471, "\u0660685540471"])
def test_what_is_no_kbo_number_is_not_kept_as_one(kbo: object) -> None:
    assert asker_of({"kbo": kbo}, lambda _: True).kbo == UNKNOWN


@pytest.mark.parametrize("path", CALLS)
@pytest.mark.parametrize("application", [None, "", ANNA, f"app-{ANNA}", HYPHENATED, "_".join(ANNA), UNKNOWN])
def test_a_token_without_an_application_that_may_be_kept_is_refused(path: str, application: str | None) -> None:
    token = claims(INFINO, "jbplus:dossierbeheer", "jbplus:inschrijving", "jbplus:privacylog")
    token |= {} if application is None else {"client_id": application}
    if application is None:
        del token["client_id"]
    log = FakePrivacyLog()
    api = Api(lookup_store=registered(ANNA), log=log)

    answered = api.post(path, BODIES[path], token)

    assert answered.problem == (403, "missingPermission", "40005")
    assert {entry.caller.asker.application for entry in log.entries} <= {UNKNOWN}
    assert {entry.outcome for entry in log.entries} <= {LogOutcome.PURPOSE_NOT_ALLOWED}
    assert bool(log.entries) is (path in {GET, QUERY, PRIVACY_LOG})
    assert ANNA not in api.emitted


def test_a_missing_scope_goes_before_a_missing_application() -> None:
    token = {name: value for name, value in claims(INFINO).items() if name != "client_id"}

    assert Api().post(GET, BODIES[GET], token).problem == (403, "missingScope", None)


def test_a_subject_is_as_good_an_application_as_a_client() -> None:
    log = FakePrivacyLog()
    token = {**TOKEN, "client_id": "", "sub": "dossier-7", "scope": "[jbplus:dossierbeheer jbplus:melding]"}

    answered = Api(lookup_store=registered(ANNA), log=log).post(GET, BODIES[GET], token)

    assert answered.status == 200
    assert [entry.caller.asker.application for entry in log.entries] == ["dossier-7"]


def test_a_party_that_is_named_by_a_persons_number_is_neither_logged_nor_told() -> None:
    log = FakePrivacyLog()
    api = Api(log=log)

    for path in (GET, FIND, REGISTER):
        assert api.post(path, BODIES[path], {**TOKEN, "kbo": ANNA}).status == 403

    assert ANNA not in api.emitted
    assert {entry.caller.asker.kbo for entry in log.entries} == {UNKNOWN}
