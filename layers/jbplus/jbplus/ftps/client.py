"""An FTPS server (RFC 4217): explicit TLS with certificates on both sides, in passive mode."""

import ftplib
import posixpath
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import BinaryIO

from typing_extensions import override

from jbplus.ftps.access import Access
from jbplus.ftps.errors import told, without_tls
from jbplus.ftps.server import ConnectionLostError, DiskFullError, DropserverError, RemoteFile, Server

__all__ = ["Access", "connect"]

_BLOCK = 64 * 1024
_WILDCARDS = frozenset("*?[")
_NOT_THERE = "550"


@contextmanager
def connect(access: Access) -> Iterator[Server]:
    """Connect and log in; at the end, whatever happens, hang up.

    Raises:
        DropserverError: the server is not reached, not the right one, or does not let us in.
    """
    ftp = _Ftps(context=access.tls(), timeout=access.timeout)
    try:
        yield _logged_in(ftp, access)
        # Everything is done already; a server that does not say goodbye does no harm.
        with suppress(OSError, EOFError, ftplib.Error, AttributeError):
            ftp.quit()
    finally:
        ftp.close()


class _Ftps(ftplib.FTP_TLS):
    """As the standard library's, but data connections go on with the TLS session of the control connection."""

    @override
    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        data, size = super(ftplib.FTP_TLS, self).ntransfercmd(cmd, rest)
        assert isinstance(self.sock, ssl.SSLSocket)  # noqa: S101 - else we would have stopped at AUTH
        # Else the end of a small file waits 40 ms for the other side's word on its beginning.
        data.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            # Servers demand it: it proves that both connections come from the same client.
            return self.context.wrap_socket(data, server_hostname=self.host, session=self.sock.session), size
        except BaseException:
            data.close()
            raise


def _logged_in(ftp: _Ftps, access: Access) -> "_FtpsServer":
    where = f"dropserver {access.host}:{access.port}"
    with told(f"{where}: connecting", access.timeout):
        ftp.connect(access.host, access.port)
        # A long transfer leaves this connection silent; routers forget silent ones.
        ftp.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # type: ignore[union-attr]  # just made
        try:
            ftp.auth()
        except ftplib.Error as error:
            raise without_tls(f"{where}: connecting", str(error)) from None
    with told(f"{where}: logging in", access.timeout):
        try:
            ftp.login(access.user, access.password, secure=False)  # TLS is on already
        except ValueError:
            raise DropserverError("user or password in the dropserver's secret holds a line end") from None
        ftp.prot_p()
        ftp.voidcmd("TYPE I")
        home = ftp.pwd()
        try:
            lines = ftp.sendcmd("FEAT").upper().splitlines()
        except ftplib.error_perm:
            lines = []
    features = frozenset(line.split()[0] for line in lines[1:-1] if line.strip())
    return _FtpsServer(ftp, where, access.timeout, home, features)


