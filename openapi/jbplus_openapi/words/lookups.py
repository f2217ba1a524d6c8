"""Words and examples of the lookups and the repertory."""

from collections.abc import Mapping

from jbplus.protocol.purposes import MATRIX, SCOPE_REGISTRATION
from jbplus_openapi.operations import Example, Operation

_ANNA, _BRAM, _NOBODY = "12642599819", "05691199737", "12642599820"
_PERSON = {
    "insz": _ANNA,
    "volgnummer": 17,
    "bewaarTot": "2030-03-03",
    "versie": "5f1d7c0a9be24c3786d0e1f2a3b4c5d6",
    "verrichtingen": [
        {
            "referte": "JBP-2025-000123",
            "maatregel": "Jobbonus plus",
            "fiscaalJaar": 2024,
            "bedragtype": "1",
            "verrichtingbedrag": "600.00",
            "effectieveVerrichtingsdatum": "2025-03-03",
        }
    ],
    "nettoPerFiscaalJaar": [{"fiscaalJaar": 2024, "betaald": "600.00", "teruggevorderd": "0.00", "netto": "600.00"}],
}
_NOTHING = {"insz": _BRAM, "versie": "c2a4908e7d1b4f6fa05b3c6d7e8f9a1b", "verrichtingen": [], "nettoPerFiscaalJaar": []}
_REFUSED = {
    "insz": _NOBODY,
    "problem": {
        "type": "urn:problem-type:belgif:badRequest",
        "title": "Bad Request",
        "status": 400,
        "detail": "The input is not valid. Correct what the issues name, and send it again.",
        "instance": "urn:uuid:9f0e5f0c-3c39-4f0d-8a5e-5a4d7c1b2e60",
        "code": "20002",
        "issues": [
            {
                "in": "body",
                "name": "inszLijst[2]",
                "type": "urn:problem-type:belgif-ext:input-validation:invalidStructure",
                "detail": "must be 11 digits: a national register or BIS number with valid check digits",
            }
        ],
    },
}
_REGISTERED = {"periode": {"begin": "2025-01-01", "einde": "2030-12-31"}, "recht": "lopend"}

