"""Bad bodies: 400 with issues that say where and what kind, never which value."""

import json
from typing import Any

import pytest

from jbplus.protocol.parties import VUTG
from tests.privacy_log.fakes import FakePrivacyLog
from tests.support.api import DELETE, FIND, GET, QUERY, REGISTER, TOKEN, Answered, Api, Json
from tests.support.events import claims
from tests.support.known import registered
from tests.support.out_of_reach import FailingLookupStore, FailingRegistrationStore
from tests.support.people import ANNA, BRAM, person_number

INVALID_PERIOD = "urn:problem-type:belgif-ext:input-validation:invalidPeriod"
SCHEMA = "urn:problem-type:belgif:input-validation:schemaViolation"
UNKNOWN = "urn:problem-type:belgif:input-validation:unknownInput"
INVALID_STRUCTURE = "urn:problem-type:belgif-ext:input-validation:invalidStructure"
BAD = ANNA[:-1] + str((int(ANNA[-1]) + 1) % 10)

GOOD_GET: Json = {"insz": ANNA, "doel": "socialeToeslag"}
GOOD_QUERY: Json = {"inszLijst": [ANNA, BRAM], "doel": "socialeToeslag"}
GOOD_ITEM: Json = {"insz": ANNA, "periode": {"begin": "2026-01-01", "einde": "2026-12-31"}, "recht": "lopend"}
GOOD_BODIES = [
    pytest.param(GET, GOOD_GET, id="get"),
    pytest.param(QUERY, GOOD_QUERY, id="query"),
    pytest.param(REGISTER, {"items": [GOOD_ITEM]}, id="register"),
    pytest.param(FIND, {"insz": ANNA}, id="find"),
    pytest.param(DELETE, {"insz": ANNA}, id="delete"),
]


def issues(answered: Answered) -> list[tuple[str, str | None, str]]:
    """Give place, name and type of each issue, after a look at the rest of the problem."""
    assert (answered.status, answered.headers["Content-Type"]) == (400, "application/problem+json")
    problem = answered.json
    assert problem["type"] == "urn:problem-type:belgif:badRequest"
    assert {frozenset(issue) - {"name"} for issue in problem["issues"]} == {frozenset({"in", "type", "detail"})}
    return [(issue["in"], issue.get("name"), issue["type"]) for issue in problem["issues"]]


def unreachable() -> Api:
    """A bad body is refused before anything is read or logged."""
    return Api(FailingLookupStore(), FailingRegistrationStore(), FakePrivacyLog(out_of_reach=True))


@pytest.mark.parametrize(("path", "body"), GOOD_BODIES)
def test_the_good_bodies_of_these_tests_are_good(path: str, body: Json) -> None:
    assert Api(lookup_store=registered(ANNA, BRAM)).post(path, body).status in {200, 204}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param(b"", id="empty in base64"),
        pytest.param("   ", id="spaces"),
        pytest.param("insz=1", id="form"),
        pytest.param(json.dumps(GOOD_GET)[:-1], id="truncated"),
        pytest.param(json.dumps(GOOD_GET) + "{}", id="more after the end"),
        pytest.param(json.dumps(GOOD_GET).replace('"', "'"), id="single quotes"),
        pytest.param("\N{ZERO WIDTH NO-BREAK SPACE}" + json.dumps(GOOD_GET), id="BOM"),
        pytest.param(json.dumps(GOOD_GET).encode("utf-16"), id="UTF-16"),
        pytest.param(b'{"insz": "\xff"}', id="not UTF-8"),
        pytest.param('{"insz": "' + ANNA + '", "doel": NaN}', id="NaN"),
        pytest.param('{"insz": "' + ANNA + '", "doel": -Infinity}', id="Infinity"),
        pytest.param(f'{{"insz":"{ANNA}","insz":"{ANNA}","doel":"socialeToeslag"}}', id="key twice"),
        pytest.param(f'{{"insz":"{ANNA}","in\\u0073z":"{BRAM}","doel":"socialeToeslag"}}', id="key twice, escaped"),
        pytest.param('{"insz":"\\ud800","doel":"socialeToeslag"}', id="half a surrogate pair"),
        pytest.param("[" * 100_000, id="nesting bomb"),
        pytest.param('{"a":' * 40_000 + "1" + "}" * 40_000, id="nesting bomb of objects"),
        pytest.param('{"insz":' + "9" * 5_000 + "}", id="number of 5,000 digits"),
        pytest.param("null", id="null"),
        pytest.param("[]", id="array"),
        pytest.param(f'"{ANNA}"', id="text"),
        pytest.param("12642599819", id="number"),
    ],
)
@pytest.mark.parametrize("path", [GET, QUERY, REGISTER, FIND, DELETE])
def test_what_is_no_json_object_is_one_issue_of_the_body(path: str, body: str | bytes | None) -> None:
    answered = unreachable().post_raw(path, body)

    assert issues(answered) == [("body", None, SCHEMA)]


