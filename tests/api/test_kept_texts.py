"""No person's number comes to rest: every text that a call keeps or logs goes by the one rule."""

from collections.abc import Iterator
from enum import Enum
from string import ascii_letters, digits
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from jbplus.api.bodies import Body
from jbplus.protocol.identifiers import holds_number
from jbplus_openapi.whole import all_calls
from tests.api.test_addresses import Asking, issues
from tests.privacy_log.fakes import FakePrivacyLog
from tests.protocol.test_identifiers import HOLDING, TEXTS
from tests.support.api import GET, QUERY, Api
from tests.support.events import HEADERS
from tests.support.every_call import event_of
from tests.support.fakes import NOW
from tests.support.known import registered
from tests.support.people import ANNA, BRAM

SCHEMA = "urn:problem-type:belgif:input-validation:schemaViolation"
SPREAD = "".join(f"{digit}\N{EM DASH}x"[:-1] for digit in ANNA)
REPORT, ANSWER = "POST /v1/kwaliteitsmeldingen", "POST /v1/kwaliteitsmeldingen/{id}/antwoord"
SUSPEND = "POST /v1/schorsingen"
FREE_TEXTS = [
    pytest.param(REPORT, {"insz": ANNA, "aard": "foutief"}, "toelichting", id="toelichting"),
    pytest.param(ANSWER, {"status": "ongegrond"}, "antwoord", id="antwoord"),
    pytest.param(SUSPEND, {"partij": "0685540471", "stromen": ["mutaties"]}, "reden", id="reden"),
]
# What is neither a person's number nor kept: a filter, places in pages, and what only known words pass.
NOT_KEPT = {
    "OpenBody.bereiken",
    "PrivacyLogBody.gebruiker",
    "PrivacyLogBody.na",
    "ReportsBody.na",
    "SuspendBody.partij",
}
# It has a rule of its own, that of the mutation file, so that every payment can be reported on.
REFERTES = {"ReportBody.referte"}


def texts_of(model: type[BaseModel], inside: tuple[type[BaseModel], ...] = ()) -> Iterator[tuple[type[BaseModel], str]]:
    """Give each field of a model, and of the models it holds, that takes any text."""
    for name, field in model.model_fields.items():
        for kind in _leaves(field.annotation):
            if kind is str:
                yield model, name
            elif isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in inside:
                yield from texts_of(kind, (*inside, model))


def _leaves(kind: Any) -> Iterator[Any]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return
    arguments = get_args(kind)
    yield from (leaf for each in arguments for leaf in _leaves(each)) if arguments else (kind,)


def test_every_text_of_every_call_is_a_number_or_kept_by_the_rule_or_known_not_to_be_kept() -> None:
    left = set()
    for model in {call.input for call in all_calls()}:
        for holder, name in texts_of(model):
            kept = holder.kept if issubclass(holder, Body) else ()
            known = name in kept or name in {"insz", "insz_lijst", "begin", "einde"}
            left |= set() if known else {f"{holder.__name__}.{name}"}

    assert left == NOT_KEPT | REFERTES


@pytest.mark.parametrize(("route", "body", "field"), FREE_TEXTS)
@pytest.mark.parametrize("text", HOLDING)
def test_free_text_with_a_number_is_refused_and_not_repeated(
    route: str, body: dict[str, Any], field: str, text: str
) -> None:
    asking = Asking()

    answered = asking.send(event_of(route, {**body, field: f"zie {text}"}))

    assert (answered.status, issues(answered)) == (400, [("body", field, SCHEMA)])
    assert text not in answered.body
    assert asking.log.entries == []


def test_the_number_of_the_very_report_is_refused_however_it_is_spread() -> None:
    body = {"insz": ANNA, "aard": "foutief", "toelichting": f"zie {SPREAD}"}

    assert issues(Asking().send(event_of(REPORT, body))) == [("body", "toelichting", SCHEMA)]
    assert Asking().send(event_of(REPORT, {**body, "toelichting": f"zie {'_'.join(BRAM)}"})).status == 201


@pytest.mark.parametrize("path", [GET, QUERY])
@pytest.mark.parametrize(
    "dossier",
    [
        f"{ANNA}/2024",
        f"D{ANNA}",
        f"GP/{ANNA[:2]}.{ANNA[2:4]}.{ANNA[4:6]}-{ANNA[6:9]}.{ANNA[9:]}/1",
        f"GP-{ANNA[:6]}-{ANNA[6:9]}.{ANNA[9:]}",
        f"dossier {BRAM}",
        ".".join(ANNA),
        f"9{ANNA}9",
    ],
)
def test_a_dossier_with_a_number_is_refused(path: str, dossier: str) -> None:
    log = FakePrivacyLog()
    whom = {"insz": ANNA} if path == GET else {"inszLijst": [BRAM, ANNA]}

    answered = Api(lookup_store=registered(ANNA), log=log).post(path, whom | {"doel": "audit", "dossier": dossier})

    assert (answered.status, issues(answered)) == (400, [("body", "dossier", SCHEMA)])
    assert log.entries == []


@settings(max_examples=200)
@given(TEXTS.filter(lambda text: 0 < len(text) <= 64), st.sampled_from(["dossier", *HEADERS]))
def test_what_is_kept_of_a_lookup_holds_no_number_and_nothing_else_is_refused(text: str, place: str) -> None:
    log = FakePrivacyLog()
    api = Api(lookup_store=registered(ANNA), log=log)
    body = {"insz": ANNA, "doel": "socialeToeslag"}
    signs = set(ascii_letters + digits + "._-" + (" /:" if place == "dossier" else ""))
    may_stand = set(text) <= signs and not holds_number(text, year=NOW.year, of_request=(ANNA,))

    if place == "dossier":
        answered = api.post(GET, body | {"dossier": text})
    else:
        answered = api.post(GET, body, headers={**HEADERS, place: text})

    assert answered.status == (200 if may_stand else 400)
    assert bool(log.entries) is may_stand
    if place == "x-correlation-id":
        assert ("x-correlation-id" in answered.headers) is may_stand


def test_a_correlation_with_the_number_of_a_body_that_could_not_be_read_is_not_repeated() -> None:
    spread = "_".join(ANNA)
    headers = {**HEADERS, "x-correlation-id": spread}

    answers = [
        Api().post_raw(GET, body, headers=headers)
        for body in (f'{{"insz":"{ANNA}"', f'{{"insz":"{ANNA}"}}', f'["{ANNA}"]'.encode())
    ]

    assert [(answered.status, spread in repr(answered.headers)) for answered in answers] == [(400, False)] * 3
