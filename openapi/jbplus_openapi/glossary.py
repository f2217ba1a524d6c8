"""What the document says of the API as a whole, and of each field by its name on the wire."""

from collections.abc import Mapping
from http import HTTPStatus

from jbplus.privacy_log.rules import LogOutcome, Service
from jbplus.protocol.parties import RECIPIENTS
from jbplus_openapi.responses import refused_with
from jbplus_openapi.rules import IN_BULK
from jbplus_openapi.schemas import Json

_AMOUNT = {"pattern": r"^-?(0|[1-9][0-9]*)\.[0-9]{2}$"}
_INSZ = {"type": "string", "pattern": "^[0-9]{11}$", "format": "insz"}

_BULK = "a number that is no INSZ is refused in its item, and does not stop the others."
_PURPOSE = "What the lookup is for: it decides who may ask, with which scope."

FRAME: Json = {
    "info": {
        "title": "jbplus",
        "version": "1.0.0",
        "license": {"name": "EUPL 1.2", "identifier": "EUPL-1.2"},
        "contact": {"name": "The operator of the exchange, through MAGDA"},
        "summary": "The exchange of jobbonus plus payments between WEWIS and the payers of the Groeipakket.",
        "description": """\
Who computes a supplement of the Groeipakket leaves the jobbonus plus out of the income. This API tells the amount to
deduct, per person and fiscal year, to those who may know it under the protocol of 4 March 2025.

**Tokens.** Each call but health and these pages takes an OAuth2 access token (client credentials). Its claim `kbo`
says which party asks, its scopes say what for. A call names the scope it takes; where several are named, one is
enough, and which one follows from `doel`.

**Headers.** Each call carries `x-correlation-id` (your reference) and `X-Magda-Enduser-ID` (who asks at your
organisation). Each answer carries `BelGov-Trace-Id`: our reference, which is also the `instance` of a problem.

**Persons.** A person is named by INSZ, in the body of a POST and nowhere else: never put one in an address, a header,
a dossier or free text. That is why lookups are POSTs, and why a POST with any parameter in its address is refused.

**Answers.** Refused and empty are two things. Who has not registered the person is refused (403, `code` 40003),
whatever is known. Empty lists are an answer: nothing was paid, all was annulled, or it is kept no longer; nothing is
deducted.
`volgnummer` tells how recent an answer is, and no more than that. Notices tell of what changes after a person was
registered; registering itself gives none.

**Trying again.** Every call may be sent again as it is: it changes nothing twice, but each time is logged. After a 503
wait the seconds of `Retry-After`; after a 429 of the whole call, a 500, a 504 or no answer at all a second, then twice
as long each time. A 429 of one person (`tooManyRequests`) is for tomorrow. What else is refused stays refused until the
request, the token, the registration or the suspension is another.

**Versions.** What is said here holds for all of `/v1`. New calls, new fields in answers and new fields that may be left
out of requests can come at any time; nothing goes away or gets another meaning. For that there would be a `/v2`, with
`/v1` beside it for a year at least; its last day would stand here. None is set.

**Bodies.** JSON in UTF-8, at most 256 KiB. A field without a value is left out: null is refused, and never answered.
Unknown fields are refused. Take unknown fields in answers as they come: new ones may be added.

**Refusals** are problems (RFC 9457, `application/problem+json`) of the Belgif types, with MAGDA's `code` where there is
one; a few come from API Gateway itself, and hold a `message` alone. In a call for several persons a refusal for one
stands in its item, and the others are answered.

**Log.** Each person looked up is a record in the privacy log, whatever the outcome; so is each registration that is
read, made, changed or deleted, each report on quality, taken or refused, and each question to that log itself.

The persons in the examples have test numbers: they belong to nobody.
""",
    },
    "servers": [{"url": "../..", "description": "The host that serves this document."}],
    "tags": [
        {"name": "Verrichtingen", "description": "Looking up what was paid and reclaimed (Articles 2, 4 and 6)."},
        {"name": "Inschrijvingen", "description": "The repertory: who has a file on whom (Article 6)."},
        {"name": "Kwaliteitsmeldingen", "description": "Reports on the quality of the data (Article 7)."},
        {"name": "Schorsingen", "description": "Suspending a party, wholly or in part (Article 8)."},
        {"name": "Privacylog", "description": "Who saw what of whom, when and why (Articles 6 and 9)."},
        {"name": "Statistieken", "description": "Anonymous figures of closed months (Article 2)."},
        {"name": "Dienst", "description": "The service itself; without a token."},
    ],
    "securitySchemes": {
        "OAuth2": {
            "type": "oauth2",
            "description": "The address is that of the issuer of your environment; MAGDA tells which.",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": "https://issuer.example/token",
                    "scopes": {
                        "jbplus:dossierbeheer": "Looking up for a supplement; the payment actors.",
                        "jbplus:audit": "Looking up for an audit; VUTG.",
                        "jbplus:toezicht": "Looking up for an inspection; VUTG.",
                        "jbplus:klachten": "Looking up for a complaint; VUTG.",
                        "jbplus:geschillen": "Looking up for a dispute; Opgroeien regie.",
                        "jbplus:inschrijving": "Keeping registrations; the payment actors.",
                        "jbplus:melding": "Reporting on quality; the recipients.",
                        "jbplus:statistiek": "Statistics; Opgroeien regie.",
                        "jbplus:bron": "Suspending, and answering reports on quality; WEWIS.",
                        "jbplus:privacylog": "The privacy log of the own party; its data protection officer.",
                    },
                }
            },
        }
    },
}

