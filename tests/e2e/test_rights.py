"""A function's rights are needed, each of them: shown of one here, and of all by `make rights`."""

from tests.e2e.exchange import Exchange
from tests.e2e.taken_rights import Roles, needless
from tests.e2e.works import Works


def test_each_right_of_the_consultation_is_needed(exchange: Exchange) -> None:
    roles = Roles(exchange.stack)
    works = Works(exchange.stack, exchange, roles.without_ending)

    assert needless(roles, works, "Consultation") == []


def test_a_right_that_is_not_needed_is_noticed(exchange: Exchange) -> None:
    """What is tried above must be able to fail."""
    roles = Roles(exchange.stack)
    works = Works(exchange.stack, exchange, roles.without_ending)
    idle = ("dynamodb:DeleteItem", f"arn:aws:dynamodb:{exchange.stack.endpoints.region}:000000000000:table/none")

    with roles.with_more("Consultation", *idle):
        found = needless(roles, works, "Consultation")

    assert [tuple(right) for right in found] == [idle]
