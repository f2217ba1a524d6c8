"""Who is who in the protocol (its parties, and Articles 2 b and 4): data, not conditions."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum


class Role(StrEnum):
    """What a party is in the protocol."""

    SOURCE = "source"
    DIRECTOR = "director"
    PAYMENT_ACTOR = "payment actor"


@dataclass(frozen=True, slots=True)
class Party:
    """A party to the protocol.

    Attributes:
        kbo: its number in the Crossroads Bank for Enterprises, ten digits.
        key: its short name, for people who type commands.
        name: its name, for people who read.
        role: what it is in the protocol.
        other_kbos: further numbers of the same party.
        ends: the day on which its part in the protocol ended (Article 12): from then on it has no access.
    """

    kbo: str
    key: str
    name: str
    role: Role
    other_kbos: tuple[str, ...] = ()
    ends: date | None = None

    def takes_part(self, day: date) -> bool:
        """Tell whether the party takes part in the protocol on a calendar day in Brussels (Article 12)."""
        return self.ends is None or day < self.ends


def with_ends(parties: Iterable[Party], ends: str) -> tuple[Party, ...]:
    """Give parties the ends that an operator has set (Article 12).

    Args:
        parties: all parties.
        ends: KBO numbers and days with commas between, like `0685540471=2027-01-01`; empty for none.

    Raises:
        ValueError: it is something else, or names no party of these, or one twice: nothing may be decided then.
    """
    known = {party.kbo: party for party in parties}
    days: dict[str, date] = {}
    for each in ends.split(",") if ends else ():
        kbo, _, day = each.partition("=")
        if kbo not in known or kbo in days or not _DAY.fullmatch(day):
            raise ValueError("the ends of parties must be like 0685540471=2027-01-01, each party once")
        days[kbo] = date.fromisoformat(day)
    return tuple(replace(party, ends=days.get(kbo)) for kbo, party in known.items())


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_PARTIES: tuple[Party, ...] = (
    Party("0316380841", "wewis", "WEWIS", Role.SOURCE, other_kbos=("2199323857",)),
    Party("0886886638", "opgroeien", "Opgroeien regie", Role.DIRECTOR),
    Party("0692793497", "vutg", "VUTG", Role.PAYMENT_ACTOR),
    Party("0685540471", "infino", "Infino Vlaanderen", Role.PAYMENT_ACTOR),
    Party("0687467902", "kidslife", "Kidslife Vlaanderen", Role.PAYMENT_ACTOR),
    Party("0683590375", "myfamily", "My Family", Role.PAYMENT_ACTOR),
    Party("0686764255", "parentia", "Parentia Vlaanderen", Role.PAYMENT_ACTOR),
)

# When a party leaves is an operator's setting, the same for every function: whoever knows the parties knows it.
PARTIES = with_ends(_PARTIES, os.environ.get("PARTY_ENDS", ""))

WEWIS, OPGROEIEN, VUTG = PARTIES[:3]
RECIPIENTS = tuple(party for party in PARTIES if party.role is not Role.SOURCE)
PAYMENT_ACTORS = tuple(party for party in PARTIES if party.role is Role.PAYMENT_ACTOR)
WEWIS_KBOS = frozenset({WEWIS.kbo, *WEWIS.other_kbos})

_BY_KBO = {kbo: party for party in PARTIES for kbo in (party.kbo, *party.other_kbos)}


def party_of(kbo: str) -> Party | None:
    """Find the party that a KBO number belongs to, or None when it is no party to the protocol."""
    return _BY_KBO.get(kbo)
