"""The ledger of files: each referte and each volgnummer belongs to one file."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber
from mypy_boto3_dynamodb import DynamoDBClient

from jbplus.errors import ConflictError, ThrottledError, UnavailableError
from jbplus.intake.ledger import Claim, FileId, Series, Unfinished
from jbplus.intake.ledger_table import DynamoLedger
from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.report import Status
from tests.support.engine import Tables, all_items, asked, unconnected_client
from tests.support.fakes import NOW

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import WriteRequestTypeDef

    from jbplus.aws.dynamodb import Item

RIVALS = 4
KEPT = {"series": {"S": "reeks#volgnummer"}, "number": {"N": "0"}}


@pytest.fixture
def ledger(dynamodb: DynamoDBClient, tables: Tables) -> DynamoLedger:
    return DynamoLedger(dynamodb, tables.ledger)


def file(volgnummer: int, name: str = "a", content: str = "1") -> FileId:
    return FileId(str(uuid.uuid5(uuid.NAMESPACE_OID, name)), volgnummer, content * 64)


def test_a_file_is_ours_until_it_is_finished(ledger: DynamoLedger) -> None:
    claims = [ledger.claim(file(17), NOW), ledger.claim(file(17), NOW)]
    ledger.finish(file(17), Status.PROCESSED, NOW)
    claims.append(ledger.claim(file(17), NOW))

    assert claims == [Claim.OURS, Claim.OURS, Claim.FINISHED]


@pytest.mark.parametrize(
    ("other", "claim"),
    [
        pytest.param(file(17, content="2"), Claim.REFERTE_IN_USE, id="other content"),
        pytest.param(file(18), Claim.REFERTE_IN_USE, id="same referte"),
        pytest.param(file(17, "b"), Claim.VOLGNUMMER_IN_USE, id="same volgnummer"),
        pytest.param(file(18, "b"), Claim.OURS, id="nothing in common"),
    ],
)
@pytest.mark.parametrize("is_finished", [False, True])
def test_another_file_may_not_use_what_is_claimed(
    ledger: DynamoLedger, other: FileId, claim: Claim, *, is_finished: bool
) -> None:
    ledger.claim(file(17), NOW)
    if is_finished:
        ledger.finish(file(17), Status.PARTLY_PROCESSED, NOW)

    assert ledger.claim(other, NOW) is claim


@pytest.mark.parametrize(
    "refused", [file(18), file(17, "b")], ids=["its referte is in use", "its volgnummer is in use"]
)
def test_a_file_that_may_not_claim_claims_nothing(ledger: DynamoLedger, refused: FileId) -> None:
    ledger.claim(file(17), NOW)

    ledger.claim(refused, NOW)

    assert ledger.series() == ledger.mended() == Series.of([17])
    assert ledger.claim(file(18, "b"), NOW) is Claim.OURS


def test_volgnummers_are_listed_as_numbers_in_their_order(ledger: DynamoLedger) -> None:
    for volgnummer in (100, 9, 20):
        ledger.claim(file(volgnummer, str(volgnummer)), NOW)

    assert ledger.series() == ledger.mended() == Series.of([9, 20, 100])


def test_an_empty_ledger_lists_nothing(ledger: DynamoLedger) -> None:
    assert ledger.series() == ledger.mended() == ledger.series() == Series()


def test_looking_at_an_empty_ledger_leaves_it_empty(
    dynamodb: DynamoDBClient, tables: Tables, ledger: DynamoLedger
) -> None:
    ledger.mended()

    assert all_items(dynamodb, tables.ledger) == []


def test_each_kind_has_its_own_series(dynamodb: DynamoDBClient, tables: Tables, ledger: DynamoLedger) -> None:
    successions = DynamoLedger(dynamodb, tables.ledger, Kind.SUCCESSIONS)
    ledger.claim(file(17), NOW)
    successions.claim(file(3, "b"), NOW)

    assert (ledger.series(), successions.series()) == (Series.of([17]), Series.of([3]))
    assert {each.file.volgnummer for each in ledger.claimed()} == {3, 17}


def test_the_series_is_known_without_reading_the_claims(dynamodb: DynamoDBClient, ledger: DynamoLedger) -> None:
    ledger.claim(file(17), NOW)

    with asked(dynamodb, "Query") as requests:
        ledger.claim(file(19, "b"), NOW)
        series = ledger.series()

    assert series == Series.of([17, 19])
    assert {request["ExpressionAttributeValues"][":series"]["S"] for request in requests} == {"reeks#volgnummer"}


def test_a_ledger_that_keeps_no_series_yet_is_read_whole(
    dynamodb: DynamoDBClient, tables: Tables, ledger: DynamoLedger
) -> None:
    for volgnummer in (17, 18):
        ledger.claim(file(volgnummer, str(volgnummer)), NOW)
    dynamodb.delete_item(TableName=tables.ledger, Key=KEPT)

    before = ledger.series()
    ledger.claim(file(20, "20"), NOW)

    assert before == Series.of([17, 18])
    assert ledger.series() == Series.of([17, 18, 20])


@pytest.mark.parametrize("runs", ["[]", "[[1,30]]"], ids=["too little", "too much"])
def test_a_series_that_is_not_that_of_the_claims_is_mended(
    dynamodb: DynamoDBClient, tables: Tables, ledger: DynamoLedger, runs: str
) -> None:
    ledger.claim(file(17), NOW)
    dynamodb.put_item(TableName=tables.ledger, Item={**KEPT, "runs": {"S": runs}})

    mended = ledger.mended()

    assert mended == ledger.series() == Series.of([17])


def test_a_series_with_more_missing_than_an_item_should_hold_is_read_whole_until_they_came(
    dynamodb: DynamoDBClient, tables: Tables, ledger: DynamoLedger
) -> None:
    runs = [[n, n] for n in range(1, 2001, 2)]
    claims: list[WriteRequestTypeDef] = [{"PutRequest": {"Item": _claimed(first)}} for first, _ in runs]
    for start in range(0, len(claims), 25):
        dynamodb.batch_write_item(RequestItems={tables.ledger: claims[start : start + 25]})
    dynamodb.put_item(TableName=tables.ledger, Item={**KEPT, "runs": {"S": json.dumps(runs)}})

    def kept() -> str:
        return dynamodb.get_item(TableName=tables.ledger, Key=KEPT)["Item"]["runs"]["S"]

    ledger.claim(file(2001, "a"), NOW)
    too_many = kept()
    ledger.claim(file(2003, "b"), NOW)
    still, read, mended, unchanged = kept(), ledger.series(), ledger.mended(), kept()
    for n in (2, 4):
        ledger.claim(file(n, str(n)), NOW)

    assert (too_many, still, unchanged) == ("2001", "2003", "2003")
    assert read == mended == Series.of(range(1, 2004, 2))
    assert json.loads(kept())[0] == [1, 5]
    assert ledger.series() == ledger.mended() == Series.of([2, 4, *range(1, 2004, 2)])


def _claimed(volgnummer: int) -> "Item":
    return {"series": {"S": "volgnummer"}, "number": {"N": str(volgnummer)}, "claimedAt": {"N": "1"}}


def test_a_claim_that_comes_between_is_not_mended_away(
    dynamodb: DynamoDBClient, tables: Tables, ledger: DynamoLedger
) -> None:
    ledger.claim(file(17), NOW)
    dynamodb.put_item(TableName=tables.ledger, Item={**KEPT, "runs": {"S": "[]"}})

    def claim(**_: object) -> None:
        ledger.claim(file(20, "b"), NOW)

    dynamodb.meta.events.register("before-call.dynamodb.PutItem", claim)
    try:
        ledger.mended()
    finally:
        dynamodb.meta.events.unregister("before-call.dynamodb.PutItem", claim)

    assert ledger.series() == Series.of([20])
    assert ledger.mended() == ledger.series() == Series.of([17, 20])


def test_of_rivals_with_files_of_their_own_each_gets_its_claim(ledger: DynamoLedger) -> None:
    files = [file(17 + n, str(n)) for n in range(RIVALS)]

    at_once = claim_at_once(ledger, files)
    in_the_end = [ledger.claim(wanted, NOW) for wanted in files]

    assert set(at_once) <= {Claim.OURS, None}
    assert set(in_the_end) == {Claim.OURS}
    assert ledger.series() == ledger.mended() == Series.of(range(17, 17 + RIVALS))


def test_the_last_file_to_be_finished_is_known_by_its_first_finish(ledger: DynamoLedger) -> None:
    hours = [NOW + timedelta(hours=n) for n in range(3)]
    for volgnummer in (1, 2, 3):
        ledger.claim(file(volgnummer, str(volgnummer)), NOW)
    before = ledger.last_finished()

    ledger.finish(file(2, "2"), Status.PROCESSED, hours[1])
    ledger.finish(file(1, "1"), Status.PROCESSED, hours[0])
    ledger.finish(file(1, "1"), Status.PROCESSED, hours[2])

    assert (before, ledger.last_finished()) == (None, hours[1])


def claim_at_once(ledger: DynamoLedger, files: list[FileId]) -> list[Claim | None]:
    """Claim from as many threads as there are files; None stands for a claim to be tried again."""
    start = Barrier(len(files), timeout=30)

    def claim(wanted: FileId) -> Claim | None:
        start.wait()
        try:
            return ledger.claim(wanted, NOW)
        except ConflictError:
            return None

    with ThreadPoolExecutor(len(files)) as threads:
        return list(threads.map(claim, files))


def test_rivals_with_the_same_file_may_all_take_it_in(ledger: DynamoLedger) -> None:
    claims = claim_at_once(ledger, [file(17)] * RIVALS)

    assert set(claims) <= {Claim.OURS, None}
    assert ledger.claim(file(17), NOW) is Claim.OURS
    assert ledger.series() == Series.of([17])


def test_of_rivals_with_the_same_volgnummer_one_has_it(ledger: DynamoLedger) -> None:
    files = [file(17, str(n)) for n in range(RIVALS)]

    at_once = claim_at_once(ledger, files)
    in_the_end = [ledger.claim(wanted, NOW) for wanted in files]

    assert sorted(claim.name for claim in in_the_end) == ["OURS"] + ["VOLGNUMMER_IN_USE"] * (RIVALS - 1)
    assert all(before in {None, after} for before, after in zip(at_once, in_the_end, strict=True))


def test_what_is_claimed_and_not_finished_is_listed_with_its_first_moment(ledger: DynamoLedger) -> None:
    for hours, number in enumerate((20, 9, 17)):
        ledger.claim(file(number, str(number)), NOW + timedelta(hours=hours))
        ledger.claim(file(number, str(number)), NOW + timedelta(hours=50))
    ledger.finish(file(9, "9"), Status.PROCESSED, NOW)

    assert ledger.unfinished() == [Unfinished(17, NOW + timedelta(hours=2)), Unfinished(20, NOW)]


def test_the_ledger_is_read_consistently(dynamodb: DynamoDBClient, ledger: DynamoLedger) -> None:
    with asked(dynamodb, "Query") as requests:
        ledger.series()
        ledger.unfinished()
        ledger.last_finished()

    assert {request["ConsistentRead"] for request in requests} == {True}


def test_a_claim_that_is_turned_away_whole_is_no_answer() -> None:
    with pytest.raises(ThrottledError):
        _failing("ThrottlingException").claim(file(17), NOW)


def _failing(code: str, *reasons: str) -> DynamoLedger:
    client = unconnected_client()
    stub = Stubber(client)
    stub.add_response("query", {"Items": [{**KEPT, "runs": {"S": "[]"}}]})
    given = {"CancellationReasons": [{"Code": reason} for reason in reasons]} if reasons else {}
    stub.add_client_error("transact_write_items", code, modeled_fields=given)
    stub.activate()
    return DynamoLedger(client, "ledger")


@pytest.mark.parametrize(
    ("reasons", "becomes"),
    [
        (("TransactionConflict", "None", "None"), ConflictError),
        (("None", "TransactionConflict", "None"), ConflictError),
        (("None", "None", "ConditionalCheckFailed"), ConflictError),
        (("ConditionalCheckFailed", "TransactionConflict", "None"), ConflictError),
        (("ThrottlingError", "None", "None"), ThrottledError),
        (("ConditionalCheckFailed", "ProvisionedThroughputExceeded", "None"), ThrottledError),
        (("ValidationError", "None", "None"), UnavailableError),
    ],
)
def test_a_claim_that_rivals_or_dynamodb_turn_away_is_no_answer(
    reasons: tuple[str, ...], becomes: type[Exception]
) -> None:
    with pytest.raises(becomes) as error:
        _failing("TransactionCanceledException", *reasons).claim(file(17), NOW)

    assert type(error.value) is becomes


def test_half_a_claim_is_no_answer(dynamodb: DynamoDBClient, tables: Tables, ledger: DynamoLedger) -> None:
    ledger.claim(file(17), NOW)
    dynamodb.delete_item(TableName=tables.ledger, Key={"series": {"S": "volgnummer"}, "number": {"N": "17"}})

    with pytest.raises(UnavailableError):
        ledger.claim(file(17), NOW)
