"""Whose registration allows a lookup (Articles 2 b and 6)."""

from collections.abc import Mapping
from datetime import date

from jbplus.protocol.access import FindParty
from jbplus.protocol.caller import Asker
from jbplus.protocol.parties import party_of
from jbplus.protocol.purposes import MATRIX, Purpose
from jbplus.registrations.rules import Registration


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
