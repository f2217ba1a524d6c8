"""Batches when DynamoDB is busy: asked again, then given up, and never told in its own words."""

from collections.abc import Iterator, Mapping
from threading import Barrier
from typing import Any, cast

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError, EndpointConnectionError, ParamValidationError
from botocore.stub import Stubber
from mypy_boto3_dynamodb import DynamoDBClient

from jbplus.aws.dynamodb import batch_get, read_partitions, transact_write
from jbplus.aws.errors import translated
from jbplus.aws.keys import PERSON_KEY
from jbplus.errors import ConflictError, ObjectMissingError, ThrottledError, UnavailableError
from tests.support.engine import unconnected_client
from tests.support.fakes import no_sleep
from tests.support.people import ANNA, BRAM

ATTEMPTS = 6
NOTHING = AWSResponse("http://127.0.0.1", 200, HTTPHeaders(), None)


@pytest.fixture
def client() -> Iterator[DynamoDBClient]:
    unconnected = unconnected_client()
    yield unconnected
    unconnected.close()


@pytest.fixture
def stub(client: DynamoDBClient) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def keys(*names: str) -> list[dict[str, Any]]:
    return [{PERSON_KEY: {"S": name}} for name in names]


def request(**tables: list[dict[str, Any]]) -> dict[str, Any]:
    return {"RequestItems": {name: {"Keys": wanted, "ConsistentRead": True} for name, wanted in tables.items()}}


