"""How many new persons a party may register a day, and who may register more."""

from datetime import date, timedelta

import pytest
from mypy_boto3_dynamodb import DynamoDBClient
from typing_extensions import override

from jbplus.errors import ConflictError, UnavailableError
from jbplus.persons.pseudonym import Pseudonyms
from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.purposes import SCOPE_REGISTRATION
from jbplus.registrations.quota import Quota, QuotaStore
from jbplus.registrations.rules import Allowance, RegistrationResult, most_on
from jbplus.registrations.service import Registrations
from jbplus.registrations.table import DynamoQuota
from tests.privacy_log.fakes import FakePrivacyLog
from tests.registrations.fakes import FakeQuotaStore, FakeRegistrationStore, quota
from tests.support.api import REGISTER, Api, short_type
from tests.support.engine import Tables, all_items
from tests.support.fakes import ACCEPTS, NOW, PSEUDONYMS, caller, no_count, no_sleep
from tests.support.known import INFINO, OPEN, PARENTIA
from tests.support.people import ANNA, BRAM, CELINE

TODAY = brussels_day(NOW)
ASKING = caller(INFINO, SCOPE_REGISTRATION)


def allowance(per_day: int, until: date = TODAY) -> Allowance:
    return Allowance(per_day, until, "operator", "first load", NOW)


@pytest.mark.parametrize(
    ("allowances", "most"),
    [
        pytest.param([], 100, id="none"),
        pytest.param([allowance(500)], 500, id="on its last day"),
        pytest.param([allowance(500, TODAY - timedelta(1))], 100, id="the day after"),
        pytest.param([allowance(10)], 100, id="less than anybody's"),
        pytest.param([allowance(500), allowance(300)], 500, id="the largest"),
    ],
)
def test_an_allowance_holds_until_its_day(allowances: list[Allowance], most: int) -> None:
    assert most_on(TODAY, 100, allowances) == most


def test_what_is_left_of_the_day_is_handed_out_and_no_more() -> None:
    store = FakeQuotaStore()

    granted = [quota(10, store).take(party, wanted) for party, wanted in [(INFINO, 7), (INFINO, 7), (INFINO, 1)]]

    assert granted == [7, 3, 0]
    assert quota(10, store).take(PARENTIA, 10) == 10
    assert store.counted == {(INFINO, TODAY): 10, (PARENTIA, TODAY): 10}


def test_rivals_together_get_no_more_than_there_is() -> None:
    store = FakeQuotaStore(rivals=[4, 4])

    assert quota(10, store).take(INFINO, 7) == 2
    assert store.counted[INFINO, TODAY] == 10


class _Busy(FakeQuotaStore):
    @override
    def count(self, party: str, day: date, more: int, *, most: int) -> None:
        raise ConflictError("quota")


def test_rivals_without_end_leave_it_unanswered() -> None:
    with pytest.raises(UnavailableError):
        quota(10, _Busy()).take(INFINO, 7)


def registrations(store: QuotaStore, per_day: int, kept: FakeRegistrationStore, log: FakePrivacyLog) -> Registrations:
    def pseudonyms() -> Pseudonyms:
        return PSEUDONYMS

    quota = Quota(store, per_day, lambda: NOW, no_sleep)
    return Registrations(kept, log, pseudonyms, lambda: NOW, ACCEPTS, quota, no_count)


def test_beyond_the_quota_new_persons_are_left_out_and_known_ones_are_free() -> None:
    kept, log = FakeRegistrationStore({(PSEUDONYMS(CELINE), INFINO): OPEN}), FakePrivacyLog()

    results = registrations(FakeQuotaStore(), 1, kept, log).register({ANNA: OPEN, CELINE: OPEN, BRAM: OPEN}, ASKING)

    assert {number: made.result for number, made in results.items()} == {
        ANNA: RegistrationResult.REGISTERED,
        CELINE: RegistrationResult.UNCHANGED,
    }
    assert set(kept.items) == {(PSEUDONYMS(ANNA), INFINO), (PSEUDONYMS(CELINE), INFINO)}
    assert [entry.subject for entry in log.entries] == [PSEUDONYMS(ANNA)]


def test_a_death_after_counting_counts_twice_and_registers_nobody_uncounted() -> None:
    store, kept = FakeQuotaStore(), FakeRegistrationStore()
    with pytest.raises(UnavailableError):
        registrations(store, 10, kept, FakePrivacyLog(out_of_reach=True)).register({ANNA: OPEN}, ASKING)

    registrations(store, 10, kept, FakePrivacyLog()).register({ANNA: OPEN}, ASKING)

    assert store.counted[INFINO, TODAY] == 2


def test_one_more_than_the_day_allows_is_a_problem_of_its_own() -> None:
    api = Api(quota=quota(1))

    answered = api.post(
        REGISTER,
        {"items": [{"insz": n, "periode": {"begin": "2026-01-01"}, "recht": "lopend"} for n in (ANNA, BRAM)]},
    )

    first, second = answered.json["items"]
    assert (answered.status, first["resultaat"]) == (200, "geregistreerd")
    assert second["insz"] == BRAM
    assert (second["problem"]["status"], short_type(second["problem"])) == (429, "tooManyRequests")


def test_the_table_counts_by_party_and_day_within_the_most(dynamodb: DynamoDBClient, tables: Tables) -> None:
    kept = DynamoQuota(dynamodb, tables.registrations, no_sleep)

    kept.count(INFINO, TODAY, 7, most=10)
    with pytest.raises(ConflictError):
        kept.count(INFINO, TODAY, 4, most=10)
    kept.count(INFINO, TODAY, 3, most=10)

    assert kept.read_quota(INFINO, TODAY) == (10, ())
    assert kept.read_quota(INFINO, TODAY + timedelta(1)) == (0, ())
    assert kept.read_quota(PARENTIA, TODAY) == (0, ())
    assert ["expiresAt" in item for item in all_items(dynamodb, tables.registrations)] == [True]


def test_allowances_of_a_party_are_kept_one_after_another(dynamodb: DynamoDBClient, tables: Tables) -> None:
    kept = DynamoQuota(dynamodb, tables.registrations, no_sleep)

    kept.allow(INFINO, allowance(200_000))
    kept.allow(INFINO, allowance(300_000, TODAY + timedelta(9)))

    assert kept.read_quota(INFINO, TODAY) == (0, (allowance(200_000), allowance(300_000, TODAY + timedelta(9))))
    assert kept.read_quota(PARENTIA, TODAY) == (0, ())
