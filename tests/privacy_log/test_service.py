"""Reading the privacy log (Articles 6 and 9): a party's own records, page by page."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from jbplus.persons.pseudonym import Pseudonyms
from jbplus.privacy_log.rules import LogEntry
from jbplus.privacy_log.service import LogInquiry, LogPage, LogQuestion, UnknownPageError
from jbplus.protocol.access import Refusal, RefusedError
from jbplus.protocol.caller import Caller
from tests.privacy_log.fakes import FakeLogArchive, FakePrivacyLog, log_entry
from tests.support.fakes import ACCEPTS, NOW, PSEUDONYMS, caller
from tests.support.known import INFINO, PARENTIA
from tests.support.people import ANNA, BRAM

OFFICER = caller(INFINO, "jbplus:privacylog")
TODAY = date(2026, 3, 5)
TODAY_ALL = LogQuestion(first=TODAY, last=TODAY)
ROTATED = Pseudonyms((*PSEUDONYMS.keys, b"2" * 32))


def inquiry(*entries: LogEntry, keys: Pseudonyms = PSEUDONYMS, now: datetime = NOW) -> LogInquiry:
    return LogInquiry(FakeLogArchive(list(entries)), FakePrivacyLog(), lambda: keys, lambda: now, ACCEPTS)


def ask(
    asked: LogInquiry, question: LogQuestion = TODAY_ALL, end: str | None = None, officer: Caller = OFFICER
) -> LogPage:
    return asked.ask(question, officer, end)


def traces(page: LogPage) -> list[str]:
    return [record.reference for record in page.records]


def many(count: int, party: str = INFINO) -> list[LogEntry]:
    return [log_entry(f"t{n:04d}", NOW + timedelta(microseconds=n), party=party) for n in range(count)]


@pytest.mark.parametrize(
    ("kbo", "scopes", "refusal"),
    [
        pytest.param(INFINO, ("jbplus:dossierbeheer",), Refusal.MISSING_SCOPE, id="another scope"),
        pytest.param("0316380841", (), Refusal.MISSING_SCOPE, id="WEWIS without the scope"),
        pytest.param("0316380841", ("jbplus:privacylog",), Refusal.PURPOSE_NOT_ALLOWED, id="WEWIS"),
        pytest.param("2199323857", ("jbplus:privacylog",), Refusal.PURPOSE_NOT_ALLOWED, id="WEWIS by its other number"),
        pytest.param("0123456749", ("jbplus:privacylog",), Refusal.PURPOSE_NOT_ALLOWED, id="no party"),
    ],
)
def test_who_may_not_read_the_log(kbo: str, scopes: tuple[str, ...], refusal: Refusal) -> None:
    archive = FakeLogArchive(many(1))
    asked = LogInquiry(archive, FakePrivacyLog(), lambda: PSEUDONYMS, lambda: NOW, ACCEPTS)

    with pytest.raises(RefusedError) as refused:
        asked.ask(TODAY_ALL, caller(kbo, *scopes))

    assert refused.value.refusal is refusal
    assert archive.taken == 0


@pytest.mark.parametrize(
    "kbo", ["0886886638", "0692793497", INFINO, "0687467902", "0683590375", PARENTIA], ids=lambda kbo: kbo
)
def test_every_recipient_reads_its_own_records(kbo: str) -> None:
    asked = inquiry(log_entry("own", party=kbo))

    assert traces(ask(asked, officer=caller(kbo, "jbplus:privacylog"))) == ["own"]


def test_nobody_sees_another_partys_records() -> None:
    asked = inquiry(log_entry("own"), log_entry("theirs", party=PARENTIA))

    assert traces(ask(asked)) == ["own"]
    assert traces(ask(asked, LogQuestion(ANNA))) == ["own"]


def test_a_person_is_found_under_the_pseudonym_of_every_key_version() -> None:
    before = log_entry("before", NOW - timedelta(days=400))
    after = replace(log_entry("after"), subject=ROTATED(ANNA), key_version=2)

    asked = inquiry(after, log_entry("another", number=BRAM), before, keys=ROTATED)

    assert traces(ask(asked, LogQuestion(ANNA))) == ["before", "after"]


def test_whom_a_record_is_about_is_told_in_the_partys_own_words() -> None:
    """The same person under every key; nothing that the tables hold, and nothing that another party is told."""
    entries = [log_entry("a"), replace(log_entry("b", NOW + timedelta(1)), subject=ROTATED(ANNA), key_version=2)]
    theirs = [replace(entry, caller=caller(PARENTIA)) for entry in entries]
    officer = caller(PARENTIA, "jbplus:privacylog")
    question = LogQuestion(first=TODAY, last=TODAY + timedelta(1))

    own = {record.person for record in ask(inquiry(*entries, keys=ROTATED), question).records}
    others = {record.person for record in ask(inquiry(*theirs, keys=ROTATED), question, officer=officer).records}

    assert (len(own), len(others)) == (1, 1)
    assert len(own | others | set(ROTATED.of_every_version(ANNA))) == 4


def test_a_person_can_be_asked_for_within_days_and_for_one_end_user() -> None:
    days = [NOW + timedelta(days=n) for n in range(4)]
    entries = [log_entry(f"d{n}", day) for n, day in enumerate(days)]
    asked = inquiry(*entries, log_entry("other", days[1], end_user="jan"))

    question = LogQuestion(ANNA, first=date(2026, 3, 6), last=date(2026, 3, 7))
    assert traces(ask(asked, question)) == ["d1", "other", "d2"]
    assert traces(ask(asked, replace(question, end_user="jan"))) == ["other"]
    assert traces(ask(asked, replace(question, last=None))) == ["d1", "other", "d2", "d3"]


def test_a_day_is_a_day_in_brussels() -> None:
    """Summer time begins on 29 March 2026: its day runs from 23:00 to 22:00 in UTC."""
    begin = datetime(2026, 3, 28, 23, tzinfo=UTC)
    end = datetime(2026, 3, 29, 22, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    asked = inquiry(
        log_entry("before", begin - tick), log_entry("a", begin), log_entry("z", end - tick), log_entry("after", end)
    )

    question = LogQuestion(first=date(2026, 3, 29), last=date(2026, 3, 29))

    assert traces(ask(asked, question)) == ["a", "z"]


def test_an_expired_record_is_absent() -> None:
    entry = log_entry("old")
    last_second = datetime.fromtimestamp(entry.expires_at - 1, UTC)

    assert traces(ask(inquiry(entry, now=last_second))) == ["old"]
    assert traces(ask(inquiry(entry, now=last_second + timedelta(seconds=1)))) == []


@pytest.mark.parametrize(("count", "pages"), [(0, [0]), (99, [99]), (100, [100]), (101, [100, 1]), (200, [100, 100])])
def test_a_page_holds_a_hundred_and_the_last_one_says_so(count: int, pages: list[int]) -> None:
    asked = inquiry(*many(count))

    sizes, end = [], None
    while True:
        page = ask(asked, end=end)
        sizes.append(len(page.records))
        end = page.end
        if end is None:
            break

    assert sizes == pages


def test_a_page_reads_no_more_than_it_gives() -> None:
    archive = FakeLogArchive(many(1000))

    LogInquiry(archive, FakePrivacyLog(), lambda: PSEUDONYMS, lambda: NOW, ACCEPTS).ask(TODAY_ALL, OFFICER)

    assert archive.taken == 101


def test_a_search_that_finds_little_stops_in_time_and_goes_on() -> None:
    archive = FakeLogArchive([*many(2500), log_entry("sought", NOW + timedelta(seconds=1), end_user="jan")])
    asked = LogInquiry(archive, FakePrivacyLog(), lambda: PSEUDONYMS, lambda: NOW, ACCEPTS)
    question = replace(TODAY_ALL, end_user="jan")

    first = ask(asked, question)
    assert (traces(first), archive.taken) == ([], 2001)
    second = ask(asked, question, first.end)
    assert (traces(second), second.end) == (["sought"], None)


ENDED = LogQuestion(ANNA, TODAY, TODAY, "an.peeters")
OTHER_QUESTIONS = {
    "another person": replace(ENDED, number=BRAM),
    "nobody": replace(ENDED, number=None),
    "another first day": replace(ENDED, first=date(2026, 3, 4)),
    "another last day": replace(ENDED, last=None),
    "another end user": replace(ENDED, end_user=None),
}


@pytest.mark.parametrize("question", OTHER_QUESTIONS.values(), ids=OTHER_QUESTIONS)
def test_the_end_of_a_page_opens_no_other_question(question: LogQuestion) -> None:
    asked = inquiry(*many(101))
    end = ask(asked, ENDED).end

    assert traces(ask(asked, ENDED, end)) == ["t0100"]
    with pytest.raises(UnknownPageError):
        ask(asked, question, end)


def test_the_end_of_a_page_is_no_other_partys() -> None:
    asked = inquiry(*many(101), *many(101, party=PARENTIA))
    end = ask(asked).end

    with pytest.raises(UnknownPageError):
        ask(asked, end=end, officer=caller(PARENTIA, "jbplus:privacylog"))


def test_every_change_to_the_end_of_a_page_is_seen() -> None:
    asked = inquiry(*many(101))
    end = ask(asked).end
    assert end is not None

    for n, sign in enumerate(end):
        changed = f"{end[:n]}{'B' if sign != 'B' else 'C'}{end[n + 1 :]}"
        for forged in (changed, end[:n], f"{end[:n]}é{end[n:]}"):
            with pytest.raises(UnknownPageError):
                ask(asked, end=forged)


def test_the_end_of_a_page_outlives_a_rotation_of_the_keys() -> None:
    entries = many(101)
    end = ask(inquiry(*entries)).end

    assert traces(ask(inquiry(*entries, keys=ROTATED), end=end)) == ["t0100"]


def test_a_question_about_nobody_needs_both_ends() -> None:
    with pytest.raises(ValueError, match="both ends"):
        ask(inquiry(), LogQuestion(first=TODAY))
