"""What a lookup answers, to the letter of the contract."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jbplus.doubts.rules import Doubt, ReportStatus
from jbplus.persons.state import Entry
from jbplus.protocol.purposes import Right
from jbplus.registrations.rules import Registration
from tests.privacy_log.fakes import FakePrivacyLog
from tests.support.api import GET, QUERY, Api, Json
from tests.support.fakes import NOW, PSEUDONYMS
from tests.support.known import annulled, entry, registered, stored
from tests.support.oracles import brussels_midnight
from tests.support.people import ANNA, BRAM, CELINE, person_number

DORA = "12642599819"


def api(entries: dict[str, Entry], number: str = ANNA) -> Api:
    store = registered(number)
    store.persons[PSEUDONYMS(number)] = stored(entries)
    return Api(lookup_store=store)


def get(entries: dict[str, Entry]) -> Json:
    answered = api(entries).post(GET, {"insz": ANNA, "doel": "socialeToeslag"})
    assert answered.status == 200
    return answered.json


def test_a_person_with_one_payment_is_answered_as_in_the_contract() -> None:
    answered = api({"JBP-2025-000123": entry()}, DORA).post(GET, {"insz": DORA, "doel": "socialeToeslag"})

    assert answered.json == {
        "insz": "12642599819",
        "volgnummer": 17,
        "bewaarTot": "2030-03-03",
        "verrichtingen": [
            {
                "referte": "JBP-2025-000123",
                "maatregel": "Jobbonus plus",
                "fiscaalJaar": 2024,
                "bedragtype": "1",
                "verrichtingbedrag": "600.00",
                "effectieveVerrichtingsdatum": "2025-03-03",
            }
        ],
        "nettoPerFiscaalJaar": [
            {"fiscaalJaar": 2024, "betaald": "600.00", "teruggevorderd": "0.00", "netto": "600.00"}
        ],
    }


def test_a_recovery_lowers_the_year_it_recovers_and_no_other() -> None:
    answer = get(
        {
            "R-1": entry("600.00", year=2023),
            "R-2": entry("600.00", year=2024),
            "R-3": entry("-250.50", year=2023, instalment="2"),
        }
    )

    assert answer["nettoPerFiscaalJaar"] == [
        {"fiscaalJaar": 2023, "betaald": "600.00", "teruggevorderd": "-250.50", "netto": "349.50"},
        {"fiscaalJaar": 2024, "betaald": "600.00", "teruggevorderd": "0.00", "netto": "600.00"},
    ]


def test_a_net_amount_may_be_negative() -> None:
    answer = get({"R-1": entry("-0.10"), "R-2": entry("-0.20", instalment="2")})

    assert answer["nettoPerFiscaalJaar"] == [
        {"fiscaalJaar": 2024, "betaald": "0.00", "teruggevorderd": "-0.30", "netto": "-0.30"}
    ]


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("600", "600.00"),
        ("600.5", "600.50"),
        ("0.01", "0.01"),
        ("-0.1", "-0.10"),
        ("999999999999.99", "999999999999.99"),
        ("-999999999999.99", "-999999999999.99"),
    ],
)
def test_amounts_have_two_decimals(amount: str, shown: str) -> None:
    answer = get({"R-1": entry(amount)})

    assert answer["verrichtingen"][0]["verrichtingbedrag"] == shown
    assert answer["nettoPerFiscaalJaar"][0]["netto"] == shown


def test_verrichtingen_are_sorted_by_year_instalment_day_and_referte() -> None:
    early, late = date(2025, 1, 1), date(2025, 2, 1)
    answer = get(
        {
            "A": entry(year=2024, instalment="2", day=early),
            "B": entry(year=2024, instalment="1", day=late),
            "D": entry(year=2024, instalment="1", day=early),
            "C": entry(year=2024, instalment="1", day=early),
            "E": entry(year=2023, instalment="2", day=late),
        }
    )

    assert [shown["referte"] for shown in answer["verrichtingen"]] == ["E", "C", "D", "B", "A"]


def test_an_annulled_verrichting_is_absent_and_its_volgnummer_counts() -> None:
    answer = get({"R-1": entry(rank=(17, 3)), "R-2": annulled(rank=(21, 0))})

    assert [shown["referte"] for shown in answer["verrichtingen"]] == ["R-1"]
    assert answer["volgnummer"] == 21


def test_a_person_with_annulments_only_has_empty_lists_and_a_volgnummer() -> None:
    assert get({"R-1": annulled(rank=(21, 0))}) == {
        "insz": ANNA,
        "volgnummer": 21,
        "bewaarTot": "2030-03-03",
        "verrichtingen": [],
        "nettoPerFiscaalJaar": [],
    }


def test_an_answer_in_doubt_says_so_whatever_is_known_alone_or_among_others() -> None:
    store = registered(ANNA, BRAM, CELINE)
    store.persons[PSEUDONYMS(ANNA)] = stored({"R-1": entry()})
    for number in (ANNA, BRAM):
        store.doubts[PSEUDONYMS(number)] = (Doubt("report-1", "0692793497", ReportStatus.INVESTIGATED, 2**33),)
    calls = Api(lookup_store=store)

    alone = [calls.post(GET, {"insz": number, "doel": "socialeToeslag"}).json for number in (ANNA, BRAM, CELINE)]
    together = calls.post(QUERY, {"inszLijst": [ANNA, BRAM, CELINE], "doel": "socialeToeslag"}).json["items"]

    assert [answer.get("inOnderzoek") for answer in alone] == [True, True, None]
    assert together == alone


def test_who_is_refused_does_not_hear_of_a_doubt() -> None:
    store = registered()
    store.doubts[PSEUDONYMS(ANNA)] = (Doubt("report-1", "0692793497", ReportStatus.INVESTIGATED, 2**33),)

    answered = Api(lookup_store=store).post(GET, {"insz": ANNA, "doel": "socialeToeslag"})

    assert (answered.status, "inOnderzoek" in repr(answered.json)) == (403, False)


def test_a_person_of_whom_nothing_is_known_has_empty_lists_without_a_volgnummer() -> None:
    answered = Api(lookup_store=registered(ANNA)).post(GET, {"insz": ANNA, "doel": "socialeToeslag"})

    assert (answered.status, answered.json) == (200, {"insz": ANNA, "verrichtingen": [], "nettoPerFiscaalJaar": []})


def test_an_expired_person_is_answered_as_one_of_whom_nothing_is_known() -> None:
    store = registered(ANNA)
    store.persons[PSEUDONYMS(ANNA)] = replace(stored({"R-1": entry()}), expires_at=int(NOW.timestamp()))

    answered = Api(lookup_store=store).post(GET, {"insz": ANNA, "doel": "socialeToeslag"})

    assert answered.json == {"insz": ANNA, "verrichtingen": [], "nettoPerFiscaalJaar": []}


@pytest.mark.parametrize("day", [date(2025, 3, 3), date(2024, 2, 29), date(2025, 10, 26), date(2022, 12, 31)])
def test_the_last_day_that_data_are_kept_is_the_anniversary_and_holds_until_its_end(day: date) -> None:
    anniversary = date(2029, 2, 28) if day == date(2024, 2, 29) else day.replace(year=day.year + 5)
    end = brussels_midnight(anniversary + timedelta(days=1))
    store = registered(ANNA)
    store.persons[PSEUDONYMS(ANNA)] = stored({"R-1": entry(day=day)})

    last, past = (
        Api(lookup_store=store, clock=lambda at=at: datetime.fromtimestamp(at, UTC)).post(  # type: ignore[misc]
            GET, {"insz": ANNA, "doel": "socialeToeslag"}
        )
        for at in (end - 1, end)
    )

    assert last.json["bewaarTot"] == anniversary.isoformat()
    assert "bewaarTot" not in past.json


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.text("ABC-", min_size=1, max_size=5),
        st.tuples(
            st.integers(-(10**14) + 1, 10**14 - 1).filter(bool),
            st.integers(2022, 2026),
            st.sampled_from(["1", "2"]),
            st.booleans(),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_the_totals_are_exact_sums_of_what_is_shown(payments: dict[str, tuple[int, int, str, bool]]) -> None:
    entries = {
        referte: entry(str(Decimal(cents) / 100), year=year, instalment=instalment) if live else annulled()
        for referte, (cents, year, instalment, live) in payments.items()
    }

    answer = get(entries)

    shown = [(v["fiscaalJaar"], Decimal(v["verrichtingbedrag"])) for v in answer["verrichtingen"]]
    totals = answer["nettoPerFiscaalJaar"]
    assert sorted(shown) == sorted((year, Decimal(cents) / 100) for cents, year, _, live in payments.values() if live)
    assert [total["fiscaalJaar"] for total in totals] == sorted({year for year, _ in shown})
    for total in totals:
        amounts = [amount for year, amount in shown if year == total["fiscaalJaar"]]
        assert Decimal(total["betaald"]) == sum(amount for amount in amounts if amount > 0)
        assert Decimal(total["teruggevorderd"]) == sum(amount for amount in amounts if amount < 0)
        assert Decimal(total["netto"]) == sum(amounts)


def test_a_query_answers_in_the_order_asked_what_get_answers() -> None:
    store = registered(ANNA, BRAM)
    store.persons[PSEUDONYMS(ANNA)] = stored({"R-1": entry()})
    asked = Api(lookup_store=store)

    answered = asked.post(QUERY, {"inszLijst": [BRAM, CELINE, ANNA], "doel": "socialeToeslag"})

    items = answered.json["items"]
    assert answered.status == 200
    assert items[0] == asked.post(GET, {"insz": BRAM, "doel": "socialeToeslag"}).json
    assert set(items[1]) == {"insz", "problem"}
    assert items[2] == asked.post(GET, {"insz": ANNA, "doel": "socialeToeslag"}).json


def test_a_hundred_persons_are_answered_in_one_call() -> None:
    numbers = [person_number(serial) for serial in range(100, 0, -1)]
    store, log = registered(*numbers), FakePrivacyLog()

    answered = Api(lookup_store=store, log=log).post(
        QUERY, {"inszLijst": numbers, "doel": "selectieveParticipatietoeslag"}
    )

    assert [item["insz"] for item in answered.json["items"]] == numbers
    assert (store.round_trips, log.calls, len(log.entries)) == (1, 1, 100)


def test_what_the_caller_says_of_the_ground_is_logged() -> None:
    log = FakePrivacyLog()
    asked = Api(lookup_store=registered(ANNA), log=log)
    body = {"insz": ANNA, "doel": "socialeToeslag"}

    asked.post(GET, body)
    asked.post(GET, body | {"dossier": "GP 2026/17:b", "naarAanleidingVanMutatie": True})

    assert [(entry.file, entry.after_mutation, entry.purpose) for entry in log.entries] == [
        (None, False, "socialeToeslag"),
        ("GP 2026/17:b", True, "socialeToeslag"),
    ]


def test_a_registration_that_begins_tomorrow_does_not_count_today() -> None:
    tomorrow = Registration(date(2026, 3, 6), None, Right.RUNNING)

    answered = Api(lookup_store=registered(ANNA, registration=tomorrow)).post(
        GET, {"insz": ANNA, "doel": "socialeToeslag"}
    )

    assert answered.problem == (403, "missingPermission", "40003")


def test_a_body_in_base64_is_the_same_call() -> None:
    asked = api({"R-1": entry()})
    body = {"insz": ANNA, "doel": "socialeToeslag"}

    assert asked.post_raw(GET, Api.text_of(body).encode()).json == asked.post(GET, body).json
