"""What there is to try: each story with its person, its request, and the status that it is answered with."""

from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Final

GET, QUERY = "/v1/verrichtingen/get", "/v1/verrichtingen/query"

SAMPLE_DAY = Path("events") / "werk.publiceermutatiejobbonusplus-0100_20250304183000000.json"

# Test numbers: nobody has them. Their payments stand in the sample day.
ORDINARY, TWO_INSTALMENTS, RECOVERY = "12642599819", "05691199737", "91703020436"
RECLAIMED, ANNULLED, NEGATIVE = "85641201713", "78620903323", "83680951873"
IN_DOUBT, EXPIRED, UNKNOWN, NOT_REGISTERED = "71641241005", "66700312512", "90613020647", "59622133727"
NO_INSZ = "12642599820"

CLIENT: Final = "parentia"
REGISTERED: Final = (
    ORDINARY,
    TWO_INSTALMENTS,
    RECOVERY,
    RECLAIMED,
    ANNULLED,
    NEGATIVE,
    IN_DOUBT,
    EXPIRED,
    UNKNOWN,
)
"""Whom the client has registered."""


@dataclass(frozen=True, slots=True)
class Story:
    """One thing to try.

    Attributes:
        title: what it shows.
        told: what lies behind it, and what a client does with the answer; Markdown.
        status: what it is answered with.
        body: of the request.
        path: of the request.
        scope: of the token; None for a call without one.
        in_outage: whether it is asked while the exchange is out of reach.
    """

    title: str
    told: str
    status: HTTPStatus
    body: dict[str, object] = field(default_factory=dict)
    path: str = GET
    scope: str | None = "jbplus:dossierbeheer"
    in_outage: bool = False


def _ask(number: str, doel: str = "socialeToeslag", **more: object) -> dict[str, object]:
    return {"insz": number, "doel": doel, **more}


STORIES: Final = (
    Story(
        "An ordinary payment",
        "Paid once. `netto` is deducted from the income of that `fiscaalJaar`.",
        HTTPStatus.OK,
        _ask(ORDINARY),
    ),
    Story(
        "Two instalments of two years",
        "Each year has its own total: never add them up.",
        HTTPStatus.OK,
        _ask(TWO_INSTALMENTS),
    ),
    Story(
        "A part was reclaimed",
        "The recovery is a verrichting of its own with a negative amount. It lowers `netto` of the year that it "
        "recovers, though it was reclaimed in another.",
        HTTPStatus.OK,
        _ask(RECOVERY),
    ),
    Story("All was reclaimed", "`netto` is 0.00: nothing is deducted.", HTTPStatus.OK, _ask(RECLAIMED)),
    Story(
        "More was reclaimed than paid",
        "`netto` is negative. Nothing is deducted, and nothing added to the income.",
        HTTPStatus.OK,
        _ask(NEGATIVE),
    ),
    Story(
        "The payment was annulled",
        "It was never due, so it is absent. `volgnummer` tells that a file touched the person: what was deducted "
        "before ends.",
        HTTPStatus.OK,
        _ask(ANNULLED),
    ),
    Story(
        "Nothing is known",
        "Registered, and never in a file: empty lists and no `volgnummer`. It is an answer: nothing is deducted.",
        HTTPStatus.OK,
        _ask(UNKNOWN),
    ),
    Story(
        "The data expired",
        "Paid once, and five years went by (here the clock of this person alone was put forward). It is the same "
        "answer as when nothing was ever known: forget what you kept.",
        HTTPStatus.OK,
        _ask(EXPIRED),
    ),
    Story(
        "In doubt",
        "Another payment actor reported on the data, and WEWIS said that it looks into it: `inOnderzoek`. Deduct what "
        "is answered, and mark the file: a notice follows when the data change, none when they were right.",
        HTTPStatus.OK,
        _ask(IN_DOUBT),
    ),
    Story(
        "Several persons at once",
        "The answers stand in the order of the request. Who is refused has a `problem`, and does not stop the others.",
        HTTPStatus.OK,
        {"inszLijst": [ORDINARY, UNKNOWN, NOT_REGISTERED, NO_INSZ], "doel": "socialeToeslag"},
        QUERY,
    ),
    Story(
        "Refused: not registered (40003)",
        "There is a payment, but the client has no file on the person, so it is not told. Register the person first, "
        "and look it up once then: registering gives no notice.",
        HTTPStatus.FORBIDDEN,
        _ask(NOT_REGISTERED),
    ),
    Story(
        "Refused: the purpose is another party's (40005)",
        "Audits are VUTG's. The local issuer gives anybody the scope, so that this can be seen.",
        HTTPStatus.FORBIDDEN,
        _ask(ORDINARY, "audit", dossier="A-2025/0007"),
        scope="jbplus:audit",
    ),
    Story(
        "Refused: suspended (40006)",
        "WEWIS suspended the party from lookups for this one purpose (Article 8). Stop asking until it is lifted.",
        HTTPStatus.FORBIDDEN,
        _ask(ORDINARY, "selectieveParticipatietoeslag"),
    ),
    Story(
        "Refused: the scope is missing",
        "The token is good, but not for this.",
        HTTPStatus.FORBIDDEN,
        _ask(ORDINARY),
        scope="jbplus:inschrijving",
    ),
    Story(
        "Refused: no INSZ (20002)",
        "The check digits do not fit. The number is never repeated in a problem of a call for one person.",
        HTTPStatus.BAD_REQUEST,
        _ask(NO_INSZ),
    ),
    Story(
        "Refused: no token",
        "API Gateway answers before the exchange: no problem, a `message` alone.",
        HTTPStatus.UNAUTHORIZED,
        _ask(ORDINARY),
        scope=None,
    ),
    Story(
        "Busy or out of reach (503)",
        "Whoever is asked about, while `make outage` runs in another terminal: it takes the exchange's stores away for "
        "half a minute. Nothing was answered; ask again after the seconds of `Retry-After`.",
        HTTPStatus.SERVICE_UNAVAILABLE,
        _ask(ORDINARY),
        in_outage=True,
    ),
)
