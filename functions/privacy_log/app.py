"""Tells a party's data protection officer who looked up whom, from the privacy log (Articles 6 and 9)."""

import os

from jbplus.api.serve import serve
from jbplus.aws.clients import dynamodb_for_calls, secrets_for_calls
from jbplus.persons.secret import PseudonymSecret
from jbplus.privacy_log.archive import DynamoLogArchive
from jbplus.privacy_log.calls import PrivacyLogCalls
from jbplus.privacy_log.service import LogInquiry
from jbplus.privacy_log.table import DynamoPrivacyLog
from jbplus.protocol.calendar import now
from jbplus.protocol.insz import accepting
from jbplus.settings import PrivacyLogSettings

settings = PrivacyLogSettings.from_environment(os.environ)
dynamodb = dynamodb_for_calls()
calls = PrivacyLogCalls(
    LogInquiry(
        archive=DynamoLogArchive(dynamodb, settings.privacy_log_table),
        log=DynamoPrivacyLog(dynamodb, settings.privacy_log_table),
        # No table that it reads is kept under one version: a new key is taken up within seconds.
        pseudonyms=PseudonymSecret(secrets_for_calls(), settings.pseudonym_secret, kept_for=10).pseudonyms,
        clock=now,
        accepts=accepting(now, test_numbers_allowed=settings.test_numbers_allowed),
    )
)
handler = serve(calls.all, now, settings.ignored_query_parameters)
