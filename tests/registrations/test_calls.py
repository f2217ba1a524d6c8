"""What keeping registrations answers, to the letter of the contract."""

import re
from datetime import date

import pytest

from jbplus.privacy_log.rules import LogOutcome
from jbplus.protocol.purposes import Right
from jbplus.registrations.rules import Registration
from tests.privacy_log.fakes import FakePrivacyLog
from tests.registrations.fakes import FakeRegistrationStore
from tests.support.api import DELETE, FIND, REGISTER, Api, Json, short_type
from tests.support.events import claims
from tests.support.fakes import PSEUDONYMS
from tests.support.known import INFINO, PARENTIA
from tests.support.people import ANNA, BRAM, CELINE, person_number

BAD = ANNA[:-1] + str((int(ANNA[-1]) + 1) % 10)
PARENTIAS_TOKEN = claims(PARENTIA, "jbplus:inschrijving")


def item(number: str, *, begin: str = "2026-01-01", recht: str = "lopend", einde: str | None = None) -> Json:
    period = {"begin": begin} | ({} if einde is None else {"einde": einde})
    return {"insz": number, "periode": period, "recht": recht}


def test_registering_answers_what_it_did_in_the_order_asked() -> None:
    store = FakeRegistrationStore()
    api = Api(registration_store=store)
    api.post(REGISTER, {"items": [item(ANNA), item(BRAM)]})

    answered = api.post(REGISTER, {"items": [item(CELINE), item(BRAM, recht="geschorst"), item(ANNA)]})

    items = answered.json["items"]
    handles = [shown.pop("handle") for shown in items]
    assert len(set(handles)) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", handle) for handle in handles)
    assert (answered.status, items) == (
        200,
        [
            {"insz": CELINE, "resultaat": "geregistreerd"},
            {"insz": BRAM, "resultaat": "gewijzigd"},
            {"insz": ANNA, "resultaat": "ongewijzigd"},
        ],
    )
    assert store.items[PSEUDONYMS(BRAM), INFINO] == Registration(date(2026, 1, 1), None, Right.SUSPENDED)


def test_a_bad_item_does_not_stop_the_others() -> None:
    store, log = FakeRegistrationStore(), FakePrivacyLog()

    answered = Api(registration_store=store, log=log).post(
        REGISTER, {"items": [item(BAD), item(ANNA), item(BRAM, einde="2025-12-31"), item(CELINE, einde="2026-01-01")]}
    )

    items = answered.json["items"]
    assert answered.status == 200
    assert [shown["insz"] for shown in items] == [BAD, ANNA, BRAM, CELINE]
    assert [shown.get("resultaat") for shown in items] == [None, "geregistreerd", None, "geregistreerd"]
    assert set(store.items) == {(PSEUDONYMS(ANNA), INFINO), (PSEUDONYMS(CELINE), INFINO)}
    assert [entry.subject for entry in log.entries] == [PSEUDONYMS(ANNA), PSEUDONYMS(CELINE)]


def test_a_bad_item_has_a_problem_that_names_its_field() -> None:
    answered = Api().post(REGISTER, {"items": [item(ANNA), item(BAD), item(BRAM, einde="2025-12-31")]})

    bad_number, bad_period = (shown["problem"] for shown in answered.json["items"][1:])
    assert (bad_number["status"], short_type(bad_number), bad_number["code"]) == (400, "badRequest", "20002")
    assert [issue["name"] for issue in bad_number["issues"]] == ["items[1].insz"]
    assert (bad_period["status"], short_type(bad_period), "code" in bad_period) == (400, "badRequest", False)
    assert [issue["name"] for issue in bad_period["issues"]] == ["items[2].periode.einde"]


def test_a_hundred_persons_are_registered_in_one_call() -> None:
    store, log = FakeRegistrationStore(), FakePrivacyLog()
    numbers = [person_number(serial) for serial in range(1, 101)]

    answered = Api(registration_store=store, log=log).post(REGISTER, {"items": [item(number) for number in numbers]})

    assert [shown["insz"] for shown in answered.json["items"]] == numbers
    assert len(store.items) == 100
    assert (log.calls, len(log.entries)) == (1, 100)


@pytest.mark.parametrize(
    ("einde", "period"),
    [
        (None, {"begin": "2026-01-01"}),
        ("2026-12-31", {"begin": "2026-01-01", "einde": "2026-12-31"}),
        ("2026-01-01", {"begin": "2026-01-01", "einde": "2026-01-01"}),
    ],
)
def test_the_own_registration_is_found_as_it_was_made(einde: str | None, period: Json) -> None:
    api = Api()
    api.post(REGISTER, {"items": [item(ANNA, einde=einde, recht="afgelopen")]})

    answered = api.post(FIND, {"insz": ANNA})

    assert (answered.status, answered.json) == (200, {"insz": ANNA, "periode": period, "recht": "afgelopen"})


def test_without_a_registration_the_number_alone_is_answered() -> None:
    answered = Api().post(FIND, {"insz": ANNA})

    assert (answered.status, answered.json) == (200, {"insz": ANNA})


def test_the_registration_of_another_party_is_not_found() -> None:
    api = Api()
    api.post(REGISTER, {"items": [item(ANNA)]}, PARENTIAS_TOKEN)

    assert api.post(FIND, {"insz": ANNA}).json == {"insz": ANNA}
    assert "recht" in api.post(FIND, {"insz": ANNA}, PARENTIAS_TOKEN).json


def test_registering_again_replaces_the_whole_of_the_earlier_one() -> None:
    api = Api()
    api.post(REGISTER, {"items": [item(ANNA, einde="2026-12-31")]})

    api.post(REGISTER, {"items": [item(ANNA, begin="2026-02-01", recht="geschorst")]})

    assert api.post(FIND, {"insz": ANNA}).json == item(ANNA, begin="2026-02-01", recht="geschorst")


def test_deleting_answers_204_without_a_body_also_when_there_was_nothing() -> None:
    log = FakePrivacyLog()
    api = Api(log=log)
    api.post(REGISTER, {"items": [item(ANNA)]})

    answers = [api.post(DELETE, {"insz": ANNA}) for _ in range(2)]

    assert [(answered.status, answered.body) for answered in answers] == [(204, ""), (204, "")]
    assert api.post(FIND, {"insz": ANNA}).json == {"insz": ANNA}
    assert [entry.outcome for entry in log.entries] == [
        LogOutcome.REGISTERED,
        LogOutcome.DELETED,
        LogOutcome.EMPTY,
    ]


def test_deleting_leaves_the_registration_of_another_party() -> None:
    api = Api()
    api.post(REGISTER, {"items": [item(ANNA)]}, PARENTIAS_TOKEN)

    api.post(DELETE, {"insz": ANNA})

    assert "recht" in api.post(FIND, {"insz": ANNA}, PARENTIAS_TOKEN).json


@pytest.mark.parametrize("day", ["1900-01-01", "2024-02-29", "2199-12-31"])
def test_the_days_that_a_registration_may_have(day: str) -> None:
    api = Api()

    answered = api.post(REGISTER, {"items": [item(ANNA, begin=day, einde=day)]})

    assert [(made["insz"], made["resultaat"]) for made in answered.json["items"]] == [(ANNA, "geregistreerd")]
    assert api.post(FIND, {"insz": ANNA}).json["periode"] == {"begin": day, "einde": day}
