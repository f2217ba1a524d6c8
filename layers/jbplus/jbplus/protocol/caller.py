"""Who calls: the party that asks, and the person and the application on its behalf."""

from dataclasses import dataclass

UNKNOWN = "onbekend"
"""Stands in records and log lines for a party or an application that the token does not name as it should."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, as the token says.

    Attributes:
        kbo: the party's KBO number (claim `kbo`); `UNKNOWN` when the claim is none.
        application: the client (claim `client_id`, else `sub`); `UNKNOWN` when there is none that may be kept.
        scopes: the scopes granted.
    """

    kbo: str
    application: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, from where: what the privacy log records of a call besides its contents.

    Attributes:
        asker: who asks.
        end_user: the person at the party who asks, by the party's own name for them.
        correlation: the caller's own reference.
        trace: our reference of the call, at most 36 characters.
    """

    asker: Asker
    end_user: str
    correlation: str
    trace: str