_THROTTLED = refused_with([HTTPStatus.TOO_MANY_REQUESTS])

OPEN_PATHS: Json = {
    "/v1/health": {
        "get": {
            "operationId": "getHealth",
            "tags": ["Dienst"],
            "summary": "Tell whether the API is up",
            "description": "Whether API Gateway and a function answer; it reads no store.",
            "security": [],
            "responses": {
                "200": {
                    "description": "OK",
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "properties": {"status": {"type": "string", "const": "UP"}},
                                "required": ["status"],
                            },
                            "example": {"status": "UP"},
                        }
                    },
                },
                **_THROTTLED,
            },
        }
    },
    "/v1/doc": {
        "get": {
            "operationId": "getDocPage",
            "tags": ["Dienst"],
            "summary": "Show this document to people",
            "description": "A page for the browser. It asks nothing of others than this API.",
            "security": [],
            "responses": {
                "200": {"description": "OK", "content": {"text/html": {"schema": {"type": "string"}}}},
                **_THROTTLED,
            },
        }
    },
    "/v1/doc/openapi.json": {
        "get": {
            "operationId": "getOpenApi",
            "tags": ["Dienst"],
            "summary": "Give this document",
            "description": "The OpenAPI document that you are reading.",
            "security": [],
            "responses": {
                "200": {
                    "description": "OK",
                    "content": {"application/json": {"schema": {"type": "object"}}},
                },
                **_THROTTLED,
            },
        }
    },
}

