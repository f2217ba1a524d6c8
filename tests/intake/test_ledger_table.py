"""The ledger of files: each referte and each volgnummer belongs to one file."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from jbplus.errors import ConflictError
from jbplus.intake.ledger import Claim, FileId
from jbplus.intake.ledger_table import DynamoLedger
from jbplus.mutation_file.report import Status
from tests.support.engine import Tables
from tests.support.fakes import NOW

RIVALS = 4


@pytest.fixture
def ledger(dynamodb: DynamoDBClient, tables: Tables) -> DynamoLedger:
    return DynamoLedger(dynamodb, tables.ledger)


def file(volgnummer: int, name: str = "a", content: str = "1") -> FileId:
    return FileId(str(uuid.uuid5(uuid.NAMESPACE_OID, name)), volgnummer, content * 64)


def test_a_file_is_ours_until_it_is_finished(ledger: DynamoLedger) -> None:
    claims = [ledger.claim(file(17)), ledger.claim(file(17))]
    ledger.finish(file(17), Status.PROCESSED, NOW)
    claims.append(ledger.claim(file(17)))

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
    ledger.claim(file(17))
    if is_finished:
        ledger.finish(file(17), Status.PARTLY_PROCESSED, NOW)

    assert ledger.claim(other) is claim


@pytest.mark.parametrize(
    "refused", [file(18), file(17, "b")], ids=["its referte is in use", "its volgnummer is in use"]
)
def test_a_file_that_may_not_claim_claims_nothing(ledger: DynamoLedger, refused: FileId) -> None:
    ledger.claim(file(17))

    ledger.claim(refused)

    assert ledger.volgnummers() == [17]
    assert ledger.claim(file(18, "b")) is Claim.OURS


def test_volgnummers_are_listed_as_numbers_in_their_order(ledger: DynamoLedger) -> None:
    for volgnummer in (100, 9, 20):
        ledger.claim(file(volgnummer, str(volgnummer)))

    assert ledger.volgnummers() == [9, 20, 100]


def test_an_empty_ledger_lists_nothing(ledger: DynamoLedger) -> None:
    assert ledger.volgnummers() == []


def test_the_last_file_to_be_finished_is_known_by_its_first_finish(ledger: DynamoLedger) -> None:
    hours = [NOW + timedelta(hours=n) for n in range(3)]
    for volgnummer in (1, 2, 3):
        ledger.claim(file(volgnummer, str(volgnummer)))
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
            return ledger.claim(wanted)
        except ConflictError:
            return None

    with ThreadPoolExecutor(len(files)) as threads:
        return list(threads.map(claim, files))


def test_rivals_with_the_same_file_may_all_take_it_in(ledger: DynamoLedger) -> None:
    claims = claim_at_once(ledger, [file(17)] * RIVALS)

    assert set(claims) <= {Claim.OURS, None}
    assert ledger.claim(file(17)) is Claim.OURS
    assert ledger.volgnummers() == [17]


def test_of_rivals_with_the_same_volgnummer_one_has_it(ledger: DynamoLedger) -> None:
    files = [file(17, str(n)) for n in range(RIVALS)]

    at_once = claim_at_once(ledger, files)
    in_the_end = [ledger.claim(wanted) for wanted in files]

    assert sorted(claim.name for claim in in_the_end) == ["OURS"] + ["VOLGNUMMER_IN_USE"] * (RIVALS - 1)
    assert all(before in {None, after} for before, after in zip(at_once, in_the_end, strict=True))
