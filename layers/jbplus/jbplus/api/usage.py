"""Metrics for each party: how many persons it registered, looked up and was refused."""

from collections.abc import Mapping

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from jbplus.protocol.parties import party_of
from jbplus.protocol.purposes import Purpose
from jbplus.protocol.usage import Use

UNKNOWN = "unknown"


def count_use(kbo: str, persons: Mapping[Use, int], purpose: Purpose | None = None) -> None:
    """Write the counts of one call as metrics with the party as dimension, and beside them what a lookup was for.

    The dimension is the party's first number, which alarms watch: anything else that a token says counts as unknown.
    The purpose is no dimension, which would make metrics of their own: it is for who adds up the lines of the log.
    """
    party = party_of(kbo)
    # The namespace and the service are those of the function, from its environment.
    metrics = EphemeralMetrics()
    metrics.add_dimension("party", UNKNOWN if party is None else party.kbo)
    if purpose is not None:
        metrics.add_metadata("purpose", purpose.value)
    for use, count in persons.items():
        if count:
            metrics.add_metric(use.value, MetricUnit.Count, count)
    if metrics.metric_set:
        metrics.flush_metrics()
