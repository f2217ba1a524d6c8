"""Suspends parties, wholly or in part, and lifts that again (Article 8)."""

import os
import time
import uuid

from jbplus.api.serve import serve
from jbplus.aws.clients import dynamodb_for_calls
from jbplus.protocol.calendar import now
from jbplus.settings import SuspensionsSettings
from jbplus.suspensions.calls import SuspensionCalls
from jbplus.suspensions.service import Suspensions
from jbplus.suspensions.table import DynamoSuspensions

settings = SuspensionsSettings.from_environment(os.environ)
calls = SuspensionCalls(
    Suspensions(
        store=DynamoSuspensions(dynamodb_for_calls(), settings.suspensions_table, time.sleep),
        clock=now,
        new_id=lambda: str(uuid.uuid4()),
        sleep=time.sleep,
    )
)
handler = serve(calls.all, now, settings.ignored_query_parameters)
