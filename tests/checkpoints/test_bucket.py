"""The bucket of segments: each object once, the newest found first, and a life on it that may end at any write."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from mypy_boto3_s3 import S3Client

from jbplus.aws.objects import Objects
from jbplus.checkpoints.bucket import S3Vault
from jbplus.checkpoints.service import Checkpoints
from jbplus.checkpoints.verify import Checkpoint, Record, Segment, check_chain
from jbplus_local.aws import REGION
from tests.checkpoints.fakes import Sealing
from tests.privacy_log.fakes import log_entry
from tests.support.fakes import NOW, no_sleep
from tests.support.known import PARENTIA
from tests.support.lives import Fate, KilledError, _bound
from tests.support.people import BRAM

DAY = date(2026, 3, 5)


@pytest.fixture
def new_vault(s3: S3Client) -> Callable[[], S3Vault]:
    def make() -> S3Vault:
        name = f"segments-{uuid.uuid4().hex}"
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        return S3Vault(Objects(s3, name, no_sleep))

    return make


def segment(number: int = 1, *traces: str, seed: bytes = b"s" * 32) -> Segment:
    records = [Record(f'{{"entry":"{trace}"}}'.encode(), b"{}") for trace in traces]
    return Segment.of(number, "2026-03-05T09:00:00.000000+00:00", records, seed, occasion="o", is_full=True)


def test_of_two_segments_of_one_number_the_first_stands(new_vault: Callable[[], S3Vault]) -> None:
    vault = new_vault()
    assert vault.segment(1) is None

    assert vault.put_segment(segment(1, "a", "b"))
    assert not vault.put_segment(segment(1, "c"))

    assert vault.segment(1) == segment(1, "a", "b")


def test_of_two_checkpoints_of_one_number_the_first_stands(new_vault: Callable[[], S3Vault]) -> None:
    vault = new_vault()
    assert vault.checkpoint(1) is None

    assert vault.put_checkpoint(1, b"one") == b"one"
    assert vault.put_checkpoint(1, b"other") == b"one"


def test_the_newest_that_was_finished_is_found(new_vault: Callable[[], S3Vault]) -> None:
    vault = new_vault()
    assert vault.last_finished() == 0

    for number in (9, 10, 11, 2):
        vault.finish(number)
        vault.finish(number)

    assert vault.last_finished() == 11


def test_what_is_sealed_of_a_day_is_known_by_its_records(new_vault: Callable[[], S3Vault]) -> None:
    vault = new_vault()
    one, two, three = segment(1, "a", "b", "c").records
    for _ in range(2):
        vault.put_sealed("2026-03-05", 1, [one, two])
        vault.put_sealed("2026-03-05", 2, [three])
    vault.put_sealed("2026-03-06", 2, [three])

    assert vault.sealed(DAY) == {each.key: each.content for each in (one, two, three)}
    assert list(vault.holding(DAY)) == [1, 2]
    assert list(vault.holding(DAY + timedelta(days=1))) == [2]


ENTRIES = [log_entry("1"), log_entry("2", number=BRAM), log_entry("3", party=PARENTIA, number=BRAM)]


def sealed_by(sealing: Sealing, vault: S3Vault, fate: Fate | None = None) -> None:
    made = Checkpoints(sealing.log, vault, sealing, sealing.signer, lambda: NOW, sealing.draw)
    with _bound(fate or Fate(), vault.objects.client):
        made.go_round("2026-03-05T09:00:00Z", lambda: 900.0)


def test_on_the_real_bucket_it_may_die_at_any_write(new_vault: Callable[[], S3Vault]) -> None:
    undisturbed = Fate()
    vault, sealing = new_vault(), Sealing()
    sealing.log.put(*ENTRIES)
    sealed_by(sealing, vault, undisturbed)
    expected = vault.segment(1)
    assert expected is not None
    assert len(expected.records) == 3
    assert undisturbed.writes == ["PutObject"] * 4

    for at in range(1, 5):
        for after in (False, True):
            vault, sealing = new_vault(), Sealing()
            sealing.log.put(*ENTRIES)
            with pytest.raises(KilledError):
                sealed_by(sealing, vault, Fate(at, after))
            sealed_by(sealing, vault)

            content, made = vault.checkpoint(1), vault.segment(1)
            assert content is not None
            assert made is not None
            assert (made.records, vault.segment(2), vault.last_finished()) == (expected.records, None, 1)
            assert {tuple(folder.values()) for folder in sealing.folders.values()} == {(content,)}
            assert list(check_chain({1: Checkpoint.read(content)}, frozenset())) == []
