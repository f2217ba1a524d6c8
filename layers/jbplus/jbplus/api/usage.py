"""Metrics for each party: how many persons it registered, looked up and was refused."""

from collections.abc import Mapping

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from jbplus.protocol.parties import party_of
from jbplus.protocol.usage import Use

UNKNOWN = "unknown"


def count_use(kbo: str, persons: Mapping[Use, int]) -> None:
    """Write the counts of one call as metrics with the party as dimension.

    The dimension is the party's first number, which alarms watch: anything else that a token says counts as unknown.
    """
    party = party_of(kbo)
    # The namespace and the service are those of the function, from its environment.
    metrics = EphemeralMetrics()
    metrics.add_dimension("party", UNKNOWN if party is None else party.kbo)
    for use, count in persons.items():
        if count:
            metrics.add_metric(use.value, MetricUnit.Count, count)
    if metrics.metric_set:
        metrics.flush_metrics()
