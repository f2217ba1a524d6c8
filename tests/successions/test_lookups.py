"""Lookups, registrations and reports on quality of persons whose number changed, against the real tables."""

import json
import uuid
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from jbplus.aws.dynamodb import transact_write
from jbplus.consultation.service import Lookup, Lookups
from jbplus.consultation.table import DynamoLookupStore
from jbplus.consultation.versions import Answered
from jbplus.consultation.wire import PersonAnswer
from jbplus.doubts.rules import Doubt, ReportStatus
from jbplus.doubts.table import DynamoDoubts
from jbplus.persons.linking import link
from jbplus.persons.merging import merge
from jbplus.persons.pseudonym import Pseudonyms
from jbplus.persons.table import DynamoPersons
from jbplus.privacy_log.table import DynamoPrivacyLog
from jbplus.protocol.access import Refusal, RefusedError
from jbplus.protocol.caller import Caller
from jbplus.protocol.parties import OPGROEIEN
from jbplus.protocol.purposes import Purpose, Right
from jbplus.quality.rules import Flaw, Told
from jbplus.quality.service import QualityReports
from jbplus.registrations.calls import RegisterBody, RegistrationCalls
from jbplus.registrations.rules import Registration
from jbplus.registrations.service import Registrations
from jbplus.registrations.table import DynamoRegistrations
from jbplus.successions.rules import Link
from jbplus.successions.table import DynamoLinks
from tests.quality.fakes import FakeOutbox, FakeReportStore
from tests.registrations.fakes import quota
from tests.support.engine import CountingClient, Tables, all_items
from tests.support.fakes import ACCEPTS, NOW, PSEUDONYMS, caller, no_count, no_sleep, version_1
from tests.support.known import INFINO, OPEN, PARENTIA, RETENTION_YEARS, entry
from tests.support.people import ANNA, BRAM, CELINE, person_number

OLD, NEW = PSEUDONYMS(ANNA), PSEUDONYMS(BRAM)


def anew(kbo: str, scope: str) -> Caller:
    """Make a caller of a call of its own."""
    return replace(caller(kbo, scope), trace=str(uuid.uuid4()))


@dataclass
class World:
    """Anna's number was replaced by Bram's; there is a payment under each. Infino registered the old one."""

    client: CountingClient
    tables: Tables
    pseudonyms: Pseudonyms = PSEUDONYMS

    def __post_init__(self) -> None:
        for person, referte in ((OLD, "a"), (NEW, "b")):
            self.merge(person, referte)
        self.link(OLD, NEW, 1)
        self.registrations.write({PSEUDONYMS.names(ANNA): OPEN}, INFINO)
        self.client.sent.clear()

    @property
    def persons(self) -> DynamoPersons:
        return DynamoPersons(
            self.client.client, self.tables.persons, no_sleep, version_1, lambda: NOW, succession_allowed=True
        )

    @property
    def registrations(self) -> DynamoRegistrations:
        return DynamoRegistrations(self.client.client, self.tables.registrations, lambda: NOW, no_sleep)

    @property
    def links(self) -> DynamoLinks:
        return DynamoLinks(self.client.client, self.tables.persons, lambda: NOW, no_sleep)

    @property
    def lookups(self) -> Lookups:
        names = (self.tables.persons, self.tables.registrations, self.tables.suspensions)
        store = DynamoLookupStore(self.client.client, *names, no_sleep, lambda: NOW, succession_allowed=True)
        log = DynamoPrivacyLog(self.client.client, self.tables.privacy_log)
        return Lookups(store, log, lambda: self.pseudonyms, lambda: NOW, ACCEPTS, no_count)

    def merge(self, person: str, referte: str) -> None:
        merge(
            self.persons,
            {person: [(referte, entry())]},
            retention_years=RETENTION_YEARS,
            clock=lambda: NOW,
            sleep=no_sleep,
        )

    def link(self, old: str, new: str | None, volgnummer: int) -> None:
        said = Link(new, (volgnummer, 0), date(2026, 3, 4))
        link(self.persons, old, said, retention_years=RETENTION_YEARS, clock=lambda: NOW, sleep=no_sleep)

    def ask(self, *numbers: str, kbo: str = INFINO) -> list[Answered | Refusal]:
        return self.lookups.look_up(Lookup(numbers, Purpose.SOCIAL_SUPPLEMENT), anew(kbo, "jbplus:dossierbeheer"))

    def refertes(self, number: str) -> list[str] | Refusal:
        (answer,) = self.ask(number)
        return answer if isinstance(answer, Refusal) else [referte for referte, _ in answer.state.payments]


