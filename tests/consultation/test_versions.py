"""The mark of an answer: it changes when the answer does, and tells nothing else."""

import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from jbplus.consultation.service import Lookup, Lookups
from jbplus.consultation.versions import Answered, version_of
from jbplus.consultation.wire import PersonAnswer
from jbplus.persons.pseudonym import Pseudonyms
from jbplus.persons.state import Entry, Payment, PersonState, Rank
from jbplus.protocol.parties import VUTG
from jbplus.protocol.purposes import Purpose
from jbplus.registrations.rules import Registration
from tests.consultation.fakes import FakeLookupStore
from tests.privacy_log.fakes import FakePrivacyLog
from tests.support.fakes import ACCEPTS, NOW, PSEUDONYMS, caller, no_count
from tests.support.known import INFINO, OPEN, PARENTIA
from tests.support.people import ANNA, BRAM

KEY = PSEUDONYMS.key_of_versions(INFINO)
DAYS = st.sampled_from([date(2025, 3, 3), date(2025, 3, 4)])
AMOUNTS = st.sampled_from([Decimal(600), Decimal("600.00"), Decimal("-600.00"), Decimal("6E2"), Decimal("600.10")])
PAYMENTS = st.builds(Payment, st.sampled_from([2024, 2025]), st.sampled_from("12"), AMOUNTS, DAYS)
ENTRIES = st.builds(lambda n, payment: Entry.live(Rank(n, 0), payment), st.integers(1, 2), PAYMENTS)
ANSWERS = st.builds(
    Answered,
    st.builds(PersonState, st.dictionaries(st.sampled_from(["R-1", "R-2"]), ENTRIES, max_size=2)),
    st.none() | DAYS,
    st.booleans(),
    st.booleans(),
)


def said(answered: Answered) -> str:
    answer = PersonAnswer.of(
        ANNA,
        answered.state,
        answered.kept_until,
        is_in_doubt=answered.is_in_doubt,
        is_replaced=answered.is_replaced,
    )
    return answer.model_dump_json(by_alias=True, exclude_none=True)


@given(ANSWERS, ANSWERS)
def test_versions_are_equal_when_the_answers_are_to_the_letter_and_only_then(one: Answered, other: Answered) -> None:
    assert (version_of(one, KEY, "h-1") == version_of(other, KEY, "h-1")) is (said(one) == said(other))


@given(ANSWERS)
def test_a_version_is_of_one_party_and_one_registration(answered: Answered) -> None:
    parties = [PSEUDONYMS.key_of_versions(party) for party in (INFINO, PARENTIA)]
    versions = [version_of(answered, key, handle) for key in parties for handle in ("h-1", "h-2")]

    assert len(set(versions)) == 4
    assert all(re.fullmatch("[0-9a-f]{32}", version) for version in versions)


def test_a_version_is_made_as_the_page_says() -> None:
    empty = json.dumps([None, None, False, False, []], separators=(",", ":"))

    expected = hmac.new(KEY, f"h-1\n{empty}".encode(), hashlib.sha256).hexdigest()[:32]

    assert version_of(Answered(), KEY, "h-1") == expected


def test_a_rotation_of_the_key_changes_no_version() -> None:
    rotated = Pseudonyms((*PSEUDONYMS.keys, b"another key of thirty-two bytes!"))

    assert rotated.key_of_versions(INFINO) == KEY
    assert KEY not in PSEUDONYMS.keys


def versions(store: FakeLookupStore, party: str, numbers: Sequence[str], purpose: Purpose, scope: str) -> list[object]:
    asked = Lookups(store, FakePrivacyLog(), lambda: PSEUDONYMS, lambda: NOW, ACCEPTS, no_count)
    answers = asked.look_up(Lookup(tuple(numbers), purpose, "D-1"), caller(party, scope))
    return [answer.version if isinstance(answer, Answered) else answer for answer in answers]


def test_only_the_own_registration_gives_a_version_and_nothing_known_has_one_too() -> None:
    def named(handle: str | None) -> Registration:
        return replace(OPEN, handle=handle)

    store = FakeLookupStore(
        registrations={
            (PSEUDONYMS(ANNA), INFINO): named("h-1"),
            (PSEUDONYMS(BRAM), INFINO): named(None),
            (PSEUDONYMS(BRAM), VUTG.kbo): named("h-2"),
        }
    )

    mine = versions(store, INFINO, [ANNA, BRAM], Purpose.SOCIAL_SUPPLEMENT, "jbplus:dossierbeheer")
    audit = versions(store, VUTG.kbo, [ANNA], Purpose.AUDIT, "jbplus:audit")

    assert mine == [version_of(Answered(), KEY, "h-1"), None]
    assert audit == [None]
