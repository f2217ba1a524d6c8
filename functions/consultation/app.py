"""Answers lookups: who received which jobbonus plus for which year, to those who may know (Articles 2, 4, 6)."""

import os
import time

from jbplus import starting
from jbplus.api.serve import serve
from jbplus.api.usage import count_use
from jbplus.aws.clients import dynamodb_for_calls, secrets_for_calls
from jbplus.aws.restoring import renew_after_restore
from jbplus.consultation.calls import LookupCalls
from jbplus.consultation.service import Lookups
from jbplus.consultation.table import DynamoLookupStore
from jbplus.persons.secret import keys_in_use
from jbplus.persons.table import StandingItem
from jbplus.privacy_log.table import DynamoPrivacyLog
from jbplus.protocol.calendar import now
from jbplus.protocol.insz import accepting
from jbplus.settings import ConsultationSettings

settings = ConsultationSettings.from_environment(os.environ)
dynamodb, secrets = dynamodb_for_calls(), secrets_for_calls()
keys = keys_in_use(
    secrets,
    settings.pseudonym_secret,
    dynamodb,
    StandingItem.of_persons(settings.persons_table),
    StandingItem.of_registrations(settings.registrations_table),
)
calls = LookupCalls(
    Lookups(
        store=DynamoLookupStore(
            dynamodb,
            settings.persons_table,
            settings.registrations_table,
            settings.suspensions_table,
            time.sleep,
            succession_allowed=settings.succession_allowed,
        ),
        log=DynamoPrivacyLog(dynamodb, settings.privacy_log_table),
        pseudonyms=keys.current,
        clock=now,
        accepts=accepting(now, test_numbers_allowed=settings.test_numbers_allowed),
        count_use=count_use,
    )
)
renew_after_restore(dynamodb.close, secrets.close, keys.forget)
handler = serve(calls.all, now, settings.ignored_query_parameters)
starting.done()