@pytest.fixture
def world(counting: CountingClient, tables: Tables) -> World:
    return World(counting, tables)


def test_a_report_under_either_number_casts_doubt_on_both(world: World) -> None:
    doubt = Doubt("report-1", PARENTIA, ReportStatus.INVESTIGATED, 2**33)
    doubts = DynamoDoubts(world.client.client, world.tables.registrations, no_sleep)
    before = [answer.is_in_doubt for answer in world.ask(ANNA, BRAM) if isinstance(answer, Answered)]

    transact_write(world.client.client, doubts.puts(PSEUDONYMS.names(ANNA), doubt, NOW))
    after = [answer.is_in_doubt for answer in world.ask(ANNA, BRAM) if isinstance(answer, Answered)]

    assert (before, after) == ([False, False], [True, True])


def test_both_numbers_give_one_answer_on_the_ground_of_either_registration(world: World) -> None:
    old, new = world.ask(ANNA, BRAM)

    assert isinstance(old, Answered)
    assert isinstance(new, Answered)
    assert [referte for referte, _ in old.state.payments] == ["a", "b"]
    assert (old.state, old.kept_until) == (new.state, new.kept_until)
    assert (old.is_replaced, new.is_replaced) == (True, False)
    world.registrations.delete(PSEUDONYMS.names(ANNA), INFINO)
    assert world.ask(ANNA, BRAM) == [Refusal.NOT_REGISTERED, Refusal.NOT_REGISTERED]
    world.registrations.write({PSEUDONYMS.names(BRAM): OPEN}, INFINO)
    assert world.ask(ANNA, BRAM) == [old, new]


def test_that_it_was_replaced_is_said_and_never_by_which(world: World) -> None:
    (answer,) = world.ask(ANNA)

    assert isinstance(answer, Answered)
    said = PersonAnswer.of(ANNA, answer.state, answer.kept_until, is_replaced=answer.is_replaced)
    assert json.loads(said.model_dump_json(by_alias=True, exclude_none=True))["vervangen"] is True
    assert BRAM not in said.model_dump_json()


def test_nobody_without_a_registration_learns_of_it(world: World) -> None:
    assert world.ask(ANNA, BRAM, CELINE, kbo=PARENTIA) == [Refusal.NOT_REGISTERED] * 3


def test_an_ended_registration_under_one_number_leaves_that_under_the_other(world: World) -> None:
    ended = Registration(OPEN.begin, NOW.date() - timedelta(days=1), Right.RUNNING)
    world.registrations.write({PSEUDONYMS.names(BRAM): ended}, INFINO)

    assert world.refertes(BRAM) == ["a", "b"]


def test_without_links_a_lookup_takes_no_more_round_trips_and_with_them_one(world: World) -> None:
    world.merge(PSEUDONYMS(CELINE), "c")
    world.registrations.write({PSEUDONYMS.names(CELINE): OPEN}, INFINO)
    world.client.sent.clear()

    world.ask(CELINE)
    unlinked = list(world.client.sent)
    world.client.sent.clear()
    world.ask(CELINE, BRAM)

    assert unlinked.count("BatchGetItem") == 1
    assert world.client.sent.count("BatchGetItem") == unlinked.count("BatchGetItem") + 1
    world.client.sent.clear()
    world.ask(BRAM, ANNA)
    assert world.client.sent.count("BatchGetItem") == 1, "all of its numbers were read at once"


