"""What is published first, by whatever test: a month that was published once never changes."""

from typing import Any

from jbplus_local.stack import LocalStack
from tests.e2e.exchange import Exchange
from tests.support.files import record
from tests.support.people import person_number

PEOPLE = [person_number(serial, month=64) for serial in range(1, 41)]
# No other test pays for this income year.
YEAR = 2022


def publish(stack: LocalStack) -> None:
    """Do what the schedule does every month."""
    answer = stack.aws.functions().invoke(FunctionName=stack.outputs["StatisticsPublishingFunction"], Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()


def pay(exchange: Exchange, people: list[str], referte: str, **body: Any) -> None:
    content = {"fiscaalJaar": YEAR, "effectieveVerrichtingsdatum": "2023-06-15", **body}
    records = [record(insz, f"{referte}-{number}", **content) for number, insz in enumerate(people)]
    assert exchange.drop(exchange.next_file(records))["status"] == "verwerkt"


def publish_first(exchange: Exchange) -> None:
    """Have persons paid, and publish."""
    pay(exchange, PEOPLE[:13], "S-A")
    pay(exchange, PEOPLE[:3], "S-B", bedragtype="2")
    pay(exchange, PEOPLE[20:30], "S-C", effectieveVerrichtingsdatum="2023-07-31")
    pay(exchange, PEOPLE[:8], "S-D", effectieveVerrichtingsdatum="2023-07-31", verrichtingbedrag="-600.00")
    publish(exchange.stack)
