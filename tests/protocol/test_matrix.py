"""Contract §1, Articles 2 b, 4, 6 and 12: the whole matrix, against the contract's table written out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from jbplus.consultation.rules import find_ground, registrars
from jbplus.consultation.service import Lookup, Lookups
from jbplus.protocol.access import FindParty, Refusal, RefusedError, refuse_purpose, refuse_scope
from jbplus.protocol.caller import Asker, Caller
from jbplus.protocol.parties import Party, party_of
from jbplus.protocol.purposes import SCOPE_REGISTRATION, Purpose, Right
from jbplus.registrations.rules import Registration
from jbplus.suspensions.rules import Stream, Suspension
from tests.consultation.fakes import FakeLookupStore
from tests.privacy_log.fakes import FakePrivacyLog
from tests.support.fakes import ACCEPTS, PSEUDONYMS, no_count
from tests.support.people import ANNA

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

_NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
_GRANTED = "granted"
_LOGGED = {
    "MISSING_SCOPE": "geweigerdScope",
    "PURPOSE_NOT_ALLOWED": "geweigerdDoel",
    "SUSPENDED": "geweigerdSchorsing",
    "NOT_REGISTERED": "geweigerdInschrijving",
    _GRANTED: "leeg",
}


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


def _decide_wholly(
    asker: Asker, doel: str, registrations: Mapping[str, Registration], suspensions: Sequence[Suspension]
) -> str:
    """Look Anna up, and give the outcome; the privacy log has the same one."""
    store = FakeLookupStore(
        registrations={(PSEUDONYMS(ANNA), kbo): each for kbo, each in registrations.items()},
        suspensions=list(suspensions),
    )
    log = FakePrivacyLog()
    lookups = Lookups(store, log, lambda: PSEUDONYMS, lambda: _NOW, ACCEPTS, no_count)
    try:
        (answer,) = lookups.look_up(Lookup((ANNA,), Purpose(doel), "D-1"), Caller(asker, "user", "c-1", "t-1"))
    except RefusedError as error:
        answer = error.refusal
    outcome = answer.name if isinstance(answer, Refusal) else _GRANTED
    assert [each.outcome.value for each in log.entries] == [_LOGGED[outcome]]
    return outcome


def _asker(kbo: str, scopes: frozenset[str]) -> Asker:
    return Asker(kbo, "application-1", scopes)


def _expect(
    kbo: str, scopes: frozenset[str], doel: str, *, sufficient: bool, suspended_from: tuple[str, ...] = ()
) -> str:
    row = _TABLE[doel]
    if row.scope not in scopes:
        return "MISSING_SCOPE"
    if kbo not in row.parties:
        return "PURPOSE_NOT_ALLOWED"
    if doel in suspended_from:
        return "SUSPENDED"
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


@dataclass(frozen=True)
class _Article8:
    """A suspension as WEWIS says it, and the doelen that it takes away from its party."""

    stromen: tuple[str, ...]
    doelen: tuple[str, ...]
    since: timedelta
    opgeheven: bool
    takes_away: tuple[str, ...]

    def of(self, kbo: str) -> Suspension:
        return Suspension(
            id="s-1",
            party=kbo,
            streams=tuple(map(Stream, self.stromen)),
            purposes=tuple(map(Purpose, self.doelen)),
            reason="misuse",
            begin=_NOW - self.since,
            lifted=_NOW if self.opgeheven else None,
        )


_ALL_DOELEN = tuple(_TABLE)
_BOTH, _LOOKUPS, _NOTICES = ("mutaties", "consultatie"), ("consultatie",), ("mutaties",)
_HOUR, _NO_TIME = timedelta(hours=1), timedelta(0)
_SUSPENSIONS = [
    _Article8(_BOTH, (), _HOUR, opgeheven=False, takes_away=_ALL_DOELEN),
    _Article8(_LOOKUPS, (), _NO_TIME, opgeheven=False, takes_away=_ALL_DOELEN),
    _Article8(_NOTICES, (), _HOUR, opgeheven=False, takes_away=()),
    _Article8(_LOOKUPS, (), -_HOUR, opgeheven=False, takes_away=()),
    _Article8(_BOTH, (), _HOUR, opgeheven=True, takes_away=()),
    *(_Article8(_BOTH, (doel,), _HOUR, opgeheven=False, takes_away=(doel,)) for doel in _TABLE),
    _Article8(_LOOKUPS, ("audit", "geschillen"), _HOUR, opgeheven=False, takes_away=("audit", "geschillen")),
]
_REGISTERED = [None, *product(_PERIODS.items(), _ANY_RIGHT)]


@pytest.mark.parametrize("doel", _TABLE)
@pytest.mark.parametrize("kbo", _EVERYBODY)
def test_party_scope_doel_registration_recht_and_suspension_give_the_outcome(kbo: str, doel: str) -> None:
    """Articles 2, 4, 6 and 8 at once, through the lookup itself; a suspension of another party changes nothing."""
    row = _TABLE[doel]
    registrars = {kbo, _ACTORS[1], _ACTORS[2]} & set(_ACTORS)
    for scopes, article_8, suspended in product(
        (frozenset({row.scope}), frozenset(_SCOPES) - {row.scope}), _SUSPENSIONS, (kbo, _ACTORS[3])
    ):
        for registered, registrar in product(_REGISTERED, registrars):
            registrations = {}
            sufficient = False
            if registered is not None:
                (period, active), recht = registered
                registrations[registrar] = Registration(*period, Right(recht))
                sufficient = active and recht in row.rechten and (row.of_any_actor or registrar == kbo)

            outcome = _decide_wholly(_asker(kbo, scopes), doel, registrations, [article_8.of(suspended)])

            taken_away = article_8.takes_away if suspended == kbo else ()
            case = (sorted(scopes), article_8, suspended, registered, registrar)
            assert outcome == _expect(kbo, scopes, doel, sufficient=sufficient, suspended_from=taken_away), case


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

        refusal = refuse_scope(_asker(kbo, scopes), SCOPE_REGISTRATION, _TODAY, find_party)

        assert (refusal and refusal.name) == expected
