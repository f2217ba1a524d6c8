"""Doubts in the real tables: kept with their report or not at all, whoever comes between, and read with a lookup."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from jbplus.consultation.service import Lookup, Lookups
from jbplus.consultation.table import DynamoLookupStore
from jbplus.consultation.versions import Answered
from jbplus.doubts.rules import ReportStatus
from jbplus.doubts.table import DynamoDoubts
from jbplus.errors import UnavailableError
from jbplus.persons.pseudonym import Name
from jbplus.privacy_log.table import DynamoPrivacyLog
from jbplus.protocol.parties import WEWIS
from jbplus.protocol.purposes import Purpose
from jbplus.quality.rules import Flaw, Report, Told
from jbplus.quality.service import QualityReports
from jbplus.quality.table import DynamoReports
from jbplus.registrations.table import DynamoRegistrations
from tests.quality.fakes import FakeOutbox
from tests.support.engine import CountingClient, Tables, all_items
from tests.support.fakes import ACCEPTS, NOW, PSEUDONYMS, caller, no_count, no_sleep
from tests.support.known import INFINO, OPEN, PARENTIA
from tests.support.lives import KilledError
from tests.support.people import ANNA

SOURCE = caller(WEWIS.kbo, "jbplus:bron")
TOLD = Told(ANNA, Flaw.WRONG, "JBP-1")


@dataclass(frozen=True)
class World:
    """Quality reports and lookups on the same tables; Anna is registered at Infino and Parentia."""

    client: DynamoDBClient
    tables: Tables

    @property
    def reports(self) -> QualityReports:
        doubts = DynamoDoubts(self.client, self.tables.registrations, no_sleep)
        return QualityReports(
            DynamoReports(self.client, self.tables.quality, doubts, no_sleep),
            self.registrations,
            FakeOutbox(),
            DynamoPrivacyLog(self.client, self.tables.privacy_log),
            lambda: PSEUDONYMS,
            lambda: NOW,
            ACCEPTS,
        )

    @property
    def registrations(self) -> DynamoRegistrations:
        return DynamoRegistrations(self.client, self.tables.registrations, lambda: NOW, no_sleep)

    def hears(self, party: str) -> bool:
        tables = self.tables
        store = DynamoLookupStore(self.client, tables.persons, tables.registrations, tables.suspensions, no_sleep)
        log = DynamoPrivacyLog(self.client, tables.privacy_log)
        lookups = Lookups(store, log, lambda: PSEUDONYMS, lambda: NOW, ACCEPTS, no_count)
        asking = replace(caller(party, "jbplus:dossierbeheer"), trace=str(uuid.uuid4()))
        (answer,) = lookups.look_up(Lookup((ANNA,), Purpose.SOCIAL_SUPPLEMENT), asking)
        assert isinstance(answer, Answered)
        return answer.is_in_doubt

    @property
    def kept(self) -> list[Any]:
        return [*all_items(self.client, self.tables.quality), *all_items(self.client, self.tables.registrations)]

    @contextmanager
    def at_each_keeping(self, strike: Callable[[], None], moment: str) -> Iterator[None]:
        """Come right before or right after a transaction that keeps a report or an answer."""
        keeps = False

        def before(params: dict[str, Any], **_: Any) -> None:
            nonlocal keeps
            keeps = self.tables.quality in params["body"].decode()
            if keeps and moment == "before":
                strike()

        def after(**_: Any) -> None:
            if keeps and moment == "after":
                strike()

        events = self.client.meta.events
        events.register("before-call.dynamodb.TransactWriteItems", before)
        events.register("after-call.dynamodb.TransactWriteItems", after)
        try:
            yield
        finally:
            events.unregister("before-call.dynamodb.TransactWriteItems", before)
            events.unregister("after-call.dynamodb.TransactWriteItems", after)


@pytest.fixture
def world(counting: CountingClient, tables: Tables) -> World:
    made = World(counting.client, tables)
    for party in (INFINO, PARENTIA):
        made.registrations.write({PSEUDONYMS.names(ANNA): OPEN}, party)
    return made


def reported(world: World, told: Told = TOLD, party: str = INFINO) -> Report:
    return world.reports.report(told, replace(caller(party, "jbplus:melding"), trace=str(uuid.uuid4())))


def test_a_lookup_hears_of_a_report_from_its_first_word_to_its_last(world: World) -> None:
    heard = [(world.hears(INFINO), world.hears(PARENTIA))]
    report = reported(world)
    heard.append((world.hears(INFINO), world.hears(PARENTIA)))
    for status in (ReportStatus.INVESTIGATED, ReportStatus.CORRECTED, ReportStatus.INVESTIGATED):
        world.reports.answer(report.id, status, "we look", SOURCE)
        heard.append((world.hears(INFINO), world.hears(PARENTIA)))

    assert heard == [(False, False), (True, False), (True, True), (False, False), (True, True)]


def test_a_doubt_goes_with_the_last_of_its_reports(world: World) -> None:
    report = reported(world)
    later = Report("report-2", PARENTIA, NOW + timedelta(days=30), Flaw.WRONG, subject=report.subject)
    world.reports.store.add(later, PSEUDONYMS.names(ANNA))

    (item,) = (item for item in world.kept if "doubts" in item)

    assert item["expiresAt"] == {"N": str(later.expires_at)}
    # All that the function of quality reports may write among the registrations.
    assert item.keys() == {"person", "party", "keyVersion", "doubts", "version", "expiresAt"}
    assert later.expires_at > report.expires_at


@pytest.mark.parametrize("step", ["report", "answer"])
def test_who_dies_before_it_is_kept_leaves_neither_report_nor_doubt(world: World, step: str) -> None:
    report = reported(world) if step == "answer" else None

    def keep() -> None:
        if report is None:
            reported(world)
        else:
            world.reports.answer(report.id, ReportStatus.INVESTIGATED, "we look", SOURCE)

    def die() -> None:
        raise KilledError

    before = world.kept
    with world.at_each_keeping(die, "before"), pytest.raises(KilledError):
        keep()
    assert world.kept == before

    with world.at_each_keeping(die, "after"), pytest.raises(KilledError):
        keep()
    after = world.kept
    keep()
    assert world.kept == after
    assert (world.hears(INFINO), world.hears(PARENTIA)) == (True, step == "answer")


def test_two_reports_at_once_both_count(world: World) -> None:
    rivals = [replace(TOLD, note="of a rival")]

    def come_between() -> None:
        if rivals:
            reported(world, rivals.pop(), PARENTIA)

    with world.at_each_keeping(come_between, "before"):
        reported(world)

    assert (world.hears(INFINO), world.hears(PARENTIA)) == (True, True)
    assert len(all_items(world.client, world.tables.quality)) == 2


def test_of_two_answers_at_once_report_and_doubt_have_the_same(world: World) -> None:
    report = reported(world)
    rivals = [ReportStatus.INVESTIGATED]

    def come_between() -> None:
        if rivals:
            world.reports.answer(report.id, rivals.pop(), "we look", SOURCE)

    with world.at_each_keeping(come_between, "before"):
        answered = world.reports.answer(report.id, ReportStatus.UNFOUNDED, "it is right", SOURCE)

    (kept,) = all_items(world.client, world.tables.quality)
    assert kept["status"]["S"] == answered.status == "ongegrond"
    assert (world.hears(INFINO), world.hears(PARENTIA)) == (False, False)


def test_who_never_gets_a_turn_keeps_nothing(world: World) -> None:
    count = 0

    def come_between() -> None:
        nonlocal count
        count += 1
        if count % 2:  # else the rival's own
            reported(world, replace(TOLD, note=f"rival {count}"), PARENTIA)

    with world.at_each_keeping(come_between, "before"), pytest.raises(UnavailableError, match="kept writing"):
        reported(world)

    assert not world.hears(INFINO)


def test_a_report_of_before_subjects_were_kept_is_answered_all_the_same(world: World) -> None:
    old = Report("report-1", INFINO, NOW, Flaw.WRONG)
    world.reports.store.add(old, ())

    world.reports.answer(old.id, ReportStatus.INVESTIGATED, "we look", SOURCE)

    assert not world.hears(INFINO)
    assert [item for item in world.kept if "doubts" in item] == []


def test_no_party_is_told_as_registered_that_is_none(world: World) -> None:
    reported(world)

    listed = [name for names in world.registrations.of_party(INFINO) for name in names]

    assert listed == [Name(PSEUDONYMS(ANNA), 1)]
