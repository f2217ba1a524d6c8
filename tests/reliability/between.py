"""What stands between the functions and the emulator of AWS: it hands requests on, or does to them what goes wrong."""

import http.client
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import urlsplit

from typing_extensions import override

_SKEW: Final = timedelta(minutes=5)
_OWN = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding", "date", "server"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to AWS.

    Attributes:
        operation: service and operation, as `dynamodb:PutItem`; of S3 the method, as `s3:PUT`.
        about: the address and the body.
        signed: when the client says that it is.
    """

    operation: str
    about: str
    signed: datetime | None


@dataclass(frozen=True, slots=True)
class Refuses:
    """AWS refuses.

    Attributes:
        code: of the error.
        status: of HTTP.
        done: whether it does what was asked all the same.
    """

    code: str
    status: int = 400
    done: bool = False


@dataclass(frozen=True, slots=True)
class HangsUp:
    """The connection is cut without an answer.

    Attributes:
        done: whether what was asked was done.
    """

    done: bool = False


@dataclass(frozen=True, slots=True)
class Silent:
    """No answer comes while the client has patience."""


Fault = Refuses | HangsUp | Silent
Rule = Callable[[Asked], Fault | None]


def nothing_wrong(_: Asked) -> Fault | None:
    """Hand everything on."""
    return None


def only(operation: str, fault: Fault, about: str = "") -> Rule:
    """Have a fault befall the operations that begin so, and are about that."""
    return lambda asked: fault if asked.operation.startswith(operation) and about in asked.about else None


def skewed(by: timedelta) -> Rule:
    """Have AWS's clock go otherwise than the client's: it refuses what was signed at another time, as AWS does."""

    def rule(asked: Asked) -> Fault | None:
        if asked.signed is None or abs(datetime.now(UTC) + by - asked.signed) <= _SKEW:
            return None
        code = "RequestTimeTooSkewed" if asked.operation.startswith("s3:") else "InvalidSignatureException"
        return Refuses(code, 403)

    return rule


@dataclass
class Between:
    """Stands between.

    Attributes:
        url: where it listens, in the stead of the emulator.
        asked: the requests so far.
        connections: how many came so far.
        rule: decides what goes wrong.
    """

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    rule: Rule = nothing_wrong
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _over: threading.Event = field(default_factory=threading.Event)

    def connected(self) -> None:
        """Count a connection."""
        with self._lock:
            self.connections += 1

    def judge(self, asked: Asked) -> Fault | None:
        """Note a request, and tell what befalls it."""
        with self._lock:
            self.asked.append(asked)
            return self.rule(asked)

    def silence(self) -> None:
        """Say nothing until nobody listens any more."""
        self._over.wait()

    def end(self) -> None:
        """Let go of whoever is kept waiting."""
        self._over.set()

    def count(self, operation: str) -> int:
        """Tell how often an operation was asked for."""
        return sum(asked.operation == operation for asked in self.asked)


@contextmanager
def between(emulator: str) -> Iterator[Between]:
    """Listen in the emulator's stead until the block ends.

    Args:
        emulator: its URL.
    """
    ours = Between()
    host = urlsplit(emulator).netloc

    class Handler(_Handler):
        stands, emulator_host = ours, host

    server = _Server(("127.0.0.1", 0), Handler)
    ours.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield ours
    finally:
        ours.end()
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing of a client that did not wait for its answer."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stands: Between
    emulator_host: str

    @override
    def setup(self) -> None:
        super().setup()
        self.stands.connected()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._take
        raise AttributeError(name)

    @override
    def log_message(self, *_: object) -> None:
        """Print nothing."""

    def _take(self) -> None:
        body = self._body()
        about = f"{self.path}\n{body.decode(errors='replace')}"
        fault = self.stands.judge(Asked(self._operation(), about, self._signed()))
        match fault:
            case Silent():
                self.stands.silence()
                self.close_connection = True
            case HangsUp(done=done):
                if done:
                    self._handed_on(body)
                self.close_connection = True
            case Refuses():
                if fault.done:
                    self._handed_on(body)
                self._refuse(fault)
            case None:
                status, headers, content = self._handed_on(body)
                self._answer(status, headers, content)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(parts)

    def _operation(self) -> str:
        target = self.headers.get("X-Amz-Target")
        if target is None:
            service = "lambda" if self.path.startswith("/2015-03-31/") else "s3"
            return f"{service}:{self.command}"
        service, _, operation = target.partition(".")
        return f"{service.partition('_')[0].lower()}:{operation}"

    def _signed(self) -> datetime | None:
        moment = self.headers.get("X-Amz-Date")
        return None if moment is None else datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)

    def _handed_on(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OWN}
        connection = http.client.HTTPConnection(self.emulator_host)
        try:
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def _refuse(self, fault: Refuses) -> None:
        if self._operation().startswith("s3:"):
            content = f"<Error><Code>{fault.code}</Code><Message>refused</Message></Error>".encode()
        else:
            content = json.dumps({"__type": fault.code, "message": "refused"}).encode()
        self._answer(fault.status, [], content)

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in _OWN:
                self.send_header(name, value)
        length = next((value for name, value in headers if name.lower() == "content-length"), str(len(content)))
        self.send_header("Content-Length", length if self.command == "HEAD" else str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