@dataclass(frozen=True, slots=True)
class _FtpsServer:
    ftp: _Ftps
    where: str
    timeout: float
    home: str
    features: frozenset[str]

    def files(self, folder: str, pattern: str) -> list[RemoteFile]:
        with self._told(f"listing {folder}"):
            if _WILDCARDS.isdisjoint(pattern) and {"SIZE", "MDTM"} <= self.features:
                found = [self._look_at(self._path(folder, pattern), pattern)]
            else:
                self.ftp.cwd(self._path(folder))  # a folder that is missing is not an empty one
                found = self._listed(pattern)
        return sorted((file for file in found if file), key=lambda file: file.name)

    def fetch(self, folder: str, file: RemoteFile, into: BinaryIO) -> None:
        fetched = 0

        def receive(data: socket.socket) -> None:
            nonlocal fetched
            while block := data.recv(_BLOCK):
                fetched += len(block)
                try:
                    into.write(block)
                except OSError as error:
                    raise DiskFullError(f"no room here for a file of {file.size} bytes ({error.errno})") from None

        doing = f"fetching from {folder}"
        with self._told(doing):
            self._transfer(f"RETR {self._path(folder, file.name)}", receive)
        if fetched != file.size:
            raise DropserverError(
                f"{self.where}: {doing}: {fetched} bytes came of a file of {file.size}; it waits for the next round"
            )

    def store(self, folder: str, name: str, content: BinaryIO) -> None:
        def send(data: socket.socket) -> None:
            while block := content.read(_BLOCK):
                data.sendall(block)

        with self._told(f"storing in {folder}"):
            self._transfer(f"STOR {self._path(folder, name)}", send)

    def size(self, folder: str, name: str) -> int | None:
        with self._told(f"looking into {folder}"):
            return self._size(self._path(folder, name))

    def rename(self, folder: str, name: str, to: str) -> None:
        with self._told(f"renaming in {folder}"):
            self.ftp.rename(self._path(folder, name), self._path(folder, to))

    def remove(self, folder: str, name: str) -> None:
        path = self._path(folder, name)
        with self._told(f"removing from {folder}"):
            try:
                self.ftp.voidcmd(f"DELE {path}")
            except ftplib.error_perm:
                if self._size(path) is not None:
                    raise

    @contextmanager
    def _told(self, doing: str) -> Iterator[None]:
        where = f"{self.where}: {doing}"
        if self.ftp.sock is None:
            raise ConnectionLostError(f"{where}: the connection was lost before")
        try:
            with told(where, self.timeout):
                yield
        except DropserverError as error:
            if isinstance(error, ConnectionLostError):
                self.ftp.close()
            raise
        except BaseException:
            # We do not know what the server will say next, nor to what.
            self.ftp.close()
            raise

    def _path(self, *parts: str) -> str:
        path = posixpath.normpath(posixpath.join(self.home, *parts))
        if not path.isprintable():
            raise DropserverError(f"{self.where}: a path or a file's name holds a character that FTP cannot say")
        return path

    def _transfer(self, command: str, move: Callable[[socket.socket], None]) -> None:
        """Move bytes over a data connection, and see that the server calls the transfer complete."""
        try:
            with self.ftp.transfercmd(command) as data:
                move(data)
                # The server's answer and the size tell whether all came; not every server says farewell in TLS.
                with suppress(OSError):
                    data.unwrap()  # type: ignore[attr-defined]  # it is a TLS socket
        except (OSError, EOFError):
            # The server's own word says more than a connection that was cut.
            self.ftp.voidresp()
            raise
        except DiskFullError:
            # Whatever the server says of our hanging up, it must be out of the way.
            with suppress(ftplib.Error):
                self.ftp.voidresp()
            raise
        self.ftp.voidresp()

    def _listed(self, pattern: str) -> list[RemoteFile | None]:
        if "MLST" in self.features:
            facts_and_names = (line.partition(" ") for line in self._lines("MLSD"))
            return [_file(facts, name) for facts, _, name in facts_and_names if _matches(name, pattern)]
        return [self._look_at(name, name) for name in self._lines("NLST") if _matches(name, pattern)]

    def _lines(self, command: str) -> list[str]:
        listing = bytearray()

        def receive(data: socket.socket) -> None:
            while block := data.recv(_BLOCK):
                listing.extend(block)

        self._transfer(command, receive)
        # A name that is not UTF-8 gets characters that no pattern of ours matches.
        lines = listing.decode("utf-8", "surrogateescape").split("\n")
        return [line.rstrip("\r") for line in lines if line.strip()]

    def _look_at(self, path: str, name: str) -> RemoteFile | None:
        try:
            size = self._size(path)
            if size is None:
                return None
            return RemoteFile(name, size, _moment(self.ftp.sendcmd(f"MDTM {path}").split()[1]))
        except ftplib.error_perm as error:
            if str(error).startswith(_NOT_THERE):
                return None  # gone between the two
            raise

    def _size(self, path: str) -> int | None:
        try:
            return self.ftp.size(path)
        except ftplib.error_perm as error:
            if str(error).startswith(_NOT_THERE):
                return None
            raise


def _matches(name: str, pattern: str) -> bool:
    # A server that names a path leads us nowhere.
    return "/" not in name and name.isprintable() and fnmatchcase(name, pattern)


def _file(facts: str, name: str) -> RemoteFile | None:
    """Read a line of MLSD (RFC 3659); what is no file is None."""
    known = dict(fact.lower().split("=", 1) for fact in facts.split(";") if "=" in fact)
    return RemoteFile(name, int(known["size"]), _moment(known["modify"])) if known["type"] == "file" else None


def _moment(digits: str) -> datetime:
    """Read a time stamp of FTP (RFC 3659), in UTC; fractions of a second are not compared."""
    return datetime.strptime(digits[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
