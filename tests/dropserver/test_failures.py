"""What goes wrong with a server, and what operators are told of it: what, where, and what to do."""

import io
import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from typing_extensions import override

from jbplus.ftps.client import connect
from jbplus.ftps.server import ConnectionLostError, DiskFullError, DropserverError, RemoteFile, Server, upload
from jbplus_local.emulator import free_port
from tests.dropserver.misbehaving import HANG_UP, SAY_NOTHING, Misbehaving, misbehaving

FILE = RemoteFile("secret-name.json", 8, datetime(2025, 3, 4, tzinfo=UTC))
LISTED = "type=file;size=8;modify=20250304000000.123; secret-name.json\r\n"

Act = Callable[[Server], object]


def fetch(server: Server) -> None:
    server.fetch("From_Vip", FILE, io.BytesIO())


def store(server: Server) -> None:
    server.store("To_Vip", FILE.name, io.BytesIO(b"x" * 1_000_000))


def list_files(server: Server) -> list[RemoteFile]:
    return server.files("From_Vip", "*.json")


def size(server: Server) -> int | None:
    return server.size("From_Vip", FILE.name)


def part_of_it(data: ssl.SSLSocket) -> str:
    data.sendall(b"half")
    return "226 complete"


def cut(data: ssl.SSLSocket) -> str:
    data.sendall(b"half")
    data.close()
    return HANG_UP


def half_a_listing(data: ssl.SSLSocket) -> str:
    data.sendall(LISTED.encode())
    return "426 cut"


def refuse(answer: str) -> Callable[[ssl.SSLSocket], str]:
    def transfer(data: ssl.SSLSocket) -> str:
        data.recv(100)
        return answer

    return transfer


def whole(text: str) -> Callable[[ssl.SSLSocket], str]:
    def transfer(data: ssl.SSLSocket) -> str:
        data.sendall(text.encode("utf-8", "surrogateescape"))
        data.unwrap()
        return "226 complete"

    return transfer


@pytest.mark.parametrize(
    ("answers", "kind", "words"),
    [
        ({"AUTH": "502 not known"}, ConnectionLostError, "the server offers no TLS (502), so nothing was said to it"),
        ({"AUTH": "500 not known"}, ConnectionLostError, "the server offers no TLS (500)"),
        ({"AUTH": HANG_UP}, ConnectionLostError, "connecting: the connection was cut"),
        ({"AUTH": SAY_NOTHING}, ConnectionLostError, "connecting: no answer within 0.5 s"),
        ({"PASS": "530 secret-name is not welcome"}, DropserverError, "logging in: the login is refused"),
        ({"PASS": HANG_UP}, ConnectionLostError, "logging in: the connection was cut"),
        ({"PASS": "421 closing"}, ConnectionLostError, "logging in: the server ended the connection (421)"),
        ({"PROT": "536 not here"}, DropserverError, "logging in: the server refuses (536)"),
        ({"PWD": "hello"}, DropserverError, "logging in: the server refuses (no FTP answer)"),
    ],
)
def test_a_connection_that_does_not_come_about_says_why(
    answers: dict[str, str], kind: type[Exception], words: str
) -> None:
    with misbehaving(answers) as server, pytest.raises(DropserverError) as error, connect(server.access):
        pytest.fail("connected")

    assert type(error.value) is kind
    assert str(error.value).startswith(f"dropserver 127.0.0.1:{server.access.port}: ")
    assert words in str(error.value)
    assert "secret-name" not in str(error.value)


def test_to_a_server_without_tls_no_name_and_no_password_are_said() -> None:
    with misbehaving({"AUTH": "502 not known"}) as server, pytest.raises(DropserverError), connect(server.access):
        pass

    assert server.said == ["AUTH"]


def test_where_nobody_listens_is_told() -> None:
    with misbehaving({}) as server:
        access = replace(server.access, port=free_port())

    with pytest.raises(ConnectionLostError, match="nobody listens there; check host and port"), connect(access):
        pass


def test_a_server_that_accepts_and_says_nothing_is_told() -> None:
    with misbehaving({}) as server, socket.create_server(("127.0.0.1", 0)) as silent:
        access = replace(server.access, port=silent.getsockname()[1])

        with pytest.raises(ConnectionLostError, match=r"no answer within 0\.5 s"), connect(access):
            pass


