"""The ledger of files: each referte and each volgnummer belongs to one file."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from botocore.stub import Stubber
from mypy_boto3_dynamodb import DynamoDBClient

from jbplus.errors import ConflictError, ThrottledError, UnavailableError
from jbplus.intake.ledger import Claim, FileId, Unfinished
from jbplus.intake.ledger_table import DynamoLedger
from jbplus.mutation_file.report import Status
from tests.support.engine import Tables, asked, unconnected_client
from tests.support.fakes import NOW

RIVALS = 4


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

    assert ledger.volgnummers() == [17]
    assert ledger.claim(file(18, "b"), NOW) is Claim.OURS


def test_volgnummers_are_listed_as_numbers_in_their_order(ledger: DynamoLedger) -> None:
    for volgnummer in (100, 9, 20):
        ledger.claim(file(volgnummer, str(volgnummer)), NOW)

    assert ledger.volgnummers() == [9, 20, 100]


def test_an_empty_ledger_lists_nothing(ledger: DynamoLedger) -> None:
    assert ledger.volgnummers() == []


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
    assert ledger.volgnummers() == [17]


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
        ledger.volgnummers()
        ledger.unfinished()
        ledger.last_finished()

    assert [request["ConsistentRead"] for request in requests] == [True] * 3


def test_a_claim_that_is_turned_away_whole_is_no_answer() -> None:
    with pytest.raises(ThrottledError):
        _failing("ThrottlingException").claim(file(17), NOW)


def _failing(code: str, *reasons: str) -> DynamoLedger:
    client = unconnected_client()
    stub = Stubber(client)
    given = {"CancellationReasons": [{"Code": reason} for reason in reasons]} if reasons else {}
    stub.add_client_error("transact_write_items", code, modeled_fields=given)
    stub.activate()
    return DynamoLedger(client, "ledger")


@pytest.mark.parametrize(
    ("reasons", "becomes"),
    [
        (("TransactionConflict", "None"), ConflictError),
        (("None", "TransactionConflict"), ConflictError),
        (("ConditionalCheckFailed", "TransactionConflict"), ConflictError),
        (("ThrottlingError", "None"), ThrottledError),
        (("ConditionalCheckFailed", "ProvisionedThroughputExceeded"), ThrottledError),
        (("ValidationError", "None"), UnavailableError),
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
