"""The register of recipients says what the code does (Articles 4 and 6): no access without a row, no row without it."""

import re
from datetime import date
from pathlib import Path

import pytest

from jbplus.protocol.access import Refusal, refuse_scope
from jbplus.protocol.caller import Asker
from jbplus.protocol.parties import PARTIES
from jbplus.protocol.purposes import MATRIX, ROLES_BY_SCOPE

PAGE = (Path(__file__).parents[2] / "docs" / "recipients.md").read_text(encoding="utf-8")
TODAY = date(2026, 3, 5)
ACTORS = {"vutg", "infino", "kidslife", "myfamily", "parentia"}

Row = dict[str, str]


def rows(heading: str) -> list[Row]:
    """Read the table below a heading."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    names, _, *cells = lines
    return [dict(zip(names, row, strict=True)) for row in cells]


def words(cell: str) -> set[str]:
    """Give what stands in backticks."""
    return set(re.findall(r"`([^`]+)`", cell))


def keys(kbos: frozenset[str]) -> set[str]:
    return {party.key for party in PARTIES if party.kbo in kbos}


def test_every_party_is_registered_with_its_numbers_and_role() -> None:
    assert [(row["key"], row["KBO"], row["party"], row["role"]) for row in rows("Parties")] == [
        (f"`{party.key}`", ", ".join([party.kbo, *party.other_kbos]), party.name, party.role.value) for party in PARTIES
    ]


def test_every_row_of_the_access_matrix_is_registered_as_it_is() -> None:
    registered = {
        row["`doel`"]: (
            words(row["parties"]),
            row["scope"],
            row["registration that it needs"],
            words(row["`recht`"]),
            row["`dossier`"],
            row["persons in a call"],
        )
        for row in rows("Who looks up persons")
    }

    assert registered == {
        f"`{purpose.value}`": (
            keys(rule.parties),
            f"`{rule.scope}`",
            "the party's own" if rule.registered_by is None else "any payment actor's",
            {right.value for right in rule.rights or ()},
            "required" if rule.one_file else "optional",
            "several" if rule.in_bulk else "one",
        )
        for purpose, rule in MATRIX.items()
    }
    for rule in MATRIX.values():
        assert rule.registered_by is None or keys(frozenset(rule.registered_by)) == ACTORS


def test_every_service_of_article_4_is_registered() -> None:
    services = [row["service (Article 4)"] for row in rows("Who looks up persons")]

    assert services == [
        *["SPOC and competent file managers"] * 2,
        "Team audit",
        "Team sociale begeleiding en toezicht",
        "Team klachten- en bemiddelingsdienst",
        "Secretariaat Geschillencommissie",
    ]
    (statistics,) = (row for row in rows("Who does anything else") if "statistiek" in row["scope"])
    assert "Team Beleidsonderbouwing" in statistics["what for"]


def test_every_other_scope_is_registered() -> None:
    assert [row["scope"] for row in rows("Who does anything else")] == [f"`{scope}`" for scope in ROLES_BY_SCOPE]


@pytest.mark.parametrize("row", rows("Who does anything else"), ids=lambda row: row["scope"])
def test_another_scope_serves_the_registered_parties_alone(row: Row) -> None:
    (scope,) = words(row["scope"])

    may = {p.key for p in PARTIES if refuse_scope(Asker(p.kbo, "a", frozenset({scope})), scope, TODAY) is None}

    assert may == words(row["parties"])
    assert {refuse_scope(Asker(p.kbo, "a", frozenset()), scope, TODAY) for p in PARTIES} == {Refusal.MISSING_SCOPE}


def test_the_processors_are_those_of_articles_4_and_6() -> None:
    found = [(row["application"], row["processor"], words(row["managed by"])) for row in rows("Processors")]

    assert found == [("KRING", "Cegeka", {"opgroeien"}), ("CGPA", "Cegeka", ACTORS)]


def test_the_third_parties_are_the_auditors() -> None:
    (row,) = rows("Third parties")

    assert "audit bodies" in row["who"]
    assert words(row["gets it from"]) == {*ACTORS, "opgroeien"}


@pytest.mark.parametrize("heading", ["Processors", "Third parties", "Who does anything else", "Who looks up persons"])
def test_only_parties_are_named_as_such(heading: str) -> None:
    columns = {"parties", "managed by", "gets it from"}

    named = {name for row in rows(heading) for column in columns & row.keys() for name in words(row[column])}

    assert named <= {party.key for party in PARTIES}
    assert named
