"""Who may look up whom, for what (Articles 2 b, 4 and 6): the matrix as data, and the one rule that reads it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from jbplus.caller import Asker
from jbplus.parties import OPGROEIEN, PAYMENT_ACTORS, VUTG, Party, Role, party_of
from jbplus.registration import Registration, Right


class Purpose(StrEnum):
    """The purposes of a lookup (Article 2 b, 2°); values as on the wire (`doel`)."""

    SOCIAL_SUPPLEMENT = "socialeToeslag"
    PARTICIPATION_SUPPLEMENT = "selectieveParticipatietoeslag"
    AUDIT = "audit"
    INSPECTION = "toezicht"
    COMPLAINTS = "klachten"
    DISPUTES = "geschillen"


class Refusal(StrEnum):
    """Why a lookup is refused; the order of the members is the order in which they are tried."""

    MISSING_SCOPE = "scope ontbreekt"
    PURPOSE_NOT_ALLOWED = "doel niet toegelaten"
    SUSPENDED = "geschorst"
    INSZ_INVALID = "INSZ ongeldig"
    NOT_REGISTERED = "niet geregistreerd"


class RefusedError(Exception):
    """A call is refused as a whole.

    Attributes:
        refusal: why.
        scope: the scope that is missing, when it is not the one that the call usually takes.
    """

    def __init__(self, refusal: Refusal, *, scope: str | None = None) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
        self.scope = scope


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the matrix.

    Attributes:
        parties: KBO numbers of the parties that may use the purpose.
        scope: the token scope that it takes.
        registered_by: KBO numbers whose registration of the person counts; None for the asking party's own.
        rights: the states of right that count; None for any.
        one_file: whether it serves "only specific files" (Article 2): the lookup names its `dossier`.
        in_bulk: whether several persons may be looked up in one call.
    """

    parties: frozenset[str]
    scope: str
    registered_by: tuple[str, ...] | None = None
    rights: frozenset[Right] | None = None
    one_file: bool = False
    in_bulk: bool = False


_ACTORS = tuple(party.kbo for party in PAYMENT_ACTORS)
# Article 2 b: a right that has ended is not consulted through KRING, but asked of the payment actor.
_RUNNING_OR_SUSPENDED = frozenset({Right.RUNNING, Right.SUSPENDED})
_FILE_MANAGEMENT = Rule(frozenset(_ACTORS), "jbplus:dossierbeheer", in_bulk=True)


def _rule_for_one_person(party: str, scope: str) -> Rule:
    return Rule(frozenset({party}), scope, registered_by=_ACTORS, rights=_RUNNING_OR_SUSPENDED, one_file=True)


MATRIX: Mapping[Purpose, Rule] = {
    Purpose.SOCIAL_SUPPLEMENT: _FILE_MANAGEMENT,
    Purpose.PARTICIPATION_SUPPLEMENT: _FILE_MANAGEMENT,
    Purpose.AUDIT: Rule(frozenset({VUTG.kbo}), "jbplus:audit", registered_by=_ACTORS, one_file=True, in_bulk=True),
    Purpose.INSPECTION: _rule_for_one_person(VUTG.kbo, "jbplus:toezicht"),
    Purpose.COMPLAINTS: _rule_for_one_person(VUTG.kbo, "jbplus:klachten"),
    Purpose.DISPUTES: _rule_for_one_person(OPGROEIEN.kbo, "jbplus:geschillen"),
}

SCOPE_REGISTRATION = "jbplus:inschrijving"
SCOPE_STATISTICS = "jbplus:statistiek"
SCOPE_PRIVACY_LOG = "jbplus:privacylog"
SCOPE_SOURCE = "jbplus:bron"
SCOPE_REPORT = "jbplus:melding"

