"""The connections of FTPS (RFC 4217), with what servers demand of them, and made do with what servers lack."""

import ftplib
import select
import socket
import ssl
import time
from contextlib import suppress

from typing_extensions import override

from jbplus.ftps.access import Access
from jbplus.ftps.errors import CLOSING
from jbplus.ftps.server import ConnectionLostError

LISTINGS = ("MLSD", "NLST", "LIST")
"""The commands that list, the one that tells most first."""

FAREWELL_SECONDS = 2.0
"""How long the end of what is done already may take."""

_RAW = "latin-1"  # any bytes pass through it unchanged: what a server says may be in any encoding
_NOT_TO_BE_PASSED_OVER = (CLOSING, "530")
# Routers forget connections that are silent, as the control connection is during a long transfer.
_KEEP_ALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 30, "TCP_KEEPCNT": 4}


class Connection(ftplib.FTP_TLS):
    """As the standard library's, but for what servers demand or lack."""

    def __init__(self, access: Access) -> None:
        super().__init__(context=access.tls(), timeout=access.timeout, encoding=_RAW)
        self._access = access
        self._extended = False
        self._unused: socket.socket | None = None

    def reach(self) -> None:
        """Connect, and have TLS on the control connection."""
        access = self._access
        self.host, self.port = access.host, access.port
        self.sock = socket.create_connection((self.host, self.port), access.timeout)
        self.af = self.sock.family
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEP_ALIVE.items():
            if hasattr(socket, name):
                self.sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        if access.implicit:
            self.sock = self.context.wrap_socket(self.sock, server_hostname=self.host)
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()
        while self.welcome.startswith("1"):  # 120: in a moment
            self.welcome = self.getresp()
        if not access.implicit:
            self.auth()

    def opened(self, command: str, start: int) -> ssl.SSLSocket | None:
        """Give a command its data connection; None when the server is done without one."""
        assert isinstance(self.sock, ssl.SSLSocket)  # noqa: S101 - else we would have stopped at AUTH
        unused, self._unused = self._unused, None
        if unused and command not in LISTINGS:
            unused.close()
            unused = None
        data = unused or socket.create_connection(self.makepasv(), self.timeout)
        try:
            # Else the end of a small file waits 40 ms for the other side's word on its beginning.
            data.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if start:
                self.sendcmd(f"REST {start}")
            answer = self.sendcmd(command)
            if answer.startswith("200"):  # some say so before they begin
                answer = self.getresp()
            if answer.startswith("2"):
                data.close()
                return None
            if not answer.startswith("1"):
                raise ftplib.error_reply(answer)  # noqa: S321 - an error
        except ftplib.error_perm:
            # The server made no use of it; it is there for another command that lists.
            if command in LISTINGS:
                self._unused = data
            else:
                data.close()
            raise
        except BaseException:
            data.close()
            raise
        try:
            # Servers demand this session: it proves that both connections come from the same client.
            return self.context.wrap_socket(data, server_hostname=self.host, session=self.sock.session)
        except OSError:
            data.close()
            self.voidresp()  # the server's own word says more
            raise

    @override
    def close(self) -> None:
        if self._unused:
            self._unused.close()
        super().close()

    @override
    def makepasv(self) -> tuple[str, int]:
        refused = None
        if not self._extended:
            try:
                return super().makepasv()
            except ftplib.Error as error:
                if not may_be_passed_over(error):
                    raise
                refused = error
        try:
            answer = self.sendcmd("EPSV")
            found = ftplib.parse229(answer, self.sock.getpeername())  # type: ignore[union-attr]  # noqa: S321
        except ftplib.Error as error:
            raise refused or error from None
        self._extended = True
        return found

    def completed(self) -> None:
        """Hear the server say that a transfer is complete.

        Raises:
            ConnectionLostError: it does not say so in time.
        """
        assert self.sock is not None  # noqa: S101 - it was there a moment ago
        self.sock.settimeout(self._access.patience)
        try:
            self.voidresp()
        except TimeoutError:
            raise ConnectionLostError(
                f"dropserver {self.host}:{self.port}: the server did not confirm a file within "
                f"{self._access.patience:g} s; let it have more time if it looks for viruses first"
            ) from None
        finally:
            self.sock.settimeout(self._access.timeout)


def say_farewell(data: ssl.SSLSocket) -> None:
    """End a data connection in TLS and in TCP, and do not wait for the other side to: not every server does."""
    data.settimeout(0)
    until = time.monotonic() + FAREWELL_SECONDS
    said = False
    while not said:
        try:
            data.unwrap()
        except ssl.SSLWantWriteError:
            said = not select.select([], [data], [], max(0.0, until - time.monotonic()))[1]
        except OSError:
            said = True  # the other side did not say its own yet, or is gone
        else:
            said = True
    with suppress(OSError):
        data.shutdown(socket.SHUT_WR)


def answer_to(ftp: ftplib.FTP, command: str) -> str | None:
    """Ask what a server need not know; None when it refuses."""
    try:
        return ftp.sendcmd(command)
    except (ftplib.error_perm, ftplib.error_temp) as error:
        if not may_be_passed_over(error):
            raise
        return None


def may_be_passed_over(error: ftplib.Error) -> bool:
    """Tell whether the server goes on after such an answer, and we are still let in."""
    return not str(error).startswith(_NOT_TO_BE_PASSED_OVER)


def on_the_wire(text: str) -> str:
    """Give a text, of which what is not UTF-8 is escaped, as the control connection takes it."""
    return text.encode("utf-8", "surrogateescape").decode(_RAW)


def from_the_wire(text: str) -> str:
    """Read what the control connection gave, as UTF-8 where it is; what is not is escaped."""
    return text.encode(_RAW).decode("utf-8", "surrogateescape")
