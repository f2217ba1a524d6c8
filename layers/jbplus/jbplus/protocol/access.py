"""Who may do what at all (Articles 2 b, 4, 6, 8 and 12): the refusals, and the rules that read the matrix."""

from collections.abc import Callable
from datetime import date
from enum import StrEnum

from jbplus.protocol.caller import Asker
from jbplus.protocol.parties import Party, party_of
from jbplus.protocol.purposes import MATRIX, ROLES_BY_SCOPE, Purpose


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