@pytest.mark.parametrize(
    ("path", "text", "repeated"),
    [
        pytest.param(
            REGISTER,
            f'{{"items":[{{"insz":"{ANNA}","periode":{{"begin":"2026-01-01","begin":"2026-01-02"}},"recht":"lopend"}}]}}',
            "begin",
            id="nested",
        ),
        pytest.param(QUERY, f'{{"inszLijst":["{ANNA}"],"doel":"audit","doel":"socialeToeslag"}}', "doel", id="query"),
    ],
)
def test_a_key_twice_is_refused_at_every_level(path: str, text: str, repeated: str) -> None:
    answered = unreachable().post_raw(path, text)

    assert issues(answered) == [("body", None, SCHEMA)]
    assert text.count(repeated) == 2


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        pytest.param(GET, GOOD_GET | {"Insz": ANNA}, None, id="get"),
        pytest.param(GET, GOOD_GET | {"naar_aanleiding_van_mutatie": True}, None, id="the name in the code"),
        pytest.param(QUERY, GOOD_QUERY | {BRAM: 1}, None, id="query, a number as key"),
        pytest.param(REGISTER, {"items": [GOOD_ITEM], "bron": 1}, None, id="register"),
        pytest.param(REGISTER, {"items": [GOOD_ITEM | {BRAM: 1}]}, "items[0]", id="item"),
        pytest.param(
            REGISTER,
            {"items": [GOOD_ITEM | {"periode": {"begin": "2026-01-01", BRAM: "2026-12-31"}}]},
            "items[0].periode",
            id="period",
        ),
        pytest.param(FIND, {"insz": ANNA, "partij": "0685540471"}, None, id="find"),
        pytest.param(DELETE, {"insz": ANNA, "partij": "0685540471"}, None, id="delete"),
    ],
)
def test_an_unknown_field_is_refused_at_every_level_without_its_name(path: str, body: Json, name: str | None) -> None:
    answered = unreachable().post(path, body)

    assert issues(answered) == [("body", name, UNKNOWN)]
    assert BRAM not in answered.body


@pytest.mark.parametrize(
    ("path", "body", "names"),
    [
        pytest.param(GET, {}, ["doel", "insz"], id="get"),
        pytest.param(QUERY, {}, ["doel", "inszLijst"], id="query"),
        pytest.param(REGISTER, {}, ["items"], id="register"),
        pytest.param(REGISTER, {"items": [{}]}, ["items[0].insz", "items[0].periode", "items[0].recht"], id="item"),
        pytest.param(REGISTER, {"items": [GOOD_ITEM | {"periode": {}}]}, ["items[0].periode.begin"], id="period"),
        pytest.param(FIND, {}, ["insz"], id="find"),
        pytest.param(DELETE, {}, ["insz"], id="delete"),
    ],
)
def test_each_missing_field_is_named(path: str, body: Json, names: list[str]) -> None:
    answered = unreachable().post(path, body)

    assert issues(answered) == [("body", name, SCHEMA) for name in names]


