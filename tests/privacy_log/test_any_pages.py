"""Articles 6 and 9: whatever the log holds, a party's pages together are its records of the period, once, in order."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jbplus.privacy_log.rules import LogEntry
from jbplus.privacy_log.service import LogInquiry, LogQuestion, UnknownPageError
from tests.privacy_log.fakes import FakeLogArchive, FakePrivacyLog, log_entry
from tests.support.fakes import ACCEPTS, NOW, PSEUDONYMS, caller
from tests.support.known import INFINO, PARENTIA
from tests.support.people import ANNA, BRAM

PARTIES = (INFINO, PARENTIA)
# Around the end of summer time, when a day in Brussels has 25 hours.
_BEGIN = datetime(2025, 10, 24, 20, tzinfo=UTC)
MOMENTS = st.integers(0, 5 * 24 * 4).map(lambda quarters: _BEGIN + timedelta(minutes=15 * quarters))
DAYS = st.integers(0, 6).map(lambda n: date(2025, 10, 24) + timedelta(days=n))


def pages(asked: LogInquiry, question: LogQuestion, party: str) -> list[str]:
    """Read all pages; each but the last is followed by another."""
    found, end = [], None
    for _ in range(100):
        page = asked.ask(question, caller(party, "jbplus:privacylog"), end)
        assert len(page.records) <= 100
        found += [record.reference for record in page.records]
        end = page.end
        if end is None:
            return found
    raise AssertionError("the pages never end")


@st.composite
def logs(draw: st.DrawFn) -> list[LogEntry]:
    """Make up to some hundreds of records of two parties, two persons and two end users."""
    kinds = draw(
        st.lists(
            st.tuples(
                MOMENTS,
                st.sampled_from(PARTIES),
                st.sampled_from([ANNA, BRAM]),
                st.sampled_from("xy"),
                st.integers(1, 60),
            ),
            max_size=12,
        )
    )
    return [
        log_entry(f"{n:03d}-{copy:03d}", moment, party=party, number=number, end_user=end_user, position=copy)
        for n, (moment, party, number, end_user, copies) in enumerate(kinds)
        for copy in range(copies)
    ]


@settings(max_examples=60)
@given(
    log=logs(),
    days=st.tuples(DAYS, DAYS).map(sorted),
    number=st.none() | st.sampled_from([ANNA, BRAM]),
    end_user=st.none() | st.sampled_from("xy"),
)
def test_the_pages_of_a_party_are_its_records_once_and_in_order(
    log: list[LogEntry], days: list[date], number: str | None, end_user: str | None
) -> None:
    first, last = days
    asked = LogInquiry(FakeLogArchive(log), FakePrivacyLog(), lambda: PSEUDONYMS, lambda: NOW, ACCEPTS)

    for party in PARTIES:
        wanted = [
            entry
            for entry in log
            if entry.caller.asker.kbo == party
            and first <= entry.moment.astimezone(ZoneInfo("Europe/Brussels")).date() <= last
            and (number is None or entry.subject == PSEUDONYMS(number))
            and (end_user is None or entry.caller.end_user == end_user)
        ]
        in_order = sorted(wanted, key=lambda entry: (entry.moment, entry.caller.trace, entry.position))

        found = pages(asked, LogQuestion(number, first, last, end_user), party)

        assert found == [entry.caller.trace for entry in in_order]


@settings(max_examples=200)
@given(end=st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_no_text_but_ours_is_the_end_of_a_page(end: str) -> None:
    """Whoever has no key cannot make one: nothing is read then."""
    archive = FakeLogArchive([log_entry("a")])
    asked = LogInquiry(archive, FakePrivacyLog(), lambda: PSEUDONYMS, lambda: NOW, ACCEPTS)

    with pytest.raises(UnknownPageError):
        asked.ask(LogQuestion(ANNA), caller(INFINO, "jbplus:privacylog"), end)

    assert archive.taken == 0
