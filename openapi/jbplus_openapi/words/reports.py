"""Words and examples of the reports on quality and of the statistics."""

from collections.abc import Mapping

from jbplus.protocol.purposes import SCOPE_REPORT, SCOPE_SOURCE, SCOPE_STATISTICS
from jbplus_openapi.operations import Example, Operation

_ID = "5f0a3f0e-8b51-5a0e-9f61-6a0f0a8f2f10"
_REPORT = {
    "id": _ID,
    "aard": "foutief",
    "referte": "JBP-2025-000123",
    "toelichting": "Het bedrag is dat van het tweede deel.",
    "melder": "0685540471",
    "moment": "2025-03-10T09:00:00Z",
    "status": "gemeld",
}
_ANSWERED = {
    **_REPORT,
    "status": "gecorrigeerd",
    "antwoord": "Verbeterd met de levering van 11 maart.",
    "beantwoordOp": "2025-03-11T15:30:00Z",
}
_FIGURES = {
    "personen": 120,
    "betalingen": 120,
    "betaald": "72000.00",
    "terugvorderingen": 5,
    "netto": "69000.00",
}

WORDS: Mapping[str, Operation] = {
    "POST /v1/kwaliteitsmeldingen": Operation(
        id="reportKwaliteit",
        tag="Kwaliteitsmeldingen",
        summary="Report on the quality of the data",
        description=(
            "Tells WEWIS and Opgroeien regie that the data of a person, or one payment or recovery of theirs, are not "
            "as they should be. Your party must have an active registration of the person. A `referte` that is not "
            "known is taken the same way. The same report on the same day is one report."
        ),
        scopes=(SCOPE_REPORT,),
        requests={
            "payment": Example(
                "About one payment",
                {
                    "insz": "12642599819",
                    "aard": "foutief",
                    "referte": "JBP-2025-000123",
                    "toelichting": "Het bedrag is dat van het tweede deel.",
                },
            ),
            "missing": Example("About a payment that is missing", {"insz": "12642599819", "aard": "ontbrekend"}),
        },
        answers={"reported": Example("Reported", {"id": _ID, "status": "gemeld"})},
    ),
    "POST /v1/kwaliteitsmeldingen/query": Operation(
        id="queryKwaliteitsmeldingen",
        tag="Kwaliteitsmeldingen",
        summary="List reports on quality",
        description=(
            "Gives your own party's reports; all of them to Opgroeien regie, and to WEWIS (scope `jbplus:bron`). "
            "Newest first, in pages: while there is a `volgende`, ask again with it as `na`. No person is named."
        ),
        scopes=(SCOPE_REPORT, SCOPE_SOURCE),
        requests={
            "all": Example("All", {}),
            "corrected": Example("What was corrected", {"status": "gecorrigeerd"}),
        },
        answers={"page": Example("One answered, one not; no more follow", {"items": [_ANSWERED, _REPORT]})},
    ),
    "POST /v1/kwaliteitsmeldingen/{id}/antwoord": Operation(
        id="answerKwaliteitsmelding",
        tag="Kwaliteitsmeldingen",
        summary="Answer a report on quality",
        description="Tells who reported, and Opgroeien regie, what became of a report. It replaces an earlier answer.",
        scopes=(SCOPE_SOURCE,),
        requests={
            "corrected": Example(
                "Corrected", {"status": "gecorrigeerd", "antwoord": "Verbeterd met de levering van 11 maart."}
            )
        },
        answers={"answered": Example("The report with its answer", _ANSWERED)},
        path={"id": "The id of the report, from the list of reports."},
    ),
    "GET /v1/statistieken": Operation(
        id="getStatistieken",
        tag="Statistieken",
        summary="Give the figures of closed months",
        description=(
            "Gives, by fiscal year, month and instalment, how many persons were paid and how much: as published once "
            "after the month was closed, and not changed since. Counts are rounded to 5, amounts to EUR 3,000. Figures "
            "of fewer than five persons are withheld, and so are others that would give them away. Recoveries are told "
            "only where at least five persons had one: from none to four look the same."
        ),
        scopes=(SCOPE_STATISTICS,),
        answers={
            "year": Example(
                "One fiscal year with one month; the second instalment is withheld",
                {
                    "items": [
                        {
                            "fiscaalJaar": 2024,
                            "maanden": [
                                {
                                    "maand": "2025-03",
                                    "gepubliceerdOp": "2025-04-10",
                                    "bedragtypes": [{"bedragtype": "1", "cijfers": _FIGURES}, {"bedragtype": "2"}],
                                    "totaal": {
                                        "cijfers": _FIGURES,
                                        "weggelatenCellen": 1,
                                        "cellenZonderTerugvorderingen": 0,
                                    },
                                }
                            ],
                            "cumulatief": {
                                "bedragtypes": [
                                    {
                                        "cijfers": _FIGURES,
                                        "weggelatenCellen": 0,
                                        "cellenZonderTerugvorderingen": 0,
                                        "bedragtype": "1",
                                    }
                                ],
                                "totaal": {
                                    "cijfers": _FIGURES,
                                    "weggelatenCellen": 1,
                                    "cellenZonderTerugvorderingen": 0,
                                },
                            },
                        }
                    ]
                },
            )
        },
    ),
}