@pytest.mark.parametrize("value", [None, 12642599819, 1.5, True, [], [ANNA], {}, {"insz": ANNA}], ids=repr)
@pytest.mark.parametrize("path", [GET, FIND, DELETE])
def test_a_number_of_another_type_is_refused(path: str, value: object) -> None:
    body = GOOD_GET if path == GET else {"insz": ANNA}

    answered = unreachable().post(path, body | {"insz": value})

    assert issues(answered) == [("body", "insz", SCHEMA)]


@pytest.mark.parametrize(
    ("path", "change", "name"),
    [
        pytest.param(GET, {"doel": None}, "doel", id="doel null"),
        pytest.param(GET, {"doel": "SocialeToeslag"}, "doel", id="doel in other letters"),
        pytest.param(GET, {"doel": ""}, "doel", id="doel empty"),
        pytest.param(GET, {"doel": 1}, "doel", id="doel a number"),
        pytest.param(GET, {"doel": ["socialeToeslag"]}, "doel", id="doel a list"),
        pytest.param(GET, {"dossier": None}, "dossier", id="dossier null"),
        pytest.param(GET, {"dossier": ""}, "dossier", id="dossier empty"),
        pytest.param(GET, {"dossier": "x" * 65}, "dossier", id="dossier of 65"),
        pytest.param(GET, {"dossier": "D-1\n"}, "dossier", id="dossier of two lines"),
        pytest.param(GET, {"dossier": "<b>"}, "dossier", id="dossier with other signs"),
        pytest.param(GET, {"dossier": 7}, "dossier", id="dossier a number"),
        pytest.param(GET, {"naarAanleidingVanMutatie": None}, "naarAanleidingVanMutatie", id="flag null"),
        pytest.param(GET, {"naarAanleidingVanMutatie": "true"}, "naarAanleidingVanMutatie", id="flag a text"),
        pytest.param(GET, {"naarAanleidingVanMutatie": 1}, "naarAanleidingVanMutatie", id="flag a number"),
        pytest.param(QUERY, {"inszLijst": None}, "inszLijst", id="list null"),
        pytest.param(QUERY, {"inszLijst": ANNA}, "inszLijst", id="list a text"),
        pytest.param(QUERY, {"inszLijst": {}}, "inszLijst", id="list an object"),
        pytest.param(QUERY, {"inszLijst": []}, "inszLijst", id="list empty"),
        pytest.param(QUERY, {"inszLijst": [ANNA, 1]}, "inszLijst[1]", id="item a number"),
        pytest.param(QUERY, {"inszLijst": [None]}, "inszLijst[0]", id="item null"),
        pytest.param(QUERY, {"inszLijst": [ANNA, BRAM, ANNA]}, "inszLijst", id="doubles"),
        pytest.param(QUERY, {"inszLijst": [person_number(n) for n in range(1, 102)]}, "inszLijst", id="101 persons"),
    ],
)
def test_a_bad_field_of_a_lookup_is_named(path: str, change: Json, name: str) -> None:
    good = GOOD_GET if path == GET else GOOD_QUERY

    answered = unreachable().post(path, good | change)

    assert issues(answered) == [("body", name, SCHEMA)]


def _with_period(**period: Any) -> Json:
    return GOOD_ITEM | {"periode": {"begin": "2026-01-01"} | period}


