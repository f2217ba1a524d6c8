"""Who may do what at all (Articles 2 b, 4, 6, 8 and 12): the refusals, and the rules that read the matrix."""

from collections.abc import Callable
from datetime import date
from enum import StrEnum

from jbplus.protocol.caller import UNKNOWN, Asker
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
        scope: the scope that the call takes.
    """

    def __init__(self, refusal: Refusal, *, scope: str) -> None:
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
    party = admitted(asker, today, find_party)
    return None if party is not None and party.kbo in rule.parties else Refusal.PURPOSE_NOT_ALLOWED


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
    party = admitted(asker, today, find_party)
    return None if party is not None and party.role in ROLES_BY_SCOPE[scope] else Refusal.PURPOSE_NOT_ALLOWED


def require_scope(asker: Asker, scope: str, today: date) -> None:
    """Refuse who may not do what a scope of `ROLES_BY_SCOPE` stands for.

    Raises:
        RefusedError: the scope is missing, or is not this party's to use.
    """
    refusal = refuse_scope(asker, scope, today)
    if refusal is not None:
        raise RefusedError(refusal, scope=scope)


def admitted(asker: Asker, today: date, find_party: FindParty = party_of) -> Party | None:
    """Give the party that asks, or None when it has no part in the protocol or its token names no application."""
    party = find_party(asker.kbo)
    if party is None or not party.takes_part(today) or asker.application == UNKNOWN:
        return None
    return party