WORDS: Mapping[str, Operation] = {
    "POST /v1/verrichtingen/get": Operation(
        id="getVerrichtingen",
        tag="Verrichtingen",
        summary="Look one person up",
        description=(
            "Gives what was paid to the person and reclaimed, and the net amount of each fiscal year: what is deducted "
            "from the income of that year. Nothing known, or no longer: empty lists. While WEWIS looks into a report "
            "on the data, the answer says so (`inOnderzoek`).\n\n"
            "The person must be registered: by your own party for a supplement, by any payment actor for the others; "
            "`toezicht`, `klachten` and `geschillen` see only persons whose right is `lopend` or `geschorst`."
        ),
        scopes=tuple(dict.fromkeys(rule.scope for rule in MATRIX.values())),
        requests={
            "supplement": Example("For a supplement", {"insz": _ANNA, "doel": "socialeToeslag"}),
            "inspection": Example(
                "For an inspection: with its dossier",
                {"insz": _ANNA, "doel": "toezicht", "dossier": "T-2025/0042"},
            ),
            "afterMutation": Example(
                "After a notice of a mutation",
                {"insz": _ANNA, "doel": "selectieveParticipatietoeslag", "naarAanleidingVanMutatie": True},
            ),
        },
        answers={
            "known": Example("A payment", _PERSON),
            "nothing": Example("Nothing is known", _NOTHING),
            "inDoubt": Example("Nothing is known, and WEWIS looks into it", {**_NOTHING, "inOnderzoek": True}),
        },
    ),
    "POST /v1/verrichtingen/query": Operation(
        id="queryVerrichtingen",
        tag="Verrichtingen",
        summary="Look several persons up",
        description=(
            "As for one person, for 1 to 100 at once: for `socialeToeslag`, `selectieveParticipatietoeslag` and "
            "`audit`. The answers stand in the order of the request; a person for whom the lookup is refused has a "
            "`problem` instead."
        ),
        scopes=tuple(dict.fromkeys(rule.scope for rule in MATRIX.values() if rule.in_bulk)),
        requests={
            "supplement": Example("For a supplement", {"inszLijst": [_ANNA, _BRAM, _NOBODY], "doel": "socialeToeslag"})
        },
        answers={
            "mixed": Example("A payment, nothing, and a number that is none", {"items": [_PERSON, _NOTHING, _REFUSED]})
        },
    ),
    "POST /v1/inschrijvingen": Operation(
        id="registerInschrijvingen",
        tag="Inschrijvingen",
        summary="Register persons",
        description=(
            "Says that your party has a file on 1 to 100 persons, each once, from when to when. It replaces an earlier "
            "registration of the same person by your party: the same again is `ongewijzigd`. It tells nothing of what "
            "is known already, and no notice does: look the person up once afterwards.\n\n"
            "A number that is no INSZ, a day that is none or a period that ends before it begins is refused in its "
            "item, and does not stop the others.\n\n"
            "A party registers at most 50,000 new persons a day, unless the exchange's operator sets or allows another "
            "number. One more is refused in its item with 429 `tooManyRequests`: register that person tomorrow, or ask "
            "the operator for more before a first load. Who is registered already costs nothing."
        ),
        scopes=(SCOPE_REGISTRATION,),
        requests={
            "two": Example(
                "Two persons, one without an end",
                {
                    "items": [
                        {"insz": _ANNA, **_REGISTERED},
                        {"insz": _BRAM, "periode": {"begin": "2025-01-01"}, "recht": "geschorst"},
                    ]
                },
            )
        },
        answers={
            "two": Example(
                "One new, one as it was",
                {
                    "items": [
                        {"insz": _ANNA, "resultaat": "geregistreerd", "handle": "3d0f6b8e2c954a17b6e8d9c0f1a2b3c4"},
                        {"insz": _BRAM, "resultaat": "ongewijzigd", "handle": "a81c5e7094fb4d2e8f6a7b8c9d0e1f23"},
                    ]
                },
            )
        },
    ),
    "POST /v1/stand/query": Operation(
        id="queryStand",
        tag="Inschrijvingen",
        summary="Open ranges of the own stand",
        description=(
            "Gives handle and `versie` of each of your party's active registrations in these ranges of handles, as "
            "they are now. Ask for the ranges in which the stand of the night differs from what you have, and look up "
            "whoever differs here too. It names nobody, and is no lookup.\n\n"
            "A party that is suspended from `mutaties` gets none. While keys are rotated it is 503: ask again later."
        ),
        scopes=(SCOPE_REGISTRATION,),
        requests={"two": Example("Two ranges", {"bereiken": ["0f3", "a1c"]})},
        answers={
            "one": Example(
                "One registration in them",
                {
                    "items": [
                        {
                            "handle": "0f38b2e2c954a17b6e8d9c0f1a2b3c4d",
                            "versie": "5f1d7c0a9be24c3786d0e1f2a3b4c5d6",
                        }
                    ]
                },
            )
        },
    ),
    "POST /v1/inschrijvingen/get": Operation(
        id="getInschrijving",
        tag="Inschrijvingen",
        summary="Give the own registration of a person",
        description="Gives your own party's registration, or the number alone when there is none.",
        scopes=(SCOPE_REGISTRATION,),
        requests={"one": Example("One person", {"insz": _ANNA})},
        answers={
            "registered": Example("Registered", {"insz": _ANNA, **_REGISTERED}),
            "none": Example("Not registered", {"insz": _BRAM}),
        },
    ),
    "POST /v1/inschrijvingen/delete": Operation(
        id="deleteInschrijving",
        tag="Inschrijvingen",
        summary="Delete the own registration of a person",
        description="Deletes your own party's registration; it is no mistake when there is none.",
        scopes=(SCOPE_REGISTRATION,),
        requests={"one": Example("One person", {"insz": _ANNA})},
    ),
}