@pytest.mark.parametrize(
    ("items", "name"),
    [
        pytest.param(None, "items", id="items null"),
        pytest.param({}, "items", id="items an object"),
        pytest.param([], "items", id="items empty"),
        pytest.param([GOOD_ITEM | {"insz": person_number(n)} for n in range(1, 102)], "items", id="101 persons"),
        pytest.param([GOOD_ITEM, GOOD_ITEM | {"recht": "geschorst"}], "items", id="doubles"),
        pytest.param([GOOD_ITEM, ANNA], "items[1]", id="item a text"),
        pytest.param([None], "items[0]", id="item null"),
        pytest.param([GOOD_ITEM | {"insz": 1}], "items[0].insz", id="insz a number"),
        pytest.param([GOOD_ITEM | {"recht": None}], "items[0].recht", id="recht null"),
        pytest.param([GOOD_ITEM | {"recht": "Lopend"}], "items[0].recht", id="recht in other letters"),
        pytest.param([GOOD_ITEM | {"periode": None}], "items[0].periode", id="period null"),
        pytest.param([GOOD_ITEM | {"periode": "2026"}], "items[0].periode", id="period a text"),
        pytest.param([_with_period(begin=None)], "items[0].periode.begin", id="begin null"),
        pytest.param([_with_period(einde=None)], "items[0].periode.einde", id="einde null"),
        pytest.param([_with_period(begin=20260101)], "items[0].periode.begin", id="begin a number"),
        pytest.param([_with_period(begin=1767225600)], "items[0].periode.begin", id="begin in seconds"),
        pytest.param([_with_period(begin="1767225600")], "items[0].periode.begin", id="begin in seconds as a text"),
        pytest.param([_with_period(begin="2026-1-1")], "items[0].periode.begin", id="begin short"),
        pytest.param([_with_period(begin="01-01-2026")], "items[0].periode.begin", id="day first"),
        pytest.param([_with_period(begin="2026-01-01T00:00:00")], "items[0].periode.begin", id="moment"),
    ],
)
def test_a_bad_field_of_a_registration_is_named(items: object, name: str) -> None:
    answered = unreachable().post(REGISTER, {"items": items})

    assert issues(answered) == [("body", name, SCHEMA)]


@pytest.mark.parametrize(
    ("period", "field", "kind"),
    [
        pytest.param({"begin": "2025-02-30"}, "begin", SCHEMA, id="30 February"),
        pytest.param({"begin": "2025-02-29"}, "begin", SCHEMA, id="29 February, no leap year"),
        pytest.param({"begin": "0000-00-00"}, "begin", SCHEMA, id="zeros"),
        pytest.param({"begin": "1899-12-31"}, "begin", SCHEMA, id="too early"),
        pytest.param({"begin": "9999-12-31"}, "begin", SCHEMA, id="begins at the open end"),
        pytest.param({"einde": "2200-01-01"}, "einde", SCHEMA, id="too late"),
        pytest.param({"einde": "9999-12-30"}, "einde", SCHEMA, id="a day before the open end"),
        pytest.param({"einde": "2025-12-31"}, "einde", INVALID_PERIOD, id="ends before it begins"),
    ],
)
def test_a_bad_day_refuses_its_item_and_not_its_neighbours(period: Json, field: str, kind: str) -> None:
    api = Api()

    answered = api.post(REGISTER, {"items": [_with_period(**period), GOOD_ITEM | {"insz": BRAM}]})

    bad, good = answered.json["items"]
    assert (answered.status, bad["insz"], bad["problem"]["status"]) == (200, ANNA, 400)
    (issue,) = bad["problem"]["issues"]
    assert (issue["in"], issue["name"], issue["type"]) == ("body", f"items[0].periode.{field}", kind)
    assert "datetime" not in issue["detail"]
    assert next(iter(period.values())) not in json.dumps(bad)
    assert good == {"insz": BRAM, "resultaat": "geregistreerd", "handle": good["handle"]}
    assert api.post(FIND, {"insz": ANNA}).json == {"insz": ANNA}


def test_the_last_day_of_the_calendar_is_an_open_end() -> None:
    api = Api()

    results = [
        api.post(REGISTER, {"items": [item]}).json["items"][0]["resultaat"]
        for item in (_with_period(einde="9999-12-31"), _with_period())
    ]

    assert results == ["geregistreerd", "ongewijzigd"]
    assert "einde" not in api.post(FIND, {"insz": ANNA}).json["periode"]


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(BAD, id="wrong check digit"),
        pytest.param("", id="empty"),
        pytest.param("0" * 11, id="zeros"),
        pytest.param(ANNA + " ", id="space"),
        pytest.param(f"{ANNA[:6]}-{ANNA[6:9]}.{ANNA[9:]}", id="punctuation"),
        pytest.param(ANNA[:-1], id="ten digits"),
        pytest.param(ANNA + "\n", id="line end"),
        pytest.param("\N{ARABIC-INDIC DIGIT ONE}" * 11, id="other digits"),
        pytest.param(ANNA.replace("61", "15", 1), id="month 15"),
    ],
)
@pytest.mark.parametrize("path", [GET, FIND, DELETE])
def test_a_bad_number_has_magdas_code_and_an_issue_type_of_its_own(path: str, number: str) -> None:
    body = {"insz": number} | ({"doel": "socialeToeslag"} if path == GET else {})

    answered = unreachable().post(path, body)

    assert issues(answered) == [("body", "insz", INVALID_STRUCTURE)]
    assert answered.json["code"] == "20002"
    assert not number or number not in answered.body


