"""Both outer ends over real FTPS: WEWIS's file goes up, a recipient's notices come down."""

import io
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from jbplus.ftps.client import connect
from jbplus.ftps.server import TEMPORARY
from jbplus.protocol.purposes import Right
from jbplus.registrations.rules import Registration
from jbplus_local.dropserver import FROM_VIP, TO_VIP, Dropserver
from jbplus_recipient.client import Recipient
from jbplus_recipient.deductions import CSV_NAME
from jbplus_recipient.mailbox import Mailbox
from jbplus_recipient.store import Store
from tests.cli.source.world import Source
from tests.recipient.fakes import INFINO, NOW, MemoryService, notice_bytes, notice_name, person
from tests.support.people import ANNA, BRAM

pytestmark = pytest.mark.filterwarnings("ignore:X509.get_subject is deprecated:DeprecationWarning")

PAID = f"JBP-1,{ANNA},2024,1,600.00,2025-03-03"


@pytest.fixture
def dropserver(tmp_path: Path) -> Iterator[Dropserver]:
    serving = Dropserver(tmp_path / "dropserver")
    yield serving
    serving.stop()


def put(dropserver: Dropserver, name: str, content: bytes) -> None:
    (dropserver.folder / TO_VIP / INFINO.kbo / name).write_bytes(content)


def left(dropserver: Dropserver) -> list[str]:
    return sorted(path.name for path in (dropserver.folder / TO_VIP / INFINO.kbo).iterdir())


def test_a_recipient_takes_its_notices_and_leaves_what_is_none(dropserver: Dropserver, tmp_path: Path) -> None:
    put(dropserver, notice_name(1), notice_bytes(1, [(ANNA, 17)]))
    put(dropserver, notice_name(2), notice_bytes(2, [(BRAM, 18)])[:-1])
    put(dropserver, notice_name(3), notice_bytes(3, [(ANNA, 19)]))
    put(dropserver, notice_name(4) + TEMPORARY, b"{")
    service = MemoryService(known={ANNA: person(ANNA, 19, "600.00"), BRAM: person(BRAM, 18, "25.00")})
    mailbox = Mailbox(partial(connect, dropserver.access(INFINO.key)), ".")

    with Store.opened(tmp_path / "state", INFINO) as store:
        recipient = Recipient(store, service, now=lambda: NOW)
        recipient.add([ANNA, BRAM], Registration(date(2025, 1, 1), None, Right.RUNNING))
        first = recipient.sync(mailbox, output=tmp_path)
        stayed = left(dropserver)
        put(dropserver, notice_name(2), notice_bytes(2, [(BRAM, 18)]))
        second = recipient.sync(mailbox, output=tmp_path)

    assert (first.taken, [file.name for file in first.malformed]) == (2, [notice_name(2)])
    assert stayed == [notice_name(2), notice_name(4) + TEMPORARY]
    assert [gap.words for gap in first.standing.missing] == ["2"]
    assert (second.taken, second.malformed, second.standing.missing) == (1, (), ())
    assert left(dropserver) == [notice_name(4) + TEMPORARY]
    assert (tmp_path / CSV_NAME).read_text().splitlines()[1:] == [
        f"{ANNA},2024,600.00,0.00,600.00,600.00,19,nee",
        f"{BRAM},2024,25.00,0.00,25.00,25.00,18,nee",
    ]


def test_the_sources_file_arrives_as_it_was_made(dropserver: Dropserver, tmp_path: Path) -> None:
    source = Source(tmp_path)
    source.make(source.csv(PAID))
    (path,) = source.made()
    content = path.read_bytes()

    sent = source.run("send", dropserver=lambda _access: connect(dropserver.access("wewis")))

    assert sent.exit_code == 0, sent.output
    arrived = list((dropserver.folder / FROM_VIP).iterdir())
    assert [(there.name, there.read_bytes()) for there in arrived] == [(path.name, content)]


def test_a_sending_that_was_killed_midway_is_done_again(dropserver: Dropserver, tmp_path: Path) -> None:
    source = Source(tmp_path)
    source.make(source.csv(PAID))
    (path,) = source.made()
    with connect(dropserver.access("wewis")) as server:
        server.store(FROM_VIP, path.name + TEMPORARY, io.BytesIO(b"half"))

    sent = source.run("send", dropserver=lambda _access: connect(dropserver.access("wewis")))

    assert sent.exit_code == 0, sent.output
    assert [there.name for there in (dropserver.folder / FROM_VIP).iterdir()] == [path.name]
