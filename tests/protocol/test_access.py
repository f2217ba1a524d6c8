"""Contract §1: what the matrix says besides who may use it."""

from datetime import date

import pytest

from jbplus.consultation.rules import find_ground, registrars
from jbplus.protocol.caller import Asker
from jbplus.protocol.parties import PARTIES, PAYMENT_ACTORS, WEWIS_KBOS, Party, Role, party_of
from jbplus.protocol.purposes import MATRIX, Purpose, Right
from jbplus.registrations.rules import Registration

_TODAY = date(2026, 3, 5)
_VUTG, _INFINO, _PARENTIA = "0692793497", "0685540471", "0686764255"


def test_the_parties_are_those_of_the_contract() -> None:
    assert {party.kbo: party.name for party in PARTIES} == {
        "0316380841": "WEWIS",
        "0886886638": "Opgroeien regie",
        "0692793497": "VUTG",
        "0685540471": "Infino Vlaanderen",
        "0687467902": "Kidslife Vlaanderen",
        "0683590375": "My Family",
        "0686764255": "Parentia Vlaanderen",
    }
    assert len(PAYMENT_ACTORS) == 5


def test_wewis_is_one_party_with_two_numbers() -> None:
    assert {"0316380841", "2199323857"} == WEWIS_KBOS
    assert party_of("2199323857") is party_of("0316380841")


def test_who_is_no_party_is_unknown() -> None:
    assert party_of("0123456749") is None
    assert party_of("") is None


@pytest.mark.parametrize("purpose", Purpose)
def test_lookups_for_specific_files_name_their_file(purpose: Purpose) -> None:
    assert MATRIX[purpose].one_file == (purpose in {"audit", "toezicht", "klachten", "geschillen"})


@pytest.mark.parametrize("purpose", Purpose)
def test_inspection_complaints_and_disputes_look_up_one_person_at_a_time(purpose: Purpose) -> None:
    assert MATRIX[purpose].in_bulk == (purpose not in {"toezicht", "klachten", "geschillen"})


def test_the_ground_is_the_party_whose_registration_allows_it() -> None:
    ended = Registration(date(2025, 1, 1), date(2025, 12, 31), Right.RUNNING)
    open_ = Registration(date(2025, 1, 1), None, Right.RUNNING)

    assert find_ground({_INFINO: ended, _PARENTIA: open_}, Purpose.AUDIT, _TODAY) == _PARENTIA


def test_for_file_management_only_the_own_registration_is_read() -> None:
    asker = Asker(_INFINO, "application-1", frozenset({"jbplus:dossierbeheer"}))

    assert registrars(asker, Purpose.SOCIAL_SUPPLEMENT, _TODAY) == (_INFINO,)


def test_for_an_audit_the_registrations_of_all_payment_actors_are_read() -> None:
    asker = Asker(_VUTG, "application-1", frozenset({"jbplus:audit"}))

    assert set(registrars(asker, Purpose.AUDIT, _TODAY)) == {party.kbo for party in PAYMENT_ACTORS}


@pytest.mark.parametrize(
    ("day", "takes_part"),
    [
        pytest.param(date(2026, 6, 29), True, id="the day before"),
        pytest.param(date(2026, 6, 30), False, id="the end date"),
        pytest.param(date(2026, 7, 1), False, id="the day after"),
    ],
)
def test_a_party_takes_part_until_its_end_date(
    day: date,
    *,
    takes_part: bool,
) -> None:
    """Article 12."""
    party = Party("0123456749", "former", "Former actor", Role.PAYMENT_ACTOR, ends=date(2026, 6, 30))

    assert party.takes_part(day) is takes_part


@pytest.mark.parametrize(
    ("begin", "end", "active"),
    [
        pytest.param("2026-03-05", None, True, id="begins today"),
        pytest.param("2026-03-06", None, False, id="begins tomorrow"),
        pytest.param("2025-01-01", "2026-03-05", True, id="ends today"),
        pytest.param("2025-01-01", "2026-03-04", False, id="ended yesterday"),
        pytest.param("2026-03-05", "2026-03-05", True, id="today alone"),
    ],
)
def test_a_registration_is_active_from_its_begin_to_its_end_inclusive(
    begin: str,
    end: str | None,
    *,
    active: bool,
) -> None:
    registration = Registration(date.fromisoformat(begin), date.fromisoformat(end) if end else None, Right.RUNNING)

    assert registration.is_active(_TODAY) is active
