"""Article 7: who reports on whom, what the source is told, and that a retry makes no second report."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from jbplus.doubts.rules import ReportStatus
from jbplus.errors import UnavailableError, UnknownIdError
from jbplus.persons.pseudonym import Name
from jbplus.privacy_log.rules import LogOutcome, Service
from jbplus.protocol.access import Refusal, RefusedError
from jbplus.protocol.parties import OPGROEIEN, WEWIS
from jbplus.protocol.purposes import Right
from jbplus.quality.rules import Flaw, Report, Told
from jbplus.quality.service import PAGE
from jbplus.registrations.rules import Registration
from tests.quality.fakes import Reporting
from tests.support.fakes import NOW, PSEUDONYMS, caller
from tests.support.known import INFINO, OPEN, PARENTIA
from tests.support.people import ANNA, BRAM

AT_INFINO, AT_PARENTIA = caller(INFINO, "jbplus:melding"), caller(PARENTIA, "jbplus:melding")
AT_OPGROEIEN, SOURCE = caller(OPGROEIEN.kbo, "jbplus:melding"), caller(WEWIS.kbo, "jbplus:bron")
TOLD = Told(ANNA, Flaw.WRONG, "JBP-1", "the amount is that of another year")


@pytest.fixture
def world() -> Reporting:
    """Anna is registered at Infino."""
    made = Reporting()
    made.register(ANNA)
    return made


def test_the_source_is_told_whom_it_is_about_and_the_table_is_not(world: Reporting) -> None:
    report = world.reports.report(TOLD, AT_INFINO)

    assert world.outbox.messages.keys() == {f"kwaliteitsmelding-{report.id}.json"}
    assert world.outbox.json == [
        {
            "id": report.id,
            "insz": ANNA,
            "aard": "foutief",
            "referte": "JBP-1",
            "toelichting": TOLD.note,
            "melder": INFINO,
            "moment": "2026-03-05T09:00:00+00:00",
        }
    ]
    assert world.store.items == {
        (INFINO, report.id): Report(
            report.id, INFINO, NOW, Flaw.WRONG, "JBP-1", TOLD.note, subject=Name(PSEUDONYMS(ANNA), 1)
        )
    }
    assert report.status is ReportStatus.REPORTED
    assert ANNA not in repr(world.store.items)


def test_what_was_left_out_is_absent_from_the_message(world: Reporting) -> None:
    world.reports.report(Told(ANNA, Flaw.MISSING), AT_INFINO)

    assert world.outbox.json[0].keys() == {"id", "insz", "aard", "melder", "moment"}


def test_the_same_report_again_the_same_day_is_the_same_and_tells_nothing_anew(world: Reporting) -> None:
    first = world.reports.report(TOLD, AT_INFINO)
    world.now += timedelta(hours=5)

    again = world.reports.report(TOLD, AT_INFINO)

    assert again == first
    assert (len(world.store.items), world.outbox.puts) == (1, 1)


@pytest.mark.parametrize(
    "other",
    [
        replace(TOLD, number=BRAM),
        replace(TOLD, flaw=Flaw.OUTDATED),
        replace(TOLD, referte="JBP-2"),
        replace(TOLD, referte=None),
        replace(TOLD, note="another"),
        replace(TOLD, referte=TOLD.note, note=TOLD.referte),
    ],
    ids=["person", "flaw", "referte", "no referte", "note", "the other way round"],
)
def test_something_else_is_another_report(world: Reporting, other: Told) -> None:
    world.register(BRAM)

    assert world.reports.report(TOLD, AT_INFINO).id != world.reports.report(other, AT_INFINO).id


def test_another_day_or_another_party_makes_another_report(world: Reporting) -> None:
    world.register(ANNA, PARENTIA)
    first = world.reports.report(TOLD, AT_INFINO)
    of_another = world.reports.report(TOLD, AT_PARENTIA)
    world.now = datetime(2026, 3, 5, 23, 0, tzinfo=UTC)  # midnight in Brussels
    tomorrow = world.reports.report(TOLD, AT_INFINO)

    assert len({first.id, of_another.id, tomorrow.id}) == 3


def test_a_death_between_message_and_table_is_mended_by_the_retry(world: Reporting) -> None:
    world.store.out_of_reach = True
    with pytest.raises(UnavailableError):
        world.reports.report(TOLD, AT_INFINO)
    (told,) = world.outbox.json

    world.store.out_of_reach = False
    report = world.reports.report(TOLD, AT_INFINO)

    assert report.id == told["id"]
    assert len(world.outbox.messages) == len(world.store.items) == 1


def test_without_its_message_nothing_is_kept(world: Reporting) -> None:
    world.outbox.out_of_reach = True

    with pytest.raises(UnavailableError):
        world.reports.report(TOLD, AT_INFINO)

    assert world.store.items == {}


def test_the_same_report_by_two_at_once_is_one(world: Reporting) -> None:
    first = world.reports.report(TOLD, AT_INFINO)
    world.now += timedelta(seconds=1)
    world.store.blind = True

    assert world.reports.report(TOLD, AT_INFINO) == first
    assert len(world.store.items) == len(world.outbox.messages) == 1


@pytest.mark.parametrize(
    "registration",
    [
        pytest.param(Registration(date(2025, 1, 1), date(2026, 3, 4), Right.RUNNING), id="ended"),
        pytest.param(Registration(date(2026, 3, 6), None, Right.RUNNING), id="yet to begin"),
        None,
    ],
)
def test_only_who_has_an_active_registration_reports(registration: Registration | None) -> None:
    world = Reporting()
    world.register(ANNA, PARENTIA)
    if registration is not None:
        world.register(ANNA, INFINO, registration)

    with pytest.raises(RefusedError) as refused:
        world.reports.report(TOLD, AT_INFINO)

    assert refused.value.refusal is Refusal.NOT_REGISTERED
    assert (world.store.items, world.outbox.messages) == ({}, {})


def test_each_report_is_a_record_taken_or_refused(world: Reporting) -> None:
    world.register(BRAM, PARENTIA)
    cases = [
        (ANNA, AT_INFINO),
        (ANNA, AT_INFINO),
        (BRAM, AT_INFINO),
        (BRAM, AT_OPGROEIEN),
        (ANNA, caller(INFINO, "jbplus:bron")),
        (ANNA, caller(WEWIS.kbo, "jbplus:melding")),
    ]

    refusals = [
        _refusal(lambda number=number, asking=asking: world.reports.report(replace(TOLD, number=number), asking))  # type: ignore[misc]
        for number, asking in cases
    ]

    assert [entry.service for entry in world.log.entries] == [Service.REPORT] * 6
    assert [(entry.subject, entry.caller) for entry in world.log.entries] == [
        (PSEUDONYMS(number), asking) for number, asking in cases
    ]
    assert [(entry.outcome, entry.registered_by) for entry in world.log.entries] == [
        (LogOutcome.REPORTED, INFINO),
        (LogOutcome.REPORTED, INFINO),
        (LogOutcome.NOT_REGISTERED, None),
        (LogOutcome.REPORTED, PARENTIA),
        (LogOutcome.MISSING_SCOPE, None),
        (LogOutcome.PURPOSE_NOT_ALLOWED, None),
    ]
    assert [refusal is None for refusal in refusals] == [True, True, False, True, False, False]
    assert ANNA not in repr(world.log.entries)


def test_without_its_record_a_report_is_neither_told_nor_kept_and_a_refusal_is_not_told(world: Reporting) -> None:
    world.log.out_of_reach = True

    for number in (ANNA, BRAM):
        with pytest.raises(UnavailableError):
            world.reports.report(replace(TOLD, number=number), AT_INFINO)

    assert (world.store.items, world.outbox.messages) == ({}, {})


def test_opgroeien_regie_reports_on_persons_of_any_payment_actor_with_any_right(world: Reporting) -> None:
    world.register(BRAM, PARENTIA, replace(OPEN, right=Right.ENDED))

    reported = world.reports.report(replace(TOLD, number=BRAM), AT_OPGROEIEN)

    assert reported.reporter == OPGROEIEN.kbo
    with pytest.raises(RefusedError):
        Reporting().reports.report(TOLD, AT_OPGROEIEN)


def test_everybody_sees_what_is_theirs_at_once_newest_first(world: Reporting) -> None:
    world.register(ANNA, PARENTIA)
    made = []
    for asking in (AT_INFINO, AT_PARENTIA, AT_OPGROEIEN, AT_INFINO):
        made.append(world.reports.report(TOLD, asking))
        world.now += timedelta(days=1)
    newest_first = tuple(reversed(made))

    assert world.reports.page(None, None, AT_OPGROEIEN).reports == newest_first
    assert world.reports.page(None, None, SOURCE).reports == newest_first
    assert world.reports.page(None, None, caller("2199323857", "jbplus:bron")).reports == newest_first
    assert world.reports.page(None, None, AT_INFINO).reports == (made[3], made[0])
    assert world.reports.page(None, None, AT_PARENTIA).reports == (made[1],)


def test_the_answer_is_seen_by_the_reporter_and_opgroeien_regie(world: Reporting) -> None:
    report = world.reports.report(TOLD, AT_INFINO)
    world.now += timedelta(days=1)

    answered = world.reports.answer(report.id, ReportStatus.CORRECTED, "a new file comes tonight", SOURCE)

    for asking in (AT_INFINO, AT_OPGROEIEN, SOURCE):
        assert world.reports.page(None, None, asking).reports == (answered,)
        assert world.reports.page(ReportStatus.CORRECTED, None, asking).reports == (answered,)
        assert world.reports.page(ReportStatus.REPORTED, None, asking).reports == ()
    assert world.reports.page(None, None, AT_PARENTIA).reports == ()
    assert answered.answer is not None
    assert answered.answer.moment == world.now


def test_a_later_answer_replaces_and_the_same_again_changes_nothing(world: Reporting) -> None:
    report = world.reports.report(TOLD, AT_INFINO)
    first = world.reports.answer(report.id, ReportStatus.INVESTIGATED, "we look into it", SOURCE)
    world.now += timedelta(days=1)

    assert world.reports.answer(report.id, ReportStatus.INVESTIGATED, "we look into it", SOURCE) == first
    final = world.reports.answer(report.id, ReportStatus.UNFOUNDED, "we look into it", SOURCE)

    assert final.status is ReportStatus.UNFOUNDED
    assert world.store.items == {(INFINO, report.id): final}
    assert world.reports.report(TOLD, AT_INFINO).id != report.id


def test_an_answer_to_nothing_is_told(world: Reporting) -> None:
    with pytest.raises(UnknownIdError):
        world.reports.answer("nothing", ReportStatus.CORRECTED, "done", SOURCE)


@pytest.mark.parametrize("count", [PAGE, PAGE + 1, 2 * PAGE + 1])
def test_pages_follow_one_another_without_gap_or_double(world: Reporting, count: int) -> None:
    for n in range(count):
        kbo = (INFINO, PARENTIA, OPGROEIEN.kbo)[n % 3]
        # Every other report comes at the same moment as the one before.
        report = Report(f"report-{n:03d}", kbo, NOW + timedelta(seconds=n // 2), Flaw.WRONG)
        world.store.add(report, ())

    pages = [world.reports.page(None, None, SOURCE)]
    while (before := pages[-1].next) is not None:
        pages.append(world.reports.page(None, before, SOURCE))

    shown = [report.id for page in pages for report in page.reports]
    assert shown == [f"report-{n:03d}" for n in reversed(range(count))]
    assert [len(page.reports) for page in pages] == [PAGE] * (count // PAGE) + [1] * (count % PAGE)


def test_a_report_goes_five_years_after_its_day() -> None:
    world = Reporting()
    report = Report("report-1", INFINO, datetime(2026, 3, 5, 22, 59, tzinfo=UTC), Flaw.WRONG)
    world.store.add(report, ())
    end = datetime(2031, 3, 5, 23, 0, tzinfo=UTC)

    assert report.expires_at == int(end.timestamp())
    world.now = end
    assert world.reports.page(None, None, SOURCE).reports == ()
    with pytest.raises(UnknownIdError):
        world.reports.answer("report-1", ReportStatus.CORRECTED, "done", SOURCE)


def test_the_name_of_a_report_betrays_nobody_without_the_key() -> None:
    one = TOLD.id_for(INFINO, "pseudonym-1", NOW.date())

    assert one != TOLD.id_for(INFINO, "pseudonym-2", NOW.date())
    assert one == replace(TOLD, number=BRAM).id_for(INFINO, "pseudonym-1", NOW.date())


@pytest.mark.parametrize(
    "kbo", ["0316380841", "0886886638", "0692793497", "0685540471", "0686764255", "0123456749", ""]
)
@pytest.mark.parametrize(
    "scopes", [(), ("jbplus:melding",), ("jbplus:bron",), ("jbplus:bron", "jbplus:melding")], ids=str
)
def test_who_may_report_see_and_answer(kbo: str, scopes: tuple[str, ...]) -> None:
    """Contract §4: the recipients report with jbplus:melding, WEWIS answers with jbplus:bron; both see."""
    world = Reporting()
    for registrar in ("0692793497", "0685540471", "0686764255"):
        world.register(ANNA, registrar)
    world.store.add(Report("report-1", PARENTIA, NOW, Flaw.WRONG), ())
    asking = caller(kbo, *scopes)
    is_source, is_recipient = kbo == "0316380841", kbo.startswith("06") or kbo == "0886886638"
    reports, answers = "jbplus:melding" in scopes, "jbplus:bron" in scopes
    none, scope, party = None, Refusal.MISSING_SCOPE, Refusal.PURPOSE_NOT_ALLOWED

    assert _refusal(lambda: world.reports.report(TOLD, asking)) is (
        scope if not reports else none if is_recipient else party
    )
    assert _refusal(lambda: world.reports.answer("report-1", ReportStatus.CORRECTED, "done", asking)) is (
        scope if not answers else none if is_source else party
    )
    may_see = answers if is_source else reports
    assert _refusal(lambda: world.reports.page(None, None, asking)) is (
        scope if not may_see else none if is_source or is_recipient else party
    )


def _refusal(call: Callable[[], object]) -> Refusal | None:
    try:
        call()
    except RefusedError as error:
        return error.refusal
    return None
