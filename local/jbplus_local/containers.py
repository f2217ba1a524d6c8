"""How a container reaches the emulator, which listens on this machine's loopback interface alone."""

import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from typing_extensions import override

from jbplus_local.emulator import HOST
from jbplus_local.errors import LocalStackError

NAME = "host.docker.internal"
"""What containers call this machine: Docker Desktop's own name, which we give it on Linux too."""

_GATEWAY = ("docker", "network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}")
_BLOCK = 65536


def gateway() -> str | None:
    """Give the address of Docker's bridge on this machine; None where Docker brings its own way (not on Linux).

    Raises:
        LocalStackError: Docker is not there.
    """
    try:
        done = subprocess.run(_GATEWAY, check=True, capture_output=True, text=True)  # noqa: S603 - our own words
    except (OSError, subprocess.CalledProcessError):
        raise LocalStackError(
            "Docker is not running here: `docker network inspect bridge` fails. Start it, or install it; as root on "
            "Debian, `make sam-local` needs neither."
        ) from None
    return done.stdout.strip() if sys.platform == "linux" else None


@contextmanager
def reachable(address: str | None, port: int) -> Iterator[list[str]]:
    """Have containers reach a port of the loopback interface, under the same number.

    Args:
        address: of Docker's bridge, where a relay listens meanwhile; None when none is needed.
        port: the port.

    Yields:
        What `sam local` is told for it.

    Raises:
        LocalStackError: the bridge's address is not this machine's.
    """
    if address is None:
        yield []
        return
    try:
        server = _Relay((address, port), _Connection)
    except OSError:
        raise LocalStackError(
            f"Docker's bridge {address} is not an address of this machine, or its port {port} is taken: is Docker "
            "running elsewhere (a virtual machine, another network namespace)?"
        ) from None
    with server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield ["--add-host", f"{NAME}:{address}"]
        finally:
            server.shutdown()


class _Relay(socketserver.ThreadingTCPServer):
    """Passes connections on to the same port of the loopback interface."""

    allow_reuse_address = True
    daemon_threads = True


class _Connection(socketserver.BaseRequestHandler):
    @override
    def handle(self) -> None:
        here: socket.socket = self.request
        with suppress(OSError), socket.create_connection((HOST, here.getsockname()[1])) as there:
            back = threading.Thread(target=_pass_on, args=(there, here), daemon=True)
            back.start()
            _pass_on(here, there)
            back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(_BLOCK):
            target.sendall(block)
        target.shutdown(socket.SHUT_WR)
