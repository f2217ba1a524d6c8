"""Words and examples of suspensions and the privacy log."""

from collections.abc import Mapping

from jbplus.protocol.purposes import SCOPE_PRIVACY_LOG, SCOPE_SOURCE
from jbplus_openapi.operations import Example, Operation

_SUSPENSION = {
    "id": "0b0e8d5e-6f0c-4a39-9a53-0d8d5a7b1c11",
    "partij": "0687467902",
    "stromen": ["consultatie"],
    "doelen": ["socialeToeslag"],
    "reden": "Onderzoek naar onrechtmatige raadplegingen",
    "vanaf": "2025-03-04T17:30:00Z",
}
_LIFTED = {**_SUSPENSION, "opgehevenOp": "2025-03-11T08:00:00Z"}

WORDS: Mapping[str, Operation] = {
    "POST /v1/schorsingen": Operation(
        id="suspendPartij",
        tag="Schorsingen",
        summary="Suspend a party",
        description=(
            "Suspends a recipient from notices (`mutaties`), from lookups (`consultatie`) or both, for all or for "
            "chosen `doelen`, from a moment on, until it is lifted. Its lookups are refused with `code` 40006."
        ),
        scopes=(SCOPE_SOURCE,),
        requests={
            "lookups": Example(
                "Lookups for one supplement, from now on",
                {
                    "partij": "0687467902",
                    "stromen": ["consultatie"],
                    "doelen": ["socialeToeslag"],
                    "reden": "Onderzoek naar onrechtmatige raadplegingen",
                },
            ),
            "wholly": Example(
                "Wholly, from a moment on",
                {
                    "partij": "0687467902",
                    "stromen": ["mutaties", "consultatie"],
                    "reden": "Inbreuk in onderzoek",
                    "vanaf": "2025-03-04T18:30:00+01:00",
                },
            ),
        },
        answers={"suspended": Example("Suspended", _SUSPENSION)},
    ),
    "GET /v1/schorsingen": Operation(
        id="listSchorsingen",
        tag="Schorsingen",
        summary="List suspensions",
        description="Gives all suspensions to WEWIS (scope `jbplus:bron`), and its own to any other party.",
        scopes=(),
        answers={"two": Example("One running, one lifted", {"items": [_SUSPENSION, _LIFTED]})},
    ),
    "POST /v1/schorsingen/{id}/opheffing": Operation(
        id="liftSchorsing",
        tag="Schorsingen",
        summary="Lift a suspension",
        description="Ends a suspension; everything is as before. Lifting it again changes nothing. It takes no body.",
        scopes=(SCOPE_SOURCE,),
        answers={"lifted": Example("Lifted", _LIFTED)},
        path={"id": "The id of the suspension, from the answer that made or listed it."},
    ),
    "POST /v1/privacylog/query": Operation(
        id="queryPrivacylog",
        tag="Privacylog",
        summary="Read the privacy log of the own party",
        description=(
            "Gives the records of your own party: of one person (`insz`), or of a period of at most 31 days (`van` and "
            "`tot`), of all end users or of one. In pages: while there is a `volgende`, ask again with it as `na`. The "
            "question is a record itself, which a later one gives."
        ),
        scopes=(SCOPE_PRIVACY_LOG,),
        requests={
            "person": Example("What was asked about one person", {"insz": "12642599819"}),
            "period": Example(
                "What one end user asked in a week",
                {"van": "2025-03-03", "tot": "2025-03-09", "gebruiker": "an.peeters"},
            ),
        },
        answers={
            "page": Example(
                "One lookup; no more follow",
                {
                    "items": [
                        {
                            "referte": "9f0e5f0c-3c39-4f0d-8a5e-5a4d7c1b2e60",
                            "positie": 0,
                            "moment": "2025-03-04T09:12:31Z",
                            "dienst": "consultatie",
                            "toepassing": "infino-dossier",
                            "gebruiker": "an.peeters",
                            "correlatie": "2b1f6a52-7a3e-4a57-9a0e-0f3f5e6a9b11",
                            "doel": "socialeToeslag",
                            "inschrijvingVan": "0685540471",
                            "naarAanleidingVanMutatie": False,
                            "betrokkene": "12642599819",
                            "uitkomst": "beantwoord",
                        }
                    ]
                },
            )
        },
    ),
}
