"""A server that misbehaves where a real one cannot be made to: it says what the test has it say."""

import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import MappingProxyType

from jbplus.ftps.access import Access
from jbplus_local.certificates import Authority
from jbplus_local.emulator import HOST

ANSWERS: Mapping[str, str] = MappingProxyType(
    {
        "AUTH": "234 go on",
        "USER": "331 and the password",
        "PASS": "230 come in",
        "PBSZ": "200 fine",
        "PROT": "200 fine",
        "TYPE": "200 fine",
        "PWD": '257 "/"',
        "FEAT": "211-\r\n MDTM\r\n MLST\r\n SIZE\r\n211 end",
        "CWD": "250 fine",
        "QUIT": "221 goodbye",
    }
)
"""What a server says when all goes well, by the command."""

HANG_UP, SAY_NOTHING = "hang up", "say nothing"

LISTINGS = ("MLSD", "NLST", "LIST")

Transfer = Callable[[ssl.SSLSocket], str]
"""Does a transfer over the data connection, and gives the answer after it."""


class Misbehaving:
    """Serves one client after the other, until `stop`.

    Args:
        answers: what it says instead of the usual, by the command.
        transfer: what it does when a transfer is asked for.
        authority: vouches for it, and for the client.
    """

    def __init__(
        self,
        answers: Mapping[str, str],
        transfer: Transfer = lambda _: "226 complete",
        authority: Authority | None = None,
    ) -> None:
        self.said: list[str] = []
        self._answers = {**ANSWERS, **answers}
        self._transfer = transfer
        self._authority = authority or Authority()
        self._tls = _tls(self._authority)
        self._listening = socket.create_server((HOST, 0))
        self._port = self._listening.getsockname()[1]
        self._passive = socket.create_server((HOST, 0))
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="misbehaving", daemon=True)
        self._thread.start()

    @property
    def access(self) -> Access:
        """What lets a client in; its patience is short."""
        ours, ca = self._authority.client("exchange"), self._authority.certificate
        return Access(HOST, self._port, "exchange", "secret", ca, ours.certificate, ours.key, timeout=0.5, patience=1)

    def stop(self) -> None:
        """Stop serving."""
        self._stopped.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()
        self._passive.close()

    def _serve(self) -> None:
        while not self._stopped.is_set():
            with suppress(OSError), ExitStack() as connections:
                client, _ = self._listening.accept()
                self._talk(connections.enter_context(client), connections)

    def _talk(self, control: socket.socket, connections: ExitStack) -> None:
        control.settimeout(10)
        control.sendall(b"220 hello\r\n")
        while line := _line(control):
            command = line.split()[0].upper()
            self.said.append(command)
            answer = self._answer(command, line, control)
            if answer == HANG_UP:
                return
            if answer == SAY_NOTHING:
                _line(control)
                return
            control.sendall(f"{answer}\r\n".encode("latin-1"))
            if command == "AUTH" and answer.startswith("234"):
                control = connections.enter_context(self._tls.wrap_socket(control, server_side=True))

    def _answer(self, command: str, _line: str, control: socket.socket) -> str:
        if command in self._answers:
            return self._answers[command]
        if command == "PASV":
            port = self._passive.getsockname()[1]
            # An address that leads elsewhere: a client that follows it is led astray.
            return f"227 (198,51,100,1,{port // 256},{port % 256})"
        if command in {"RETR", "STOR", *LISTINGS}:
            control.sendall(b"150 here it goes\r\n")
            return self._transferred()
        return "502 not known here"

    def _transferred(self) -> str:
        data, _ = self._passive.accept()
        with data, self._tls.wrap_socket(data, server_side=True) as secured:
            return self._transfer(secured)


def _line(control: socket.socket) -> str:
    line = b""
    while not line.endswith(b"\n"):
        byte = control.recv(1)
        if not byte:
            return ""
        line += byte
    return line.decode("utf-8", "replace").strip()


def _tls(authority: Authority) -> ssl.SSLContext:
    server = authority.server()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = Path(folder, "certificate.pem"), Path(folder, "key.pem")
        certificate.write_text(server.certificate, encoding="ascii")
        key.touch(mode=0o600)
        key.write_text(server.key, encoding="ascii")
        context.load_cert_chain(certificate, key)
    return context


@contextmanager
def misbehaving(answers: Mapping[str, str], transfer: Transfer = lambda _: "226 complete") -> Iterator[Misbehaving]:
    """Run a server for as long as it is needed."""
    server = Misbehaving(answers, transfer)
    try:
        yield server
    finally:
        server.stop()