def test_a_test_number_is_a_bad_number_where_none_are_allowed() -> None:
    api = Api(lookup_store=registered(ANNA), test_numbers_allowed=False)

    assert api.post(GET, GOOD_GET).json["code"] == "20002"
    assert api.post(FIND, {"insz": ANNA}).json["code"] == "20002"
    assert api.post(REGISTER, {"items": [GOOD_ITEM]}).json["items"][0]["problem"]["code"] == "20002"
    assert api.post(QUERY, GOOD_QUERY).json["items"][0]["problem"]["code"] == "20002"


@pytest.mark.parametrize("purpose", ["audit", "toezicht", "klachten", "geschillen"])
def test_a_purpose_for_specific_files_must_name_one(purpose: str) -> None:
    """Article 2: audit, inspection, complaints and disputes act only for specific files."""
    answered = unreachable().post(GET, {"insz": ANNA, "doel": purpose}, claims(VUTG.kbo, "jbplus:dossierbeheer"))

    assert issues(answered) == [("body", "dossier", SCHEMA)]


def test_an_audit_of_several_persons_must_name_a_file() -> None:
    answered = unreachable().post(QUERY, {"inszLijst": [ANNA], "doel": "audit"}, claims(VUTG.kbo, "jbplus:audit"))

    assert issues(answered) == [("body", "dossier", SCHEMA)]


@pytest.mark.parametrize("dossier", [ANNA, f"{ANNA[:6]}-{ANNA[6:9]}.{ANNA[9:]}", f" {ANNA[:2]}/{ANNA[2:]}"])
@pytest.mark.parametrize(
    ("path", "body"), [pytest.param(GET, GOOD_GET, id="get"), pytest.param(QUERY, GOOD_QUERY, id="query")]
)
def test_a_dossier_is_not_a_persons_number(path: str, body: Json, dossier: str) -> None:
    answered = unreachable().post(path, body | {"dossier": dossier})

    assert issues(answered) == [("body", "dossier", SCHEMA)]
    assert dossier not in answered.body


@pytest.mark.parametrize("purpose", ["toezicht", "klachten", "geschillen"])
def test_a_purpose_for_one_person_at_a_time_is_not_asked_for_several(purpose: str) -> None:
    body = {"inszLijst": [ANNA], "doel": purpose, "dossier": "T-1"}

    answered = unreachable().post(QUERY, body, claims(VUTG.kbo, f"jbplus:{purpose}"))

    assert issues(answered) == [("body", "doel", SCHEMA)]
    assert "/v1/verrichtingen/get" in answered.json["issues"][0]["detail"]


def test_a_body_of_unknown_fields_alone_does_not_make_an_answer_that_lambda_cannot_give() -> None:
    answered = unreachable().post(GET, dict.fromkeys((f"{n:x}" for n in range(20_000)), 0))

    assert answered.status == 400
    assert len(answered.json["issues"]) == 100


def test_all_flaws_of_a_body_are_told_at_once() -> None:
    body = {"insz": 1, "doel": "x", "dossier": "", "naarAanleidingVanMutatie": 0, "more": 1}

    answered = unreachable().post(GET, body, TOKEN)

    assert {name for _, name, _ in issues(answered)} == {"insz", "doel", "dossier", "naarAanleidingVanMutatie", None}
