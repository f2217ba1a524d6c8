"""The document of this API: every table of calls with its words."""

import json

from jbplus.api.calls import Call
from jbplus.consultation.calls import LookupCalls
from jbplus.privacy_log.calls import PrivacyLogCalls
from jbplus.quality.calls import QualityCalls
from jbplus.registrations.calls import RegistrationCalls
from jbplus.stand.calls import StandCalls
from jbplus.statistics.calls import StatisticsCalls
from jbplus.suspensions.calls import SuspensionCalls
from jbplus_openapi.document import Said, calls_of, document
from jbplus_openapi.glossary import FRAME, GLOSSARY, OPEN_PATHS
from jbplus_openapi.rules import RULES
from jbplus_openapi.schemas import Json
from jbplus_openapi.words import governance as governance_words
from jbplus_openapi.words import lookups as lookup_words
from jbplus_openapi.words import reports as report_words

TABLES = (LookupCalls, RegistrationCalls, StandCalls, QualityCalls, SuspensionCalls, PrivacyLogCalls, StatisticsCalls)
WORDS = {**lookup_words.WORDS, **governance_words.WORDS, **report_words.WORDS}


def all_calls() -> tuple[Call, ...]:
    """List every call of the API."""
    return calls_of(TABLES)


def whole() -> Json:
    """Make the document."""
    return document(all_calls(), Said(WORDS, GLOSSARY, RULES, FRAME, OPEN_PATHS))


def written() -> str:
    """Write the document as it is committed."""
    return json.dumps(whole(), indent=2, ensure_ascii=False) + "\n"