@pytest.mark.parametrize(
    ("answers", "transfer", "act", "kind", "words"),
    [
        ({}, part_of_it, fetch, DropserverError, "fetching from From_Vip: 4 bytes came of a file of 8"),
        ({}, cut, fetch, ConnectionLostError, "fetching from From_Vip: the connection was cut"),
        ({}, lambda _: SAY_NOTHING, fetch, ConnectionLostError, "the server did not confirm a file within 1 s"),
        ({}, refuse("426 cut"), store, DropserverError, "storing in To_Vip: the transfer was cut off (426)"),
        ({}, refuse("552 full"), store, DiskFullError, "storing in To_Vip: the server's disk is full (552)"),
        ({}, refuse("452 full"), store, DiskFullError, "the server's disk is full (452)"),
        ({}, refuse("426 No space left on device"), store, DiskFullError, "the server's disk is full (426)"),
        ({"STOR": "552 full"}, part_of_it, store, DiskFullError, "the server's disk is full (552)"),
        ({"STOR": "553 bad name"}, part_of_it, store, DropserverError, "does not allow this name (553)"),
        ({"RETR": "550 secret-name.json"}, part_of_it, fetch, DropserverError, "it is not there, or not allowed"),
        ({"RETR": "425 none"}, part_of_it, fetch, DropserverError, "no data connection; let the server's passive"),
        ({"RETR": "421 closing"}, part_of_it, fetch, ConnectionLostError, "the server ended the connection (421)"),
        ({"SIZE": "\xff"}, part_of_it, size, DropserverError, "looking into From_Vip"),
        ({"SIZE": HANG_UP}, part_of_it, size, ConnectionLostError, "the connection was cut"),
        ({"SIZE": "530 log in"}, part_of_it, size, DropserverError, "refused"),
        ({}, half_a_listing, list_files, DropserverError, "a listing broke off (426)"),
    ],
)
def test_work_that_goes_wrong_says_what_and_where(
    answers: dict[str, str],
    transfer: Callable[[ssl.SSLSocket], str],
    act: Act,
    kind: type[Exception],
    words: str,
) -> None:
    with (
        misbehaving(answers, transfer) as server,
        connect(server.access) as connected,
        pytest.raises(DropserverError) as error,
    ):
        act(connected)

    assert type(error.value) is kind
    assert words in str(error.value)
    assert "secret-name" not in str(error.value)


@pytest.mark.parametrize("answers", [{"SIZE": HANG_UP}, {"SIZE": SAY_NOTHING}, {"SIZE": "421 closing"}])
def test_a_lost_connection_stays_lost(answers: dict[str, str]) -> None:
    with misbehaving(answers) as server, connect(server.access) as connected:
        with pytest.raises(ConnectionLostError):
            size(connected)
        with pytest.raises(ConnectionLostError, match="renaming in From_Vip: the connection was lost before"):
            connected.rename("From_Vip", "a", "b")


def test_after_a_refusal_the_connection_is_good_for_more() -> None:
    with misbehaving({"SIZE": "213 8"}, refuse("552 full")) as server, connect(server.access) as connected:
        with pytest.raises(DiskFullError):
            store(connected)
        assert size(connected) == 8


def test_no_room_here_is_told_as_such_and_the_connection_is_good_for_more() -> None:
    class Full(io.BytesIO):
        @override
        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    with misbehaving({"SIZE": "213 8"}, part_of_it) as server, connect(server.access) as connected:
        with pytest.raises(DiskFullError, match="no room here for a file of 8 bytes"):
            connected.fetch("From_Vip", FILE, Full())
        assert size(connected) == 8


def test_an_upload_that_is_not_whole_on_the_server_is_not_renamed() -> None:
    with (
        misbehaving({"SIZE": "213 7", "DELE": "250 gone"}, refuse("226 complete")) as server,
        connect(server.access) as connected,
        pytest.raises(DropserverError, match="has 7 bytes of a file of 8"),
    ):
        upload(connected, "To_Vip", "a.json", io.BytesIO(b"12345678"), 8)

    assert "RNFR" not in server.said


@pytest.mark.parametrize("folder", ["../../", "/etc/", "folder/", "C:\\"])
def test_a_listed_path_leads_nowhere_else(folder: str) -> None:
    listed = LISTED.replace("secret-name.json", f"{folder}secret-name.json")

    with misbehaving({}, whole(listed)) as server, connect(server.access) as connected:
        assert list_files(connected) == [FILE]


def test_what_is_a_folder_is_not_listed() -> None:
    folders = "".join(LISTED.replace("=file", f"={kind}") for kind in ("dir", "cdir", "pdir"))

    listed = whole(folders + LISTED.replace("type=file", "Type=FILE"))

    with misbehaving({}, listed) as server, connect(server.access) as connected:
        assert list_files(connected) == [FILE]


@pytest.mark.parametrize("name", ["a\r\nDELE b", "a\x00b"])
def test_a_name_that_would_be_another_command_is_not_said(name: str) -> None:
    with (
        misbehaving({}) as server,
        connect(server.access) as connected,
        pytest.raises(DropserverError, match="a character that FTP cannot say"),
    ):
        connected.remove("From_Vip", name)

    assert "DELE" not in server.said


def test_a_data_connection_that_is_refused_is_told_with_the_servers_reason() -> None:
    class Strict(Misbehaving):
        @override
        def _transferred(self) -> str:
            self._passive.accept()[0].close()
            return "522 the session must go on"

    server = Strict({})
    with (
        connect(server.access) as connected,
        pytest.raises(DropserverError, match=r"TLS of the data connection \(522\)"),
    ):
        fetch(connected)
    server.stop()


def test_a_server_that_does_not_say_goodbye_does_no_harm() -> None:
    with misbehaving({"QUIT": HANG_UP}) as server, connect(server.access):
        pass
