"""Article 7: who hears that a person's data are in doubt, and until when."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jbplus.doubts.rules import Doubt, ReportStatus, decode, encode, is_in_doubt, with_doubt
from tests.support.fakes import NOW
from tests.support.known import INFINO, PARENTIA

END = int((NOW + timedelta(days=1)).timestamp())
DOUBTS = st.builds(
    Doubt,
    st.uuids().map(str),
    st.sampled_from([INFINO, PARENTIA]),
    st.sampled_from(ReportStatus),
    st.integers(END - 2 * 86_400, END),
)


@pytest.mark.parametrize(
    ("status", "reporter_hears", "others_hear"),
    [
        (ReportStatus.REPORTED, True, False),
        (ReportStatus.INVESTIGATED, True, True),
        (ReportStatus.CORRECTED, False, False),
        (ReportStatus.UNFOUNDED, False, False),
    ],
)
def test_who_hears_of_a_report_follows_from_its_status(
    status: ReportStatus, *, reporter_hears: bool, others_hear: bool
) -> None:
    doubts = [Doubt("report-1", INFINO, status, END)]

    assert is_in_doubt(doubts, INFINO, NOW) is reporter_hears
    assert is_in_doubt(doubts, PARENTIA, NOW) is others_hear


def test_a_doubt_ends_with_its_report() -> None:
    doubts = [Doubt("report-1", INFINO, ReportStatus.INVESTIGATED, END)]
    end = datetime.fromtimestamp(END, UTC)

    assert is_in_doubt(doubts, PARENTIA, end - timedelta(seconds=1))
    assert not is_in_doubt(doubts, PARENTIA, end)


@given(st.lists(DOUBTS, max_size=5), DOUBTS)
def test_a_later_word_on_a_report_replaces_the_earlier_one_alone(doubts: list[Doubt], new: Doubt) -> None:
    again = Doubt(new.report, new.reporter, ReportStatus.CORRECTED, new.expires_at)

    after = with_doubt(with_doubt(doubts, new, NOW), again, NOW)

    assert after == (*(each for each in doubts if each.expires_at > NOW.timestamp()), again)


@given(st.lists(DOUBTS, max_size=5))
def test_doubts_are_read_as_they_were_written(doubts: list[Doubt]) -> None:
    assert decode(encode(doubts)) == tuple(doubts)