def test_a_chain_takes_as_many_round_trips_as_one_link(world: World) -> None:
    numbers = [BRAM, *(person_number(serial) for serial in range(10, 20))]
    for volgnummer, (old, new) in enumerate(pairwise(numbers), start=2):
        world.link(PSEUDONYMS(old), PSEUDONYMS(new), volgnummer)
    world.client.sent.clear()

    assert world.refertes(numbers[-1]) == ["a", "b"]
    assert world.client.sent.count("BatchGetItem") == len(("own number", "the others"))


def test_a_succession_that_is_taken_back_parts_the_answers(world: World) -> None:
    world.link(OLD, None, 2)

    assert world.refertes(ANNA) == ["a"]
    assert world.refertes(BRAM) is Refusal.NOT_REGISTERED


def test_links_that_have_ended_join_nothing(world: World) -> None:
    for person in (OLD, NEW):
        world.client.client.update_item(
            TableName=world.tables.persons,
            Key={"person": {"S": f"#link/{person}"}},
            UpdateExpression="SET expiresAt = :past",
            ExpressionAttributeValues={":past": {"N": str(int(NOW.timestamp()))}},
        )

    assert world.refertes(ANNA) == ["a"]
    world.merge(OLD, "c")
    world.link(OLD, NEW, 1)
    assert world.refertes(BRAM) == ["a", "b", "c"]


def test_the_log_names_the_number_that_was_asked_about(world: World) -> None:
    world.ask(BRAM)

    (record,) = all_items(world.client.client, world.tables.privacy_log)
    assert NEW in str(record)
    assert OLD not in str(record)


def registrations_of(world: World) -> Registrations:
    log = DynamoPrivacyLog(world.client.client, world.tables.privacy_log)
    return Registrations(
        world.registrations, log, lambda: PSEUDONYMS, lambda: NOW, ACCEPTS, quota(), no_count, world.links
    )


def test_registering_a_replaced_number_says_so(world: World) -> None:
    items = [{"insz": n, "periode": {"begin": "2026-01-01"}, "recht": "lopend"} for n in (ANNA, BRAM, CELINE)]
    body = RegisterBody.model_validate_json(json.dumps({"items": items}))

    answer = RegistrationCalls(registrations_of(world)).register(body, anew(PARENTIA, "jbplus:inschrijving"))

    said = [json.loads(item.model_dump_json(exclude_none=True)) for item in answer.items]
    assert [item.get("vervangen") for item in said] == [True, None, None]
    assert BRAM not in answer.items[0].model_dump_json()


def test_a_registration_is_read_and_deleted_under_its_own_number(world: World) -> None:
    registrations = registrations_of(world)

    assert registrations.find(BRAM, anew(INFINO, "jbplus:inschrijving")) is None
    registrations.delete(BRAM, anew(INFINO, "jbplus:inschrijving"))
    assert registrations.find(ANNA, anew(INFINO, "jbplus:inschrijving")) == OPEN
    registrations.delete(ANNA, anew(INFINO, "jbplus:inschrijving"))
    assert world.refertes(BRAM) is Refusal.NOT_REGISTERED


@pytest.mark.parametrize("kbo", [INFINO, OPGROEIEN.kbo])
def test_a_report_on_quality_stands_on_a_registration_under_any_number(world: World, kbo: str) -> None:
    log = DynamoPrivacyLog(world.client.client, world.tables.privacy_log)
    reports = QualityReports(
        FakeReportStore(),
        world.registrations,
        FakeOutbox(),
        log,
        lambda: PSEUDONYMS,
        lambda: NOW,
        ACCEPTS,
        world.links,
    )

    assert reports.report(Told(BRAM, Flaw.WRONG), anew(kbo, "jbplus:melding")).status == "gemeld"
    with pytest.raises(RefusedError):
        reports.report(Told(BRAM, Flaw.WRONG), anew(PARENTIA, "jbplus:melding"))
