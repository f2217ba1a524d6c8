"""Opens ranges of a payment actor's stand, in which it differs from what the party has (Article 6)."""

import os
import time

from jbplus.api.serve import serve
from jbplus.aws.clients import dynamodb_for_calls, secrets_for_calls
from jbplus.consultation.table import DynamoLookupStore
from jbplus.persons.secret import keys_in_use
from jbplus.persons.table import StandingItem
from jbplus.protocol.calendar import now
from jbplus.settings import StandSettings
from jbplus.stand.calls import StandCalls
from jbplus.stand.service import Pairs, Stands
from jbplus.stand.table import DynamoHandles
from jbplus.suspensions.table import DynamoSuspensions

settings = StandSettings.from_environment(os.environ)
dynamodb = dynamodb_for_calls()
keys = keys_in_use(
    secrets_for_calls(),
    settings.pseudonym_secret,
    dynamodb,
    StandingItem.of_persons(settings.persons_table),
    StandingItem.of_registrations(settings.registrations_table),
)
store = DynamoLookupStore(
    dynamodb,
    settings.persons_table,
    settings.registrations_table,
    settings.suspensions_table,
    time.sleep,
    succession_allowed=settings.succession_allowed,
)
pairs = Pairs(DynamoHandles(dynamodb, settings.registrations_table), store, keys.alone, now)
stands = Stands(pairs, DynamoSuspensions(dynamodb, settings.suspensions_table, time.sleep), now)
handler = serve(StandCalls(stands).all, now, settings.ignored_query_parameters)
