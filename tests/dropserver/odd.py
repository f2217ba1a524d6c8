"""A whole server with files in memory, but for what it is told to do in its own way, as real ones do."""

import os
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from typing_extensions import override

from jbplus.ftps.access import Access
from jbplus_local.certificates import Authority
from tests.dropserver.misbehaving import Misbehaving
from tests.support.known import INFINO

FOLDERS = ("/", "/From_Vip", f"/To_Vip/{INFINO}")


def usual_facts(name: str, size: int) -> str:
    """Write a line of MLSD."""
    return f"type=file;size={size};modify=20250304183000; {name}"


@dataclass
class Ways:
    """What a server does in its own way.

    Attributes:
        answers: what it says instead of the usual, by the command.
        facts: writes a line of MLSD, given a name and a size.
        listed_name: writes a line of NLST, given the folder and a name.
        before_greeting: what it says before it greets.
        nothing_to_list: what it says when a folder is empty, instead of sending nothing.
        implicit: TLS begins at once.
        farewell: it ends data connections in TLS, and does not wait for the end of TCP.
        ignores_rest: it sends a file from its beginning, wherever it is told to start.
        complete: what it says when a transfer is.
        folder: a folder in that of what comes, listed as if it were a file.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    facts: Callable[[str, int], str] = usual_facts
    listed_name: Callable[[str, str], str] = lambda _folder, name: name
    before_greeting: bytes = b""
    nothing_to_list: str | None = None
    implicit: bool = False
    farewell: bool = True
    ignores_rest: bool = False
    complete: str = "226 complete"
    folder: str = "folder"


class Odd(Misbehaving):
    """Serves files in its own way.

    Attributes:
        files: what it holds, by the path.
        sent: the number of bytes that it sent.
        stored: how many files it was given.
    """

    def __init__(self, files: Mapping[str, bytes], ways: Ways, authority: Authority | None = None) -> None:
        self.files = dict(files)
        self.sent, self.stored = 0, 0
        self._ways = ways
        self._here, self._start, self._renamed = "/", 0, ""
        super().__init__(ways.answers, authority=authority)

    @property
    @override
    def access(self) -> Access:
        # Longer than the server waits for anything.
        return replace(super().access, implicit=self._ways.implicit, timeout=10, patience=10)

    @override
    def _talk(self, control: socket.socket, connections: ExitStack) -> None:
        if self._ways.implicit:
            control = connections.enter_context(self._tls.wrap_socket(control, server_side=True))
        control.sendall(self._ways.before_greeting)
        super()._talk(control, connections)

    @override
    def _answer(self, command: str, line: str, control: socket.socket) -> str:
        if command in self._ways.answers:
            return self._ways.answers[command]
        said = line.partition(" ")[2]
        path = said if said.startswith("/") else f"{self._here.rstrip('/')}/{said}"
        usual: Mapping[str, Callable[[str, socket.socket], str]] = {
            "CWD": self._cwd,
            "SIZE": lambda path, _: self._of(path, lambda: f"213 {len(self.files[path])}"),
            "MDTM": lambda path, _: self._of(path, lambda: "213 20250304183000"),
            "REST": self._rest,
            "RETR": lambda path, control: self._of(path, lambda: self._retr(path, control)),
            "STOR": self._stor,
            "RNFR": lambda path, _: self._of(path, lambda: self._rnfr(path)),
            "RNTO": self._rnto,
            "DELE": lambda path, _: self._of(path, lambda: self._dele(path)),
            "MLSD": lambda _, control: self._list(self._ways.facts, control),
            "NLST": lambda _, control: self._list(self._nlst, control),
            "LIST": lambda _, control: self._list(
                lambda name, size: f"-rw-r--r-- 1 us us {size} Mar 4 18:30 {name}", control
            ),
            "EPSV": lambda _, __: f"229 (|||{self._passive.getsockname()[1]}|)",
        }
        return usual[command](path, control) if command in usual else super()._answer(command, line, control)

    def _of(self, path: str, answer: Callable[[], str]) -> str:
        return answer() if path in self.files else "550 no such file"

    def _cwd(self, path: str, _control: socket.socket) -> str:
        if path not in (*FOLDERS, f"/From_Vip/{self._ways.folder}"):
            return "550 no such folder"
        self._here = path
        return "250 fine"

    def _rest(self, said: str, _control: socket.socket) -> str:
        self._start = 0 if self._ways.ignores_rest else int(said.rpartition("/")[2])
        return "350 go on"

    def _rnfr(self, path: str) -> str:
        self._renamed = path
        return "350 go on"

    def _rnto(self, path: str, _control: socket.socket) -> str:
        self.files[path] = self.files.pop(self._renamed)
        return "250 fine"

    def _dele(self, path: str) -> str:
        del self.files[path]
        return "250 gone"

    def _nlst(self, name: str, _size: int) -> str:
        return self._ways.listed_name(self._here, name)

    def _list(self, write: Callable[[str, int], str], control: socket.socket) -> str:
        there = {path.rpartition("/")[2]: content for path, content in self.files.items() if self._is_here(path)}
        if not there and self._ways.nothing_to_list:
            return self._ways.nothing_to_list
        lines = "".join(f"{write(name, len(content))}\r\n" for name, content in there.items())
        return self._moved(lambda data: self._send(data, lines.encode("utf-8", "surrogateescape")), control)

    def _is_here(self, path: str) -> bool:
        return path.rpartition("/")[0] == self._here

    def _retr(self, path: str, control: socket.socket) -> str:
        start, self._start = self._start, 0
        return self._moved(lambda data: self._send(data, self.files[path][start:]), control)

    def _stor(self, path: str, control: socket.socket) -> str:
        self.stored += 1
        return self._moved(lambda data: self._receive(data, path), control)

    def _moved(self, move: Callable[[ssl.SSLSocket], None], control: socket.socket) -> str:
        def transfer(data: ssl.SSLSocket) -> str:
            move(data)
            return self._ways.complete

        control.sendall(b"150 here it goes\r\n")
        self._transfer = transfer
        return self._transferred()

    def _send(self, data: ssl.SSLSocket, content: bytes) -> None:
        for at in range(0, len(content), 1024):
            data.sendall(content[at : at + 1024])
            self.sent += len(content[at : at + 1024])
        if self._ways.farewell:
            with suppress(OSError):
                data.unwrap()

    def _receive(self, data: ssl.SSLSocket, path: str) -> None:
        content = b""
        while block := data.recv(65536):
            content += block
        self.files[path] = content
        if not self._ways.farewell:
            with socket.socket(fileno=os.dup(data.fileno())) as raw:
                raw.settimeout(2)
                raw.recv(1)


@contextmanager
def odd(
    files: Mapping[str, bytes] = MappingProxyType({}), ways: Ways | None = None, authority: Authority | None = None
) -> Iterator[Odd]:
    """Run a server for as long as it is needed."""
    server = Odd(files, ways or Ways(), authority)
    try:
        yield server
    finally:
        server.stop()
