"""A server on the loopback that says on each connection exactly what a test wants, to the byte."""

import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

RESET = b"reset"
"""Said instead of an answer, or at its end: the connection is reset."""


def response(status: str, body: bytes = b"{}", *headers: str, length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass
class Wire:
    """What was asked, and over which connection.

    Attributes:
        url: of the server.
        asked: the requests' heads, by connection in order.
    """

    url: str
    asked: list[list[bytes]] = field(default_factory=list)


@contextmanager
def answering(*connections: Sequence[bytes]) -> Iterator[Wire]:
    """Serve connections one after the other; each gets its answers, one a request, and is closed after them."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        wire = Wire(f"http://127.0.0.1:{server.getsockname()[1]}")
        thread = threading.Thread(target=_serve, args=(server, connections, wire), daemon=True)
        thread.start()
        yield wire
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
    thread.join()


def _serve(server: socket.socket, connections: Sequence[Sequence[bytes]], wire: Wire) -> None:
    for answers in connections:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        wire.asked.append([])
        with connection, connection.makefile("rb") as lines:
            for answer in answers:
                head = b"".join(iter(lines.readline, b"\r\n"))
                length = next((line for line in head.lower().splitlines() if line.startswith(b"content-length")), b":0")
                lines.read(int(length.partition(b":")[2]))
                wire.asked[-1].append(head)
                connection.sendall(answer.removesuffix(RESET))
                if answer.endswith(RESET):
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    break
