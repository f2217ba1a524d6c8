"""What personal data may be asked for, by whom, with which scope (Articles 2 b, 4 and 6): the matrix as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from jbplus.protocol.parties import OPGROEIEN, PAYMENT_ACTORS, VUTG, Role


class Right(StrEnum):
    """The state of the person's right to Groeipakket at the party; values as on the wire (`recht`)."""

    RUNNING = "lopend"
    SUSPENDED = "geschorst"
    ENDED = "afgelopen"


class Purpose(StrEnum):
    """The purposes of a lookup (Article 2 b, 2°); values as on the wire (`doel`)."""

    SOCIAL_SUPPLEMENT = "socialeToeslag"
    PARTICIPATION_SUPPLEMENT = "selectieveParticipatietoeslag"
    AUDIT = "audit"
    INSPECTION = "toezicht"
    COMPLAINTS = "klachten"
    DISPUTES = "geschillen"


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
