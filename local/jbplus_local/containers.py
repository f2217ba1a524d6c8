"""How a container reaches the emulator, which listens on this machine's loopback interface alone."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

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
    loop = asyncio.new_event_loop()
    try:
        server = loop.run_until_complete(asyncio.start_server(lambda *ends: _relay(port, *ends), address, port))
    except OSError:
        loop.close()
        raise LocalStackError(
            f"Docker's bridge {address} is not an address of this machine, or its port {port} is taken: is Docker "
            "running elsewhere (a virtual machine, another network namespace)?"
        ) from None
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield ["--add-host", f"{NAME}:{address}"]
    finally:
        server.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _relay(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        there, back = await asyncio.open_connection(HOST, port)
        await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))
    writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while block := await reader.read(_BLOCK):
            writer.write(block)
            await writer.drain()
    finally:
        writer.close()
