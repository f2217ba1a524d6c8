"""Takes reports on the quality of the data, shows them, and takes the source's answers (Article 7)."""

import os
import time

from jbplus.api.serve import serve
from jbplus.aws.clients import dynamodb_for_calls, s3_for_calls, secrets_for_calls
from jbplus.aws.objects import Objects
from jbplus.aws.outgoing import Outgoing
from jbplus.doubts.table import DynamoDoubts
from jbplus.persons.secret import keys_in_use
from jbplus.persons.table import StandingItem
from jbplus.privacy_log.table import DynamoPrivacyLog
from jbplus.protocol.calendar import now
from jbplus.protocol.insz import accepting
from jbplus.quality.calls import QualityCalls
from jbplus.quality.service import QualityReports
from jbplus.quality.table import DynamoReports
from jbplus.registrations.table import DynamoRegistrations
from jbplus.settings import QualitySettings
from jbplus.successions.table import links_of

settings = QualitySettings.from_environment(os.environ)
dynamodb = dynamodb_for_calls()
keys = keys_in_use(
    secrets_for_calls(),
    settings.pseudonym_secret,
    dynamodb,
    StandingItem.of_registrations(settings.registrations_table),
)
calls = QualityCalls(
    QualityReports(
        store=DynamoReports(
            dynamodb,
            settings.quality_table,
            DynamoDoubts(dynamodb, settings.registrations_table, time.sleep),
            time.sleep,
        ),
        registrations=DynamoRegistrations(dynamodb, settings.registrations_table, now, time.sleep),
        outbox=Outgoing(Objects(s3_for_calls(), settings.bucket)),
        log=DynamoPrivacyLog(dynamodb, settings.privacy_log_table),
        pseudonyms=keys.current,
        clock=now,
        accepts=accepting(now, test_numbers_allowed=settings.test_numbers_allowed),
        links=links_of(
            dynamodb, settings.persons_table, now, time.sleep, succession_allowed=settings.succession_allowed
        ),
    )
)
handler = serve(calls.all, now, settings.ignored_query_parameters)
