"""Contract §1, Articles 2 b, 4, 6 and 12: the whole matrix, against the contract's table written out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product

import pytest

from jbplus.access import FindParty, Purpose, find_ground, may_register, refuse_purpose, registrars
from jbplus.caller import Asker
from jbplus.parties import Party, party_of
from jbplus.registration import Registration, Right

_WEWIS, _OPGROEIEN, _VUTG = "0316380841", "0886886638", "0692793497"
_ACTORS = (_VUTG, "0685540471", "0687467902", "0683590375", "0686764255")
_EVERYBODY = (_WEWIS, "2199323857", _OPGROEIEN, *_ACTORS, "0123456749")

_SCOPES = tuple(
    f"jbplus:{name}"
    for name in (
        *("dossierbeheer", "audit", "toezicht", "klachten", "geschillen"),
        *("inschrijving", "melding", "statistiek", "bron", "privacylog"),
    )
)
_SCOPE_SETS = [
    *(frozenset({scope}) for scope in _SCOPES),
    *(frozenset(_SCOPES) - {scope} for scope in _SCOPES),
    frozenset(_SCOPES),
    frozenset[str](),
]


@dataclass(frozen=True)
class _Row:
    parties: tuple[str, ...]
    scope: str
    of_any_actor: bool
    rechten: tuple[str, ...]


_ANY_RIGHT = ("lopend", "geschorst", "afgelopen")
_NOT_ENDED = ("lopend", "geschorst")
_TABLE = {
    "socialeToeslag": _Row(_ACTORS, "jbplus:dossierbeheer", of_any_actor=False, rechten=_ANY_RIGHT),
    "selectieveParticipatietoeslag": _Row(_ACTORS, "jbplus:dossierbeheer", of_any_actor=False, rechten=_ANY_RIGHT),
    "audit": _Row((_VUTG,), "jbplus:audit", of_any_actor=True, rechten=_ANY_RIGHT),
    "toezicht": _Row((_VUTG,), "jbplus:toezicht", of_any_actor=True, rechten=_NOT_ENDED),
    "klachten": _Row((_VUTG,), "jbplus:klachten", of_any_actor=True, rechten=_NOT_ENDED),
    "geschillen": _Row((_OPGROEIEN,), "jbplus:geschillen", of_any_actor=True, rechten=_NOT_ENDED),
}

_TODAY = date(2026, 3, 5)
_YESTERDAY, _TOMORROW = _TODAY - timedelta(days=1), _TODAY + timedelta(days=1)
_PERIODS: dict[tuple[date, date | None], bool] = {
    (date(2025, 1, 1), None): True,
    (_TODAY, _TODAY): True,
    (_YESTERDAY, _TOMORROW): True,
    (date(2025, 1, 1), _YESTERDAY): False,
    (_TOMORROW, None): False,
}

_GRANTED = "granted"


def _decide(
    asker: Asker, doel: str, registrations: Mapping[str, Registration], find_party: FindParty = party_of
) -> str:
    purpose = Purpose(doel)
    refusal = refuse_purpose(asker, purpose, _TODAY, find_party)
    if refusal is not None:
        return refusal.name
    counting = registrars(asker, purpose, _TODAY, find_party)
    found = find_ground({kbo: registrations[kbo] for kbo in counting if kbo in registrations}, purpose, _TODAY)
    assert found is None or found in registrations
    return "NOT_REGISTERED" if found is None else _GRANTED


def _asker(kbo: str, scopes: frozenset[str]) -> Asker:
    return Asker(kbo, "application-1", scopes)


def _expect(kbo: str, scopes: frozenset[str], doel: str, *, sufficient: bool) -> str:
    row = _TABLE[doel]
    if row.scope not in scopes:
        return "MISSING_SCOPE"
    if kbo not in row.parties:
        return "PURPOSE_NOT_ALLOWED"
    return _GRANTED if sufficient else "NOT_REGISTERED"


def test_the_purposes_are_those_of_the_contract() -> None:
    assert {purpose.value for purpose in Purpose} == _TABLE.keys()


@pytest.mark.parametrize("doel", _TABLE)
@pytest.mark.parametrize("kbo", _EVERYBODY)
def test_one_registration_of_any_party_period_and_right(kbo: str, doel: str) -> None:
    row = _TABLE[doel]
    for scopes, registrar, (period, active), recht in product(_SCOPE_SETS, _EVERYBODY, _PERIODS.items(), _ANY_RIGHT):
        registration = Registration(*period, Right(recht))
        of_who_counts = registrar in _ACTORS if row.of_any_actor else registrar == kbo
        sufficient = of_who_counts and active and recht in row.rechten

        decision = _decide(_asker(kbo, scopes), doel, {registrar: registration})

        case = (sorted(scopes), registrar, period, recht)
        assert decision == _expect(kbo, scopes, doel, sufficient=sufficient), case


@pytest.mark.parametrize("doel", _TABLE)
@pytest.mark.parametrize("kbo", _EVERYBODY)
def test_no_registration_at_all(kbo: str, doel: str) -> None:
    for scopes in _SCOPE_SETS:
        assert _decide(_asker(kbo, scopes), doel, {}) == _expect(kbo, scopes, doel, sufficient=False)


@pytest.mark.parametrize("doel", _TABLE)
def test_one_sufficient_registration_among_others_is_enough(doel: str) -> None:
    row = _TABLE[doel]
    insufficient = Registration(date(2025, 1, 1), _YESTERDAY, Right.RUNNING)
    for kbo, good in product(row.parties, _ACTORS):
        registrations = dict.fromkeys(_ACTORS, insufficient) | {good: Registration(_TODAY, None, Right.RUNNING)}
        sufficient = row.of_any_actor or good == kbo

        decision = _decide(_asker(kbo, frozenset({row.scope})), doel, registrations)

        assert decision == (_GRANTED if sufficient else "NOT_REGISTERED"), (kbo, good)


def _leaving(leaver: str, ends: date) -> FindParty:
    def find(kbo: str) -> Party | None:
        party = party_of(kbo)
        return replace(party, ends=ends) if party is not None and kbo == leaver else party

    return find


@pytest.mark.parametrize("doel", _TABLE)
@pytest.mark.parametrize(
    ("ends", "gone"), [(_YESTERDAY, True), (_TODAY, True), (_TOMORROW, False)], ids=["yesterday", "today", "tomorrow"]
)
def test_from_its_end_date_a_party_has_no_access_and_its_registrations_do_not_count(
    doel: str,
    ends: date,
    *,
    gone: bool,
) -> None:
    row = _TABLE[doel]
    registration = Registration(date(2025, 1, 1), None, Right.RUNNING)
    for kbo, registrar, leaver in product(row.parties, _ACTORS, (_OPGROEIEN, *_ACTORS)):
        of_who_counts = row.of_any_actor or registrar == kbo

        decision = _decide(_asker(kbo, frozenset({row.scope})), doel, {registrar: registration}, _leaving(leaver, ends))

        if gone and leaver == kbo:
            expected = "PURPOSE_NOT_ALLOWED"
        elif of_who_counts and not (gone and leaver == registrar):
            expected = _GRANTED
        else:
            expected = "NOT_REGISTERED"
        assert decision == expected, (kbo, registrar, leaver)


@pytest.mark.parametrize("kbo", _EVERYBODY)
@pytest.mark.parametrize("ends", [None, _YESTERDAY, _TODAY, _TOMORROW], ids=str)
def test_payment_actors_and_nobody_else_register_until_they_leave(kbo: str, ends: date | None) -> None:
    find_party = party_of if ends is None else _leaving(kbo, ends)
    takes_part = ends is None or ends > _TODAY
    for scopes in _SCOPE_SETS:
        permission = None if kbo in _ACTORS and takes_part else "PURPOSE_NOT_ALLOWED"
        expected = permission if "jbplus:inschrijving" in scopes else "MISSING_SCOPE"

        refusal = may_register(_asker(kbo, scopes), _TODAY, find_party)

        assert (refusal and refusal.name) == expected
