"""A file that does not fit in one invocation goes on in the next, by the function's own right to invoke itself."""

from collections.abc import Iterator

import pytest

from tests.e2e.exchange import Exchange
from tests.support.files import record
from tests.support.people import person_number
from tests.support.waiting import wait_for

# With less than 90 seconds left an invocation does one chunk of 1,000 records, and hands over.
SHORT = 90


@pytest.fixture
def short_invocations(exchange: Exchange) -> Iterator[None]:
    """Lets the intake function run for as long as one chunk of records takes."""
    functions, name = exchange.stack.aws.functions(), exchange.stack.outputs["IntakeFunction"]
    before = functions.get_function_configuration(FunctionName=name)["Timeout"]
    functions.update_function_configuration(FunctionName=name, Timeout=SHORT)
    yield
    functions.update_function_configuration(FunctionName=name, Timeout=before)


def handed_over(exchange: Exchange) -> int:
    return sum("INTAKE007" in line for line in exchange.stack.log_lines())


@pytest.mark.usefixtures("short_invocations")
def test_a_long_file_is_taken_in_by_several_invocations(exchange: Exchange) -> None:
    people = [person_number(serial, month=63) for serial in range(1, 26)]
    records = [record(person, f"JBP-{n}") for n in range(100) for person in people]
    before = handed_over(exchange)

    report = exchange.drop(exchange.next_file(records))

    assert report["status"] == "verwerkt"
    assert report["aantallen"] == {"gelezen": 2500, "toegepast": 2500, "verouderd": 0, "geweigerd": 0}
    wait_for(lambda: handed_over(exchange) >= before + 2, "the lines of two that hand over")
    assert exchange.object_keys("inkomend/werk") == []
