"""The document of this API: every table of calls with its words."""

import json

from jbplus.api.calls import Call
from jbplus.api.lookups import LookupCalls
from jbplus.api.privacy_log import PrivacyLogCalls
from jbplus.api.quality import QualityCalls
from jbplus.api.registrations import RegistrationCalls
from jbplus.api.statistics import StatisticsCalls
from jbplus.api.suspensions import SuspensionCalls
from jbplus.openapi import governance_words, lookup_words, report_words
from jbplus.openapi.document import Said, calls_of, document
from jbplus.openapi.rules import RULES
from jbplus.openapi.schemas import Json
from jbplus.openapi.words import FRAME, GLOSSARY, OPEN_PATHS

TABLES = (LookupCalls, RegistrationCalls, QualityCalls, SuspensionCalls, PrivacyLogCalls, StatisticsCalls)
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