_RECIPIENTS = frozenset({Role.DIRECTOR, Role.PAYMENT_ACTOR})
ROLES_BY_SCOPE: Mapping[str, frozenset[Role]] = {
    SCOPE_REGISTRATION: frozenset({Role.PAYMENT_ACTOR}),
    SCOPE_REPORT: _RECIPIENTS,
    SCOPE_STATISTICS: frozenset({Role.DIRECTOR}),
    SCOPE_SOURCE: frozenset({Role.SOURCE}),
    # The source looks nobody up, so its data protection officer has no records here.
    SCOPE_PRIVACY_LOG: _RECIPIENTS,
}
"""Who may do what is not a lookup: keep registrations, report on quality, and so on."""

FindParty = Callable[[str], Party | None]
"""Finds a party by its KBO number, with the end of its part in the protocol when that is known."""


def refuse_purpose(asker: Asker, purpose: Purpose, today: date, find_party: FindParty = party_of) -> Refusal | None:
    """Decide whether a party may use a purpose at all (Articles 2 b, 4 and 12).

    Args:
        asker: who asks.
        purpose: what for.
        today: the calendar day in Brussels.
        find_party: finds the party that asks.

    Returns:
        The first refusal that applies, or None when it may.
    """
    rule = MATRIX[purpose]
    if rule.scope not in asker.scopes:
        return Refusal.MISSING_SCOPE
    party = find_party(asker.kbo)
    if party is None or party.kbo not in rule.parties or not party.takes_part(today):
        return Refusal.PURPOSE_NOT_ALLOWED
    return None


def refuse_scope(asker: Asker, scope: str, today: date, find_party: FindParty = party_of) -> Refusal | None:
    """Decide whether a party may do what a scope of `ROLES_BY_SCOPE` stands for (Articles 2, 6, 7, 8 and 12).

    Args:
        asker: who asks.
        scope: the scope that the call takes.
        today: the calendar day in Brussels.
        find_party: finds the party that asks.

    Returns:
        The first refusal that applies, or None when it may.
    """
    if scope not in asker.scopes:
        return Refusal.MISSING_SCOPE
    party = find_party(asker.kbo)
    if party is None or party.role not in ROLES_BY_SCOPE[scope] or not party.takes_part(today):
        return Refusal.PURPOSE_NOT_ALLOWED
    return None


def may_see_suspensions(asker: Asker, today: date, find_party: FindParty = party_of) -> Refusal | None:
    """Decide whether a party may see suspensions: the source all of them, others their own with any token."""
    party = find_party(asker.kbo)
    if party is None or not party.takes_part(today):
        return Refusal.PURPOSE_NOT_ALLOWED
    return refuse_scope(asker, SCOPE_SOURCE, today, find_party) if party.role is Role.SOURCE else None


def report_registrars(asker: Asker, today: date, find_party: FindParty = party_of) -> tuple[str, ...]:
    """List the parties, by KBO number, whose registration of a person allows a report (Article 7).

    A payment actor reports on its own persons; Opgroeien regie on those of any payment actor that takes part.
    """
    wanted = _ACTORS if asker.kbo == OPGROEIEN.kbo else (asker.kbo,)
    return tuple(kbo for kbo in wanted if (party := find_party(kbo)) is not None and party.takes_part(today))


def registrars(asker: Asker, purpose: Purpose, today: date, find_party: FindParty = party_of) -> tuple[str, ...]:
    """List the parties, by KBO number, whose registration of a person allows the lookup (Article 6).

    A party that has left the protocol registers nobody any more (Article 12).
    """
    wanted = MATRIX[purpose].registered_by or (asker.kbo,)
    return tuple(kbo for kbo in wanted if (party := find_party(kbo)) is not None and party.takes_part(today))


def find_ground(registrations: Mapping[str, Registration], purpose: Purpose, today: date) -> str | None:
    """Find the registration that allows a lookup of one person (Articles 2 b and 6).

    Args:
        registrations: the person's registrations by the parties of `registrars`, by KBO number.
        purpose: what the lookup is for.
        today: the calendar day in Brussels.

    Returns:
        The KBO number of the party whose registration allows it, or None: the lookup is refused.
    """
    rights = MATRIX[purpose].rights
    for kbo, registration in registrations.items():
        if registration.is_active(today) and (rights is None or registration.right in rights):
            return kbo
    return None
