"""Every call of the API, over fakes behind which everybody may do everything."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from jbplus.api.calls import Call
from jbplus.consultation.calls import LookupCalls
from jbplus.consultation.service import Lookups
from jbplus.privacy_log.calls import PrivacyLogCalls
from jbplus.privacy_log.rules import PrivacyLog
from jbplus.privacy_log.service import LogInquiry
from jbplus.protocol.parties import OPGROEIEN, WEWIS
from jbplus.quality.calls import QualityCalls
from jbplus.quality.service import QualityReports
from jbplus.registrations.calls import RegistrationCalls
from jbplus.registrations.service import Registrations
from jbplus.stand.calls import StandCalls
from jbplus.stand.service import Pairs, Stands
from jbplus.statistics.calls import StatisticsCalls
from jbplus.suspensions.calls import SuspensionCalls
from jbplus.suspensions.service import Suspensions
from tests.privacy_log.fakes import FakeLogArchive
from tests.quality.fakes import FakeOutbox, FakeRegistrationReader, FakeReportStore
from tests.registrations.fakes import FakeRegistrationStore, quota
from tests.stand.fakes import FakeHandles
from tests.statistics.fakes import FakeStatistics
from tests.support.api import Json
from tests.support.events import api_event, claims
from tests.support.fakes import ACCEPTS, NOW, PSEUDONYMS, no_count, no_sleep
from tests.support.known import INFINO, OPEN, registered
from tests.support.people import ANNA
from tests.suspensions.fakes import FakeSuspensionStore

ACTOR = claims(INFINO, "jbplus:dossierbeheer", "jbplus:inschrijving", "jbplus:melding", "jbplus:privacylog")
_SOURCE = claims(WEWIS.kbo, "jbplus:bron")
TOKENS = {
    "POST /v1/kwaliteitsmeldingen/{id}/antwoord": _SOURCE,
    "POST /v1/schorsingen": _SOURCE,
    "POST /v1/schorsingen/{id}/opheffing": _SOURCE,
    "GET /v1/statistieken": claims(OPGROEIEN.kbo, "jbplus:statistiek"),
}
BODIES: dict[str, Json | None] = {
    "POST /v1/verrichtingen/get": {"insz": ANNA, "doel": "socialeToeslag"},
    "POST /v1/verrichtingen/query": {"inszLijst": [ANNA], "doel": "socialeToeslag"},
    "POST /v1/inschrijvingen": {
        "items": [{"insz": ANNA, "periode": {"begin": "2026-01-01"}, "recht": "lopend"}],
    },
    "POST /v1/inschrijvingen/get": {"insz": ANNA},
    "POST /v1/inschrijvingen/delete": {"insz": ANNA},
    "POST /v1/stand/query": {"bereiken": ["0f3"]},
    "POST /v1/privacylog/query": {"insz": ANNA},
    "POST /v1/kwaliteitsmeldingen": {"insz": ANNA, "aard": "foutief"},
    "POST /v1/kwaliteitsmeldingen/query": {},
    "POST /v1/kwaliteitsmeldingen/{id}/antwoord": {"status": "ongegrond", "antwoord": "Zo is het."},
    "POST /v1/schorsingen": {"partij": INFINO, "stromen": ["mutaties"], "reden": "Onderzoek"},
    "POST /v1/schorsingen/{id}/opheffing": None,
    "GET /v1/schorsingen": None,
    "GET /v1/statistieken": None,
}
"""A good body for each call, by route."""


def calls_of(log: PrivacyLog) -> dict[str, Sequence[Call]]:
    """Make the calls of each service, by its name."""
    reader = FakeRegistrationReader({(PSEUDONYMS(ANNA), INFINO): OPEN})
    lookups = Lookups(registered(ANNA), log, lambda: PSEUDONYMS, lambda: NOW, ACCEPTS, no_count)
    registrations = Registrations(
        FakeRegistrationStore(), log, lambda: PSEUDONYMS, lambda: NOW, ACCEPTS, quota(), no_count
    )
    inquiry = LogInquiry(FakeLogArchive(), log, lambda: PSEUDONYMS, lambda: NOW, ACCEPTS)
    reports = QualityReports(FakeReportStore(), reader, FakeOutbox(), log, lambda: PSEUDONYMS, lambda: NOW, ACCEPTS)
    suspensions = Suspensions(FakeSuspensionStore(), lambda: NOW, lambda: "a-suspension", no_sleep)
    pairs = Pairs(FakeHandles([PSEUDONYMS(ANNA)]), registered(ANNA), lambda: PSEUDONYMS, lambda: NOW)
    stands = Stands(pairs, FakeSuspensionStore(), lambda: NOW)
    return {
        "stand": StandCalls(stands).all,
        "consultation": LookupCalls(lookups).all,
        "registrations": RegistrationCalls(registrations).all,
        "privacy_log": PrivacyLogCalls(inquiry).all,
        "quality": QualityCalls(reports).all,
        "suspensions": SuspensionCalls(suspensions).all,
        "statistics": StatisticsCalls(FakeStatistics(), lambda: NOW).all,
    }


def event_of(route: str, body: object = None, token: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Make a good event of a call; the tokens of a payment actor and of the source may do all that these may."""
    method, _, path = route.partition(" ")
    given = BODIES[route] if body is None else body
    event = api_event(path, None if given is None else json.dumps(given), token or TOKENS.get(route, ACTOR))
    event["requestContext"]["http"]["method"] = method
    event["requestContext"]["routeKey"] = event["routeKey"] = route
    event["pathParameters"] = {"id": "0b0e8d5e-6f0c-4a39-9a53-0d8d5a7b1c11"} if "{id}" in path else {}
    return event
