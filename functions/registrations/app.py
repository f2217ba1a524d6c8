"""Keeps the repertory: which payment actor has a file on which person, from when to when (Article 6)."""

import os
import time

from jbplus.api.serve import serve
from jbplus.api.usage import count_use
from jbplus.aws.clients import dynamodb_for_calls, secrets_for_calls
from jbplus.persons.secret import keys_in_use
from jbplus.persons.table import StandingItem
from jbplus.privacy_log.table import DynamoPrivacyLog
from jbplus.protocol.calendar import now
from jbplus.protocol.insz import accepting
from jbplus.registrations.calls import RegistrationCalls
from jbplus.registrations.quota import Quota
from jbplus.registrations.service import Registrations
from jbplus.registrations.table import DynamoQuota, DynamoRegistrations
from jbplus.settings import RegistrationsSettings
from jbplus.successions.table import links_of

settings = RegistrationsSettings.from_environment(os.environ)
dynamodb = dynamodb_for_calls()
keys = keys_in_use(
    secrets_for_calls(),
    settings.pseudonym_secret,
    dynamodb,
    StandingItem.of_registrations(settings.registrations_table),
)
calls = RegistrationCalls(
    Registrations(
        store=DynamoRegistrations(dynamodb, settings.registrations_table, now, time.sleep),
        log=DynamoPrivacyLog(dynamodb, settings.privacy_log_table),
        pseudonyms=keys.current,
        clock=now,
        accepts=accepting(now, test_numbers_allowed=settings.test_numbers_allowed),
        quota=Quota(
            DynamoQuota(dynamodb, settings.registrations_table, time.sleep),
            settings.registrations_per_day,
            now,
            time.sleep,
        ),
        count_use=count_use,
        links=links_of(
            dynamodb, settings.persons_table, now, time.sleep, succession_allowed=settings.succession_allowed
        ),
    )
)
handler = serve(calls.all, now, settings.ignored_query_parameters)