GLOSSARY: Mapping[str, Json] = {
    "insz": {"description": "National register or BIS number: eleven digits with valid check digits.", **_INSZ},
    "RegistrationItem.insz": {"description": f"The person: {_BULK}"},
    "inszLijst": {"description": f"The persons, each once: {_BULK}"},
    "RefusedItem.insz": {"description": "The person, as asked."},
    "doel": {"description": _PURPOSE},
    "QueryBody.doel": {"description": _PURPOSE, "enum": IN_BULK},
    "dossier": {
        "description": "Your own reference of the file that the lookup serves. Required for `audit`, `toezicht`, "
        "`klachten` and `geschillen`, which serve only specific files (Article 2). Never a person's number."
    },
    "naarAanleidingVanMutatie": {"description": "Whether a notice of a mutation is the ground to ask; it is logged."},
    "volgnummer": {
        "description": "The highest number of a mutation file that touched this person, annulments too: how recent the "
        "answer is. It does not tell that files with lower numbers are in: a late file, a released record or a long "
        "file half applied changes the answer under the same number. So never drop a notice because of it: look the "
        "person up after taking the notice. Absent when nothing is known."
    },
    "vervangen": {
        "description": (
            "Another number took the place of this one (always true, else absent). Which one is never said: the "
            "notice of the succession says it to who registered this number."
        ),
    },
    "bereiken": {"description": "Ranges of handles, each by the three hexadecimal digits that its handles begin with."},
    "PairAnswer.versie": {"description": "The mark of what a lookup would answer now."},
    "PairAnswer.handle": {"description": "The exchange's own name of the registration."},
    "versie": {
        "description": "An opaque mark of what this answer says, for your party alone: the same as long as the answer "
        "is the same, and of no meaning else. There is one where nothing is known too. Present when the registration "
        "that allows the lookup is your own; keep it with the answer, to compare with the exchange's."
    },
    "handle": {
        "description": "The exchange's own name of your registration of this person: random, opaque, and the same as "
        "long as the registration stands. Keep it, to compare with the exchange's."
    },
    "bewaarTot": {
        "description": "The last day, in Brussels, that these data are kept (Article 3 b). Absent when nothing is "
        "known."
    },
    "inOnderzoek": {
        "description": "`true` while WEWIS looks into a report on the quality of this person's data: they may change, "
        "and a notice comes when they do. Your own report counts from when you made it, another party's once WEWIS "
        "says that it looks into it. Absent otherwise. Deduct what is answered meanwhile."
    },
    "verrichtingen": {"description": "The payments and recoveries, by fiscal year, instalment, date and referte."},
    "nettoPerFiscaalJaar": {"description": "The totals of each fiscal year: what is deducted from its income."},
    "referte": {"description": "WEWIS's stable name of one payment or recovery."},
    "maatregel": {"description": "The measure."},
    "fiscaalJaar": {"description": "The income year that the amount counts for."},
    "bedragtype": {"description": "First (`1`) or second (`2`) instalment.", "enum": ["1", "2"]},
    "verrichtingbedrag": {"description": "EUR with two decimals: positive is paid, negative reclaimed.", **_AMOUNT},
    "effectieveVerrichtingsdatum": {"description": "The day of the payment or recovery.", "format": "date"},
    "betaald": {"description": "Sum of what was paid, EUR.", **_AMOUNT},
    "teruggevorderd": {"description": "Sum of what was reclaimed, EUR; zero or less.", **_AMOUNT},
    "netto": {
        "description": "betaald + teruggevorderd, EUR: what is deducted; when negative, nothing is.",
        **_AMOUNT,
    },
    "items": {"description": "One for each, in the order of the request where the request names them."},
    "problem": {"description": "Why the call is refused for this person."},
    "periode": {"description": "From when to when."},
    "begin": {"description": "First day, in Brussels."},
    "einde": {"description": "Last day, inclusive, in Brussels; left out while it is open."},
    "Period.begin": {"description": "First day, in Brussels, yyyy-MM-dd."},
    "Period.einde": {
        "description": "Last day, inclusive, in Brussels, yyyy-MM-dd; left out while it is open. 9999-12-31 means the "
        "same."
    },
    "recht": {"description": "The state of the person's right to Groeipakket."},
    "resultaat": {"description": "What registering did."},
    "Problem.type": {"description": "The Belgif type of problem, `urn:problem-type:belgif:…`."},
    "Problem.title": {"description": "The kind of problem, in words."},
    "Problem.status": {"description": "The HTTP status."},
    "Problem.detail": {"description": "What to do about it."},
    "Problem.instance": {"description": "This very problem: `urn:uuid:` and the `BelGov-Trace-Id`."},
    "Problem.code": {"description": "MAGDA's code: 20002, 40003, 40005 or 40006."},
    "Problem.issues": {"description": "What is wrong with the input, at most 100."},
    "Problem.requiredScopes": {"description": "The scope that the token lacks."},
    "Issue.in": {"description": "Where it stands."},
    "Issue.name": {"description": "The field, parameter or header; left out for the body as a whole."},
    "Issue.type": {"description": "The kind of issue."},
    "Issue.detail": {"description": "What would be right."},
    "partij": {
        "description": "KBO number of the party that is suspended.",
        "enum": [party.kbo for party in RECIPIENTS],
    },
    "stromen": {"description": "What is suspended: notices of mutations, lookups, or both."},
    "doelen": {"description": "The purposes that are suspended; all of them when left out."},
    "reden": {"description": "Why, in words; never a person's number."},
    "vanaf": {"description": "From when; from now on when left out."},
    "opgehevenOp": {"description": "When it was lifted; absent while it is not."},
    "SuspensionAnswer.id": {"description": "The id of the suspension."},
    "aard": {"description": "What is wrong with the data."},
    "toelichting": {"description": "What else there is to say; never a person's number."},
    "antwoord": {"description": "What became of it, in words; never a person's number."},
    "beantwoordOp": {"description": "When it was answered."},
    "melder": {"description": "KBO number of the party that reported."},
    "ReportedAnswer.id": {"description": "The id of the report."},
    "ReportItem.id": {"description": "The id of the report."},
    "status": {"description": "How far the report has come."},
    "ReportsBody.status": {"description": "Only reports that have come this far; all when left out."},
    "maanden": {"description": "The months that are published, in their order."},
    "maand": {"description": "The month of the payments, yyyy-MM."},
    "gepubliceerdOp": {"description": "The day of publication; nothing has changed since."},
    "bedragtypes": {"description": "The figures of each instalment."},
    "cijfers": {"description": "The figures; absent when they are withheld."},
    "TotalAnswer.cijfers": {"description": "The sum of the figures that are published."},
    "InstalmentTotalAnswer.cijfers": {"description": "The sum of the figures that are published."},
    "weggelatenCellen": {"description": "How many figures are withheld, and not in the sum."},
    "cellenZonderTerugvorderingen": {
        "description": "How many of the figures in the sum have no recoveries told: withheld, or none."
    },
    "totaal": {"description": "The sum of the instalments."},
    "cumulatief": {"description": "The sums from the first month to the last."},
    "personen": {"description": "Persons who were paid, rounded to 5; in a sum, once for each month and instalment."},
    "betalingen": {"description": "Payments, rounded to 5."},
    "FiguresAnswer.betaald": {
        "description": "What that many payments come to, EUR, rounded to 3,000.",
        **_AMOUNT,
    },
    "terugvorderingen": {
        "description": "Recoveries, rounded to 5; absent when fewer than five persons had one, which may be nobody."
    },
    "FiguresAnswer.netto": {
        "description": "`betaald` less the recoveries that are told, EUR; absent when `terugvorderingen` is.",
        **_AMOUNT,
    },
    "StatisticsQuery.fiscaalJaar": {"description": "Only this fiscal year; all when left out."},
    "van": {"description": "First day, in Brussels."},
    "tot": {"description": "Last day, inclusive, in Brussels."},
    "gebruiker": {"description": "The end user, as in `X-Magda-Enduser-ID`."},
    "na": {"description": "The `volgende` of the page before, with the same question."},
    "volgende": {"description": "More follow: ask again with this as `na`. Absent on the last page."},
    "LogItem.referte": {"description": "The record's own reference: the `BelGov-Trace-Id` of the call."},
    "positie": {"description": "The person's place in the call, from 0."},
    "moment": {"description": "When."},
    "dienst": {"description": "Which service.", "enum": [each.value for each in Service]},
    "toepassing": {"description": "The application that called."},
    "correlatie": {"description": "The caller's `x-correlation-id`."},
    "LogItem.doel": {"description": "What the lookup was for; absent for all that is no lookup."},
    "inschrijvingVan": {"description": "KBO number of the party whose registration allowed it."},
    "betrokkene": {
        "description": "Whom: the INSZ when the question names it, else a pseudonym by which your organisation alone "
        "knows the person, the same until the key is rotated. Absent for a question to this log about a period."
    },
    "uitkomst": {"description": "How it ended.", "enum": [each.value for each in LogOutcome]},
}