def answer(found: Mapping[str, list[dict[str, Any]]], left: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return {"Responses": dict(found), "UnprocessedKeys": {name: {"Keys": wanted} for name, wanted in left.items()}}


def test_keys_left_unprocessed_are_asked_again_consistently(client: DynamoDBClient, stub: Stubber) -> None:
    pauses: list[float] = []
    stub.add_response(
        "batch_get_item",
        answer({"p": keys("anna"), "r": []}, {"p": keys("bram"), "r": keys("anna")}),
        request(p=keys("anna", "bram"), r=keys("anna")),
    )
    stub.add_response(
        "batch_get_item",
        answer({"p": keys("bram")}, {"r": keys("anna")}),
        request(p=keys("bram"), r=keys("anna")),
    )
    stub.add_response("batch_get_item", answer({"r": keys("anna")}, {}), request(r=keys("anna")))

    found = batch_get(client, {"p": keys("anna", "bram"), "r": keys("anna")}, pauses.append)

    assert found == {"p": keys("anna", "bram"), "r": keys("anna")}
    assert len(pauses) == 2


def test_what_is_wanted_of_an_item_is_asked_for_again_too(client: DynamoDBClient, stub: Stubber) -> None:
    names = {"#person": "person", "#state": "state"}
    for wanted, left in ((keys("anna", "bram"), {"p": keys("bram")}), (keys("bram"), {})):
        asked = request(p=wanted)
        asked["RequestItems"]["p"] |= {"ProjectionExpression": "#person, #state", "ExpressionAttributeNames": names}
        stub.add_response("batch_get_item", answer({"p": wanted[:1]}, left), asked)

    found = batch_get(client, {"p": keys("anna", "bram")}, no_sleep, ("person", "state"))

    assert found == {"p": keys("anna", "bram")}


def test_keys_that_stay_unprocessed_are_no_answer(client: DynamoDBClient, stub: Stubber) -> None:
    for _ in range(ATTEMPTS):
        stub.add_response("batch_get_item", answer({"p": []}, {"p": keys(ANNA)}), request(p=keys(ANNA)))

    with pytest.raises(ThrottledError) as given_up:
        batch_get(client, {"p": keys(ANNA)}, no_sleep)

    assert ANNA not in str(given_up.value)


@pytest.mark.parametrize("nothing", [{}, {"Responses": {}}], ids=["absent", "empty"])
def test_an_answer_of_unprocessed_keys_alone_is_asked_again(
    client: DynamoDBClient, stub: Stubber, nothing: dict[str, Any]
) -> None:
    stub.add_response("batch_get_item", nothing | {"UnprocessedKeys": {"p": {"Keys": keys(ANNA)}}})
    stub.add_response("batch_get_item", answer({"p": keys(ANNA)}, {}), request(p=keys(ANNA)))

    assert batch_get(client, {"p": keys(ANNA)}, no_sleep) == {"p": keys(ANNA)}


def test_a_throttled_read_is_no_answer(client: DynamoDBClient, stub: Stubber) -> None:
    stub.add_client_error(
        "batch_get_item", "ProvisionedThroughputExceededException", f"the key {ANNA} is hot", http_status_code=400
    )

    with pytest.raises(UnavailableError) as throttled:
        batch_get(client, {"p": keys(ANNA)}, no_sleep)

    assert str(throttled.value) == "dynamodb:BatchGetItem: ProvisionedThroughputExceededException"


def cancelled(*reasons: str) -> ClientError:
    """Make DynamoDB's error of a cancelled transaction, in which the items stand."""
    return ClientError(
        {
            "Error": {"Code": "TransactionCanceledException", "Message": f"Transaction cancelled for {ANNA}"},
            "CancellationReasons": [{"Code": reason, "Message": ANNA, "Item": {}} for reason in reasons],
        },
        "TransactWriteItems",
    )


def failed(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": f"{ANNA} {BRAM}"}}, "Operation")


@pytest.mark.parametrize(
    ("error", "becomes"),
    [
        pytest.param(failed("ConditionalCheckFailedException"), ConflictError, id="condition"),
        pytest.param(failed("TransactionConflictException"), ConflictError, id="conflict"),
        pytest.param(failed("ConditionalRequestConflict"), ConflictError, id="a rival's put of the same object"),
        pytest.param(cancelled("None", "ConditionalCheckFailed"), ConflictError, id="cancelled by a condition"),
        pytest.param(cancelled("TransactionConflict", "None"), ConflictError, id="cancelled by a conflict"),
        pytest.param(cancelled("TransactionConflict", "ConditionalCheckFailed"), ConflictError, id="cancelled by both"),
        pytest.param(cancelled("ThrottlingError", "None"), ThrottledError, id="cancelled by throttling"),
        pytest.param(
            cancelled("ConditionalCheckFailed", "ThrottlingError"), ThrottledError, id="cancelled by throttling too"
        ),
        pytest.param(cancelled("ValidationError"), UnavailableError, id="cancelled as invalid"),
        pytest.param(cancelled("None"), UnavailableError, id="cancelled without a reason"),
        pytest.param(cancelled(), UnavailableError, id="cancelled without reasons"),
        pytest.param(failed("NoSuchKey"), ObjectMissingError, id="no object"),
        pytest.param(failed("NoSuchVersion"), ObjectMissingError, id="no version"),
        pytest.param(failed("404"), ObjectMissingError, id="no object, by its head"),
        pytest.param(failed("AccessDeniedException"), UnavailableError, id="denied"),
        pytest.param(failed("ThrottlingException"), ThrottledError, id="throttled"),
        pytest.param(failed("InternalServerError"), UnavailableError, id="down"),
        pytest.param(ClientError({}, "Operation"), UnavailableError, id="nothing said"),
        pytest.param(EndpointConnectionError(endpoint_url=f"http://{ANNA}"), UnavailableError, id="no connection"),
        pytest.param(ParamValidationError(report=ANNA), UnavailableError, id="bad parameters"),
    ],
)
def test_an_error_of_aws_becomes_one_of_ours_without_its_message(error: Exception, becomes: type[Exception]) -> None:
    with pytest.raises(Exception) as ours, translated("service:Operation"):  # noqa: PT011 - the type is compared below
        raise error

    assert type(ours.value) is becomes
    assert str(ours.value).startswith("service:Operation")
    assert [shown for shown in (ANNA, BRAM) if shown in str(ours.value)] == []
    assert ours.value.__suppress_context__


def test_an_error_of_ours_is_left_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError), translated("service:Operation"):
        raise ZeroDivisionError


def test_a_write_without_a_connection_is_out_of_reach(client: DynamoDBClient) -> None:
    client.meta.events.register("before-send.dynamodb", _no_network)

    with pytest.raises(UnavailableError) as cut_off:
        transact_write(client, [{"Put": {"TableName": "p", "Item": {PERSON_KEY: {"S": ANNA}}}}])

    assert str(cut_off.value) == "dynamodb:TransactWriteItems: EndpointConnectionError"


def _no_network(**_: Any) -> None:
    raise EndpointConnectionError(endpoint_url="http://127.0.0.1:9")


class Meeting:
    """A client that answers its first batches once so many are asked for at the same time."""

    def __init__(self, batches: int) -> None:
        self.met = Barrier(batches, timeout=30)

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        self.met.wait()
        return {"Responses": {table: wish["Keys"] for table, wish in RequestItems.items()}}


def test_batches_are_read_at_the_same_time() -> None:
    wanted = {"p": keys(*(f"{n}" for n in range(150))), "r": keys(*(f"{n}" for n in range(60)))}

    assert found_in_any_order(batch_get(cast("DynamoDBClient", Meeting(3)), wanted, no_sleep)) == wanted


def found_in_any_order(found: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    return {table: sorted(items, key=lambda item: int(item[PERSON_KEY]["S"])) for table, items in found.items()}


def statement(*values: str, **more: Any) -> dict[str, Any]:
    text = f'SELECT * FROM "r" WHERE "person" IN [{", ".join("?" for _ in values)}]'  # noqa: S608 - none of it comes from outside
    return {"Statement": text, "Parameters": [{"S": each} for each in values], "ConsistentRead": True, **more}


def test_partitions_are_read_to_the_last_page(client: DynamoDBClient, stub: Stubber) -> None:
    first, last = keys("anna"), keys("bram")
    stub.add_response("execute_statement", {"Items": first, "NextToken": "more"}, statement("anna", "bram"))
    stub.add_response(
        "execute_statement", {"Items": [], "NextToken": "yet"}, statement("anna", "bram", NextToken="more")
    )
    stub.add_response("execute_statement", {"Items": last}, statement("anna", "bram", NextToken="yet"))

    assert read_partitions(client, "r", PERSON_KEY, ["anna", "bram"], no_sleep) == first + last


def test_a_throttled_statement_is_asked_again(client: DynamoDBClient, stub: Stubber) -> None:
    stub.add_client_error("execute_statement", "ThrottlingException", f"the key {ANNA} is hot")
    stub.add_response("execute_statement", {"Items": keys(ANNA)}, statement(ANNA))

    assert read_partitions(client, "r", PERSON_KEY, [ANNA], no_sleep) == keys(ANNA)


@pytest.mark.parametrize(("code", "tries"), [("ThrottlingException", ATTEMPTS), ("ValidationException", 1)])
def test_a_statement_that_is_turned_away_is_no_answer(
    client: DynamoDBClient, stub: Stubber, code: str, tries: int
) -> None:
    for _ in range(tries):
        stub.add_client_error("execute_statement", code, f"the key {ANNA} is hot")

    with pytest.raises(UnavailableError) as turned_away:
        read_partitions(client, "r", PERSON_KEY, [ANNA], no_sleep)

    assert ANNA not in str(turned_away.value)


def test_one_batch_that_is_turned_away_fails_them_all(client: DynamoDBClient) -> None:
    def turn_away(params: dict[str, Any], **_: Any) -> None:
        if len(params["RequestItems"]["p"]["Keys"]) < 100:
            raise EndpointConnectionError(endpoint_url="anywhere")

    client.meta.events.register("before-parameter-build.dynamodb.BatchGetItem", turn_away)
    # What answers here goes in the place of the call; the types of events know nothing of that.
    client.meta.events.register("before-call.dynamodb.BatchGetItem", lambda **_: (NOTHING, {"Responses": {}}))  # type: ignore[arg-type]

    with pytest.raises(UnavailableError):
        batch_get(client, {"p": keys(*(f"{n}" for n in range(250)))}, no_sleep)
