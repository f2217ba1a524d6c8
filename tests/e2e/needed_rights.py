"""`make rights`: each right of each function is needed: taken away, some of the function's work is not done.

It takes minutes, so `make test` only looks at a few (`test_rights.py`).
"""

from collections.abc import Iterator

import pytest
from botocore.config import Config

from jbplus_local.stack import LocalStack
from tests.e2e.api import Api
from tests.e2e.conftest import settings_in
from tests.e2e.exchange import Exchange
from tests.e2e.taken_rights import NOT_SEEN, Roles, is_seen, needless
from tests.e2e.tokens import Tokens
from tests.e2e.works import PARENTIA, WORK, Works


@pytest.fixture(scope="module")
def roles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Roles]:
    """A stack of its own, whose bucket tells nobody and whose clock stands still: what runs is what is called."""
    with LocalStack(settings_in(tmp_path_factory.mktemp("rights"), dropserver=True)) as stack:
        stack.aws.s3().put_bucket_notification_configuration(
            Bucket=stack.endpoints.bucket, NotificationConfiguration={}
        )
        events = stack.aws.session.client("events", endpoint_url=stack.aws.url, config=Config(proxies={}))
        for rule in events.list_rules()["Rules"]:
            events.disable_rule(Name=rule["Name"])
        yield Roles(stack)


@pytest.fixture(scope="module")
def works(roles: Roles) -> Works:
    stack = roles.stack
    exchange = Exchange(stack, Api(stack.endpoints.api), Tokens(stack.mint))

    works = Works(stack, exchange, roles.without_ending)
    works.lets_a_party_go(PARENTIA)
    return works


@pytest.mark.parametrize("function", WORK)
def test_each_right_is_needed(roles: Roles, works: Works, function: str) -> None:
    for work in WORK[function]:
        work(works)

    assert needless(roles, works, function) == []


@pytest.mark.parametrize("function", WORK)
def test_what_the_emulator_does_not_ask_for_is_listed_rightly(roles: Roles, works: Works, function: str) -> None:
    unseen = [right for right in roles.of(function) if not is_seen(function, right)]

    with roles.without(function, *unseen):
        for work in WORK[function]:
            work(works)


def test_every_reason_is_of_a_right_that_is_there(roles: Roles) -> None:
    rights = [(function, right.action) for function in WORK for right in roles.of(function)]

    idle = [
        (whose, start)
        for whose, start in NOT_SEEN
        if not any(whose in ("", function) and action.startswith(start) for function, action in rights)
    ]
    assert idle == []
