"""`GET /v1/statistieken`: frozen figures for Opgroeien regie alone, and never a person (Article 2 b)."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from typing_extensions import override

from jbplus.errors import UnavailableError
from jbplus.protocol.parties import OPGROEIEN, PARTIES
from jbplus.statistics.calls import PATH, StatisticsCalls
from jbplus.statistics.publication import Publication
from tests.statistics.fakes import TENTH_OF_MAY, FakeStatistics, paid, person, published
from tests.support.calling import Calling
from tests.support.events import claims
from tests.support.fakes import NOW

SCOPE = "jbplus:statistiek"
OURS = claims(OPGROEIEN.kbo, SCOPE)
PERSONS = [
    *[person(paid())] * 11,
    *[person(paid(day=date(2022, 4, 1)), paid("-600.00", day=date(2022, 4, 1)))] * 6,
    *[person(paid(instalment="2", day=date(2022, 4, 1)))] * 4,
    *[person(paid(instalment="2", year=2023))] * 8,
]
NOBODY = {"personen": 0, "betalingen": 0, "betaald": "0.00"}


def figures(count: int, paid: str, **recoveries: Any) -> dict[str, Any]:
    return {"personen": count, "betalingen": count, "betaald": paid, **recoveries}


APRIL = figures(5, "3000.00", terugvorderingen=5, netto="0.00")


def total(cells: dict[str, Any], left_out: int, without_recoveries: int) -> dict[str, Any]:
    return {"cijfers": cells, "weggelatenCellen": left_out, "cellenZonderTerugvorderingen": without_recoveries}


@pytest.fixture
def calling() -> Calling:
    return Calling(StatisticsCalls(FakeStatistics(published(PERSONS)), lambda: NOW).all)


def test_the_figures_of_a_fiscal_year_are_answered(calling: Calling) -> None:
    answer = calling.get(PATH, OURS, fiscaalJaar="2022")

    assert answer.status == 200
    (year,) = answer.json["items"]
    assert year["fiscaalJaar"] == 2022
    assert [month["maand"] for month in year["maanden"]] == ["2022-01", "2022-02", "2022-03", "2022-04"]
    assert year["maanden"][1:] == [
        {
            "maand": "2022-02",
            "gepubliceerdOp": "2022-05-10",
            "bedragtypes": [{"bedragtype": "1"}, {"bedragtype": "2"}],
            "totaal": total(NOBODY, 2, 0),
        },
        {
            "maand": "2022-03",
            "gepubliceerdOp": "2022-05-10",
            "bedragtypes": [{"bedragtype": "1", "cijfers": figures(10, "6000.00")}, {"bedragtype": "2"}],
            "totaal": total(figures(10, "6000.00"), 1, 1),
        },
        {
            "maand": "2022-04",
            "gepubliceerdOp": "2022-05-10",
            "bedragtypes": [{"bedragtype": "1", "cijfers": APRIL}, {"bedragtype": "2"}],
            "totaal": total(APRIL, 1, 0),
        },
    ]
    both = figures(15, "9000.00", terugvorderingen=5, netto="6000.00")
    assert year["cumulatief"] == {
        "bedragtypes": [
            {"bedragtype": "1", **total(both, 2, 1)},
            {"bedragtype": "2", **total(NOBODY, 4, 0)},
        ],
        "totaal": total(both, 6, 1),
    }


def test_without_a_fiscal_year_all_are_answered(calling: Calling) -> None:
    items = calling.get(PATH, OURS).json["items"]

    assert [year["fiscaalJaar"] for year in items] == [2022, 2023]
    assert items[:1] == calling.get(PATH, OURS, fiscaalJaar="2022").json["items"]


def test_a_fiscal_year_without_publications_is_an_empty_list(calling: Calling) -> None:
    assert calling.get(PATH, OURS, fiscaalJaar="2030").json == {"items": []}


@pytest.mark.parametrize("party", [party for party in PARTIES if party != OPGROEIEN], ids=lambda party: party.key)
def test_no_other_party_gets_statistics(calling: Calling, party: Any) -> None:
    assert calling.get(PATH, claims(party.kbo, SCOPE)).problem == (403, "missingPermission", "40005")


@pytest.mark.parametrize("party", PARTIES, ids=lambda party: party.key)
def test_without_the_scope_nobody_does(calling: Calling, party: Any) -> None:
    every_other = [f"jbplus:{name}" for name in ("dossierbeheer", "geschillen", "melding", "bron", "privacylog")]
    answer = calling.get(PATH, claims(party.kbo, *every_other))

    assert answer.problem == (403, "missingScope", None)
    assert answer.json["requiredScopes"] == [SCOPE]


@pytest.mark.parametrize(
    "query",
    [
        {"fiscaalJaar": ""},
        {"fiscaalJaar": "2021"},
        {"fiscaalJaar": "2200"},
        {"fiscaalJaar": "2024,2025"},
        {"fiscaalJaar": "+2024"},
        {"fiscaalJaar": "٢٠٢٤"},
        {"fiscaaljaar": "2024"},
        {"insz": "12642599819"},
    ],
    ids=str,
)
def test_any_other_question_is_a_bad_request_that_repeats_no_value(calling: Calling, query: Mapping[str, str]) -> None:
    answer = calling.get(PATH, OURS, **query)

    assert answer.problem == (400, "badRequest", None)
    assert [issue["in"] for issue in answer.json["issues"]] == ["query"]
    assert not [value for value in query.values() if value and value in answer.body]


def test_what_is_answered_was_published_and_is_not_computed_anew(calling: Calling) -> None:
    """The call has nothing but the publications: later data cannot reach it."""
    before = calling.get(PATH, OURS).json
    later = FakeStatistics(published([person(paid())] * 500, TENTH_OF_MAY + timedelta(days=1), published(PERSONS)))

    assert Calling(StatisticsCalls(later, lambda: NOW).all).get(PATH, OURS).json == before


def test_a_store_out_of_reach_is_a_503() -> None:
    class Gone(FakeStatistics):
        @override
        def read(self, fiscal_year: int) -> list[Publication]:
            raise UnavailableError(f"statistics {fiscal_year}")

    answer = Calling(StatisticsCalls(Gone(), lambda: NOW).all).get(PATH, OURS)

    assert answer.problem == (503, "serviceUnavailable", None)
    assert answer.headers["Retry-After"]
