"""`POST /v1/privacylog/query` (Articles 6 and 9)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from jbplus.privacy_log.rules import LogEntry, LogOutcome, Service
from jbplus.privacy_log.service import LogRecord
from jbplus.protocol.parties import WEWIS
from tests.privacy_log.fakes import FakeLogArchive, FakePrivacyLog, log_entry
from tests.support.api import PRIVACY_LOG, Answered, Api, Json
from tests.support.events import HEADERS, claims
from tests.support.fakes import NOW, PSEUDONYMS
from tests.support.known import INFINO, PARENTIA
from tests.support.out_of_reach import no_keys, throttled
from tests.support.people import ANNA, BRAM

OFFICER = claims(INFINO, "jbplus:privacylog")
TODAY = {"van": "2026-03-05", "tot": "2026-03-05"}
BAD = ANNA[:-1] + str((int(ANNA[-1]) + 1) % 10)


def holding(*entries: LogEntry) -> Api:
    return Api(archive=FakeLogArchive(list(entries)))


def ask(api: Api, body: Json, token: dict[str, str] = OFFICER) -> Answered:
    return api.post(PRIVACY_LOG, body, token)


def issues(answered: Answered) -> list[tuple[str, str]]:
    assert answered.problem == (400, "badRequest", None)
    return [(issue["in"], issue["name"]) for issue in answered.json["issues"]]


def test_a_record_says_who_asked_what_about_whom_on_what_ground() -> None:
    entry = replace(log_entry("trace-1"), file="D-1", registered_by=PARENTIA, after_mutation=True)

    answered = ask(holding(entry), TODAY)

    assert (answered.status, answered.json) == (
        200,
        {
            "items": [
                {
                    "referte": "trace-1",
                    "positie": 0,
                    "moment": "2026-03-05T09:00:00Z",
                    "dienst": "consultatie",
                    "toepassing": "application-1",
                    "gebruiker": "an.peeters",
                    "correlatie": "correlation-1",
                    "doel": "socialeToeslag",
                    "dossier": "D-1",
                    "inschrijvingVan": PARENTIA,
                    "naarAanleidingVanMutatie": True,
                    "betrokkene": PSEUDONYMS.for_party(INFINO, PSEUDONYMS.names(ANNA)[0]),
                    "uitkomst": "beantwoord",
                }
            ]
        },
    )


def test_what_a_record_does_not_say_is_left_out() -> None:
    entry = replace(
        log_entry("trace-1"),
        service=Service.REGISTRATION,
        outcome=LogOutcome.DELETED,
        purpose=None,
        registered_by=None,
    )

    (item,) = ask(holding(entry), TODAY).json["items"]

    assert {"doel", "dossier", "inschrijvingVan"} & item.keys() == set()
    assert (item["dienst"], item["uitkomst"], item["naarAanleidingVanMutatie"]) == ("inschrijving", "verwijderd", False)


def test_the_person_is_named_as_asked() -> None:
    api = holding(log_entry("a"), log_entry("b", number=BRAM))

    assert [(item["referte"], item["betrokkene"]) for item in ask(api, {"insz": ANNA}).json["items"]] == [("a", ANNA)]


def test_the_pages_follow_each_other() -> None:
    entries = [log_entry(f"t{n:03d}", NOW + timedelta(seconds=n)) for n in range(150)]
    api = holding(*entries)

    first = ask(api, TODAY).json
    second = ask(api, {**TODAY, "na": first["volgende"]}).json

    assert [item["referte"] for item in first["items"] + second["items"]] == [f"t{n:03d}" for n in range(150)]
    assert "volgende" not in second


def test_the_end_of_a_page_tells_of_nobody() -> None:
    api = holding(*(log_entry(f"t{n:03d}", NOW + timedelta(seconds=n)) for n in range(101)))

    end = ask(api, {"insz": ANNA, **TODAY, "gebruiker": "an.peeters"}).json["volgende"]

    assert [part for part in (ANNA, PSEUDONYMS(ANNA), "an.peeters") if part in end] == []


@pytest.mark.parametrize("end", ["x", "x.y", ".", "=.=", "a" * 300])
def test_an_end_that_is_none_is_named(end: str) -> None:
    assert issues(ask(holding(log_entry("a")), {**TODAY, "na": end})) == [("body", "na")]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        pytest.param({}, ["van", "tot"], id="nothing"),
        pytest.param({"gebruiker": "an"}, ["van", "tot"], id="an end user alone"),
        pytest.param({"van": "2026-03-01"}, ["tot"], id="no last day"),
        pytest.param({"tot": "2026-03-01"}, ["van"], id="no first day"),
        pytest.param({"van": "2026-03-02", "tot": "2026-03-01"}, ["tot"], id="ends before it begins"),
        pytest.param({"insz": ANNA, "van": "2026-03-02", "tot": "2026-03-01"}, ["tot"], id="so too for a person"),
        pytest.param({"van": "2026-03-01", "tot": "2026-04-01"}, ["tot"], id="32 days"),
        pytest.param({"van": "2026-02-30", "tot": "2026-03-01"}, ["van"], id="no such day"),
        pytest.param({**TODAY, "gebruiker": "an peeters"}, ["gebruiker"], id="no such end user"),
        pytest.param({**TODAY, "na": ""}, ["na"], id="empty end"),
    ],
)
def test_a_bad_question_is_refused_by_field(body: Json, named: list[str]) -> None:
    assert issues(ask(holding(), body)) == [("body", name) for name in named]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"van": "2026-03-01", "tot": "2026-03-31"}, id="31 days"),
        pytest.param({"insz": ANNA}, id="a person ever"),
        pytest.param({"insz": ANNA, "van": "2016-03-01", "tot": "2026-03-31"}, id="a person in ten years"),
        pytest.param({"insz": ANNA, "tot": "2026-03-31"}, id="a person up to a day"),
    ],
)
def test_a_good_question_is_answered(body: Json) -> None:
    assert [item["referte"] for item in ask(holding(log_entry("a")), body).json["items"]] == ["a"]


def test_of_several_flaws_the_first_in_the_contract_is_answered() -> None:
    api = holding()
    wewis = claims(WEWIS.kbo, "jbplus:bron")

    answers = [
        api.post(PRIVACY_LOG, {"insz": BAD}, wewis, {}).problem,
        api.post(PRIVACY_LOG, {"insz": BAD}, wewis, HEADERS).problem,
        ask(api, {"insz": ANNA}, wewis).problem,
        ask(api, {"insz": ANNA}, claims(WEWIS.kbo, "jbplus:privacylog")).problem,
    ]

    assert answers == [
        (400, "badRequest", None),
        (400, "badRequest", "20002"),
        (403, "missingScope", None),
        (403, "missingPermission", "40005"),
    ]
    assert ask(api, {"insz": ANNA}, wewis).json["requiredScopes"] == ["jbplus:privacylog"]


class FailingArchive:
    """Fails at the first record."""

    def of_person(self, *_: object) -> Iterator[LogRecord]:
        """Fail as a throttled table does."""
        raise throttled()

    def of_days(self, *_: object) -> Iterator[LogRecord]:
        """Fail as a throttled table does."""
        raise throttled()


@pytest.mark.parametrize("api", [Api(archive=FailingArchive()), Api(keys=no_keys)], ids=["log", "secret"])
@pytest.mark.parametrize("body", [TODAY, {"insz": ANNA}], ids=["period", "person"])
def test_what_is_out_of_reach_is_asked_again(api: Api, body: Json) -> None:
    answered = ask(api, body)

    assert answered.problem == (503, "serviceUnavailable", None)
    assert answered.headers["Retry-After"]


def test_each_question_is_a_record_and_tells_operators_of_nobody() -> None:
    log = FakePrivacyLog()
    api = Api(archive=FakeLogArchive([log_entry("a")]), log=log)

    ask(api, {"insz": ANNA, "gebruiker": "an.peeters"})
    ask(api, {"insz": BRAM})
    ask(api, TODAY)
    ask(api, {**TODAY, "na": ANNA})
    api.post(PRIVACY_LOG, TODAY, claims(INFINO, "jbplus:dossierbeheer"))
    api.post(PRIVACY_LOG, {"insz": ANNA}, claims(WEWIS.kbo, "jbplus:privacylog"))

    assert {entry.service for entry in log.entries} == {Service.PRIVACY_LOG}
    assert [(entry.subject, entry.outcome) for entry in log.entries] == [
        (PSEUDONYMS(ANNA), LogOutcome.ANSWERED),
        (PSEUDONYMS(BRAM), LogOutcome.EMPTY),
        (None, LogOutcome.ANSWERED),
        (None, LogOutcome.MISSING_SCOPE),
        (PSEUDONYMS(ANNA), LogOutcome.PURPOSE_NOT_ALLOWED),
    ]
    assert [part for part in (ANNA, PSEUDONYMS(ANNA), "an.peeters") if part in api.emitted] == []
