"""Answers with the anonymous figures that were published, to those who may have them (Article 2 b)."""

import os

from jbplus.api.serve import serve
from jbplus.aws.clients import dynamodb_for_calls
from jbplus.protocol.calendar import now
from jbplus.settings import StatisticsSettings
from jbplus.statistics.calls import StatisticsCalls
from jbplus.statistics.table import DynamoStatistics

settings = StatisticsSettings.from_environment(os.environ)
calls = StatisticsCalls(DynamoStatistics(dynamodb_for_calls(), settings.statistics_table), now)
handler = serve(calls.all, now, settings.ignored_query_parameters)
