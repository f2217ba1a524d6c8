"""C2 and Articles 5 and 6, the whole circle on the deployed template: dropserver, intake, notice, recipient."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from jbplus.ftps.client import connect
from jbplus.ftps.server import upload
from jbplus.protocol.parties import PARTIES, Party
from jbplus.protocol.purposes import Purpose, Right
from jbplus.registrations.rules import Registration
from jbplus_cli.files.delivery import Deliveries
from jbplus_cli.operating.clockwork import Clockwork, Visited
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Endpoints, Target
from jbplus_local.stack import LocalStack
from jbplus_recipient.client import Recipient
from jbplus_recipient.deductions import Deduction
from jbplus_recipient.exchange import Question
from jbplus_recipient.mailbox import Mailbox
from jbplus_recipient.service import PartyService
from jbplus_recipient.stands import Kind
from jbplus_recipient.store import Store
from tests.e2e.conftest import settings_in
from tests.e2e.exchange import lines_with
from tests.e2e.test_alarms import watched, written
from tests.support import command
from tests.support.files import annulment, mutation_file, record
from tests.support.people import ANNA, BRAM, CELINE
from tests.support.waiting import wait_for

INFINO, KIDSLIFE, WEWIS = (next(p for p in PARTIES if p.key == key) for key in ("infino", "kidslife", "wewis"))
OPEN = Registration(date(2025, 1, 1), None, Right.RUNNING)
NAME = "werk.publiceermutatiejobbonusplus-0100_2025030{}183000000.json"


class Circle:
    """A stack with a dropserver, and the parties at their ends of it."""

    def __init__(self, stack: LocalStack, folder: Path) -> None:
        self.stack = stack
        self.folder = folder
        self.world = Surroundings.real()
        self.target = Target.local(Endpoints.model_validate(stack.endpoints, from_attributes=True))

    def drop(self, content: bytes, day: int) -> None:
        """Drop a mutation file as WEWIS does, and wait until it is taken in."""
        name = NAME.format(day)
        path = self.folder / name
        path.write_bytes(content)
        deliveries = Deliveries.of(self.world, self.target)
        expected = deliveries.expect(path)
        with connect(self.stack.dropserver.access(WEWIS.key)) as server:
            upload(server, "From_Vip", name, BytesIO(content), len(content))
        self.visit()  # the clock's own visit may take it first
        deliveries.wait(expected, 60)

    def visit(self) -> Visited:
        """Visit the dropserver."""
        return Clockwork.of(self.world, self.target).visit()

    def tell(self) -> Visited:
        """Make the notices, and send them."""
        Clockwork.of(self.world, self.target).tell()
        return self.visit()

    def folder_of(self, party: Party) -> list[str]:
        """List what a party finds on the dropserver."""
        with connect(self.stack.dropserver.access(party.key)) as server:
            folder = f"To_Vip/{party.kbo}" if party is WEWIS else "."
            return [file.name for file in server.files(folder, "*")]

    def deductions(self, store: Store) -> list[Deduction]:
        """Be Infino: fetch notices, look up, and say what is to be deducted."""
        recipient = self.recipient(store)
        mailbox = Mailbox(partial(connect, self.stack.dropserver.access(INFINO.key)), ".")
        recipient.sync(mailbox, output=self.folder)
        return list(store.deductions())

    def recipient(self, store: Store) -> Recipient:
        """Be Infino."""
        exchange = self.world.exchange(self.target, "tester")
        service = PartyService(exchange, INFINO, Question(Purpose.SOCIAL_SUPPLEMENT))
        return Recipient(store, service, now=lambda: datetime.now(UTC))


@pytest.fixture(scope="module")
def circle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Circle]:
    settings = settings_in(tmp_path_factory.mktemp("circle"), dropserver=True)
    with LocalStack(settings) as stack:
        yield Circle(stack, tmp_path_factory.mktemp("infino"))


def test_the_whole_circle(circle: Circle) -> None:
    first = mutation_file([record(ANNA, "a"), record(BRAM, "b"), record(CELINE, "c")], 1)
    second = mutation_file([record(ANNA, "a-2", verrichtingbedrag="-150.00"), annulment(BRAM, "b")], 2)

    with Store.opened(circle.folder / "state", INFINO) as store:
        circle.recipient(store).add([ANNA, BRAM], OPEN)
        circle.drop(first, 4)
        sent = circle.tell()
        assert sent.sent >= 1
        assert len(circle.folder_of(INFINO)) == 1
        paid = circle.deductions(store)
        assert circle.folder_of(INFINO) == []
        circle.drop(second, 5)
        circle.tell()
        changed = circle.deductions(store)
        standing = store.standing()

    assert [(row.insz, row.fiscal_year, row.deducted) for row in paid] == [
        (ANNA, 2024, Decimal("600.00")),
        (BRAM, 2024, Decimal("600.00")),
    ]
    assert [(row.insz, row.fiscal_year, row.deducted) for row in changed] == [(ANNA, 2024, Decimal("450.00"))]
    assert (standing.last_notice, standing.missing, standing.due) == (2, (), ())
    assert circle.folder_of(KIDSLIFE) == []


def test_a_party_that_lost_all_it_knew_is_in_step_again_by_its_stand_and_its_own_list(circle: Circle) -> None:
    with Store.opened(circle.folder / "lost", INFINO) as store:
        circle.recipient(store).add([BRAM, CELINE], OPEN)
        circle.deductions(store)
    mailbox = Mailbox(partial(connect, circle.stack.dropserver.access(INFINO.key)), ".")
    circle.stack.aws.functions().invoke(
        FunctionName=circle.stack.outputs["StandPublishingFunction"],
        Payload=json.dumps({"party": INFINO.kbo}).encode(),
    )
    circle.visit()

    with Store.opened(circle.folder / "anew", INFINO) as store:
        outcome = circle.recipient(store).sync(mailbox, output=circle.folder, own=[CELINE, BRAM, ANNA])
        again = circle.recipient(store).sync(mailbox, output=circle.folder)

    assert {BRAM, CELINE} <= {one.name for one in outcome.differed} <= {ANNA, BRAM, CELINE}
    assert {(one.kind, one.is_healed) for one in outcome.differed} == {(Kind.NOT_HERE, True)}
    assert (outcome.standing.is_in_step, again.standing.is_in_step, again.differed) == (True, True, ())
    assert circle.folder_of(INFINO) == []


def test_the_source_finds_its_reports_on_the_dropserver(circle: Circle) -> None:
    circle.drop(mutation_file([record(CELINE, "d", verrichtingbedrag="0")], 3), 6)
    circle.visit()

    with connect(circle.stack.dropserver.access(WEWIS.key)) as server:
        reports = server.files(f"To_Vip/{WEWIS.kbo}", "*.json")
        content = BytesIO()
        server.fetch(f"To_Vip/{WEWIS.kbo}", reports[-1], content)

    assert json.loads(content.getvalue())["status"] == "gedeeltelijkVerwerkt"
    assert not [key for key in keys(circle, "uitgaand/") if "notificaties" not in key]


def test_the_source_compares_its_books_with_what_is_live(circle: Circle, tmp_path: Path) -> None:
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "endpoints.json").write_text(json.dumps(asdict(circle.stack.endpoints)))
    world, books, state = replace(circle.world, folder=tmp_path), tmp_path / "books.csv", tmp_path / "wewis"

    def run(*words: object) -> tuple[int, Any]:
        result = command.run([*words, "--json"], world)
        return result.exit_code, json.loads(result.stdout)

    rows = [f"a,{ANNA},2024,1,600.00", f"a-2,{ANNA},2024,1,-150.00", f"c,{CELINE},2024,1,600.00"]
    header = "referte,insz,fiscaalJaar,bedragtype,bedrag,datum\n"
    functions = circle.stack.aws.functions()
    functions.invoke(FunctionName=circle.stack.outputs["SourceStandFunction"], Payload=b"{}")
    circle.visit()
    assert run("stand-key", "-o", state / "stand.key")[0] == 0
    compare = ("source", "compare", books, "--state", state, "--allow-test-numbers")

    books.write_text(header + "".join(f"{row},2025-03-03\n" for row in rows))
    code, said = run(*compare)
    assert (code, said["same"]) == (0, 3), said

    books.write_text(header + "".join(f"{row},2025-03-03\n" for row in [f"b,{BRAM},2024,1,600.00", *rows[:2]]))
    code, said = run(*compare)
    assert code == 1
    assert said["items"] == [
        {"kind": "missing", "referte": "b", "line": 2},
        {"kind": "superfluous", "referte": "c", "volgnummer": 1, "index": 2},
    ]


def test_a_visit_writes_each_metric_that_an_alarm_on_the_dropserver_watches(circle: Circle) -> None:
    circle.visit()
    stack = circle.stack
    expected = {each for each in watched(stack.endpoints.stack) if ("service", "dropserver") in each[1]}

    assert expected
    wait_for(lambda: expected <= set(written(stack)), f"each of {expected}")


def test_the_same_file_dropped_again_tells_nothing_new(circle: Circle) -> None:
    circle.tell()
    before = set(keys(circle, "verzonden/"))
    content = mutation_file([record(ANNA, "a"), record(BRAM, "b"), record(CELINE, "c")], 1)
    circle.drop(content, 7)
    circle.tell()

    # The report alone. (What was sent before may lie there again: a visit that dies sends it twice.)
    (sent,) = set(keys(circle, "verzonden/")) - before
    assert sent.startswith(f"verzonden/{WEWIS.kbo}/")


def test_what_was_taken_is_gone_from_the_dropserver(circle: Circle) -> None:
    with connect(circle.stack.dropserver.access()) as server:
        assert server.files("From_Vip", "*") == []


def keys(circle: Circle, prefix: str) -> list[str]:
    found = circle.stack.aws.s3().list_objects_v2(Bucket=circle.stack.endpoints.bucket, Prefix=prefix)
    return [item["Key"] for item in found.get("Contents", [])]


def test_no_log_line_of_the_circle_holds_a_number_or_an_amount(circle: Circle) -> None:
    lines = lines_with(circle.stack, "DROP001", "DROP002", "NOTICE001", '"FilesFetched"')

    held = (ANNA, BRAM, CELINE, "150.00", circle.stack.dropserver.access().password)
    assert [line for line in lines if any(secret in line for secret in held)] == []
