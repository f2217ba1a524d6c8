"""An FTPS server (RFC 4217) with certificates on both sides, in passive mode.

Only what nobody can do without is demanded of it: TLS on both connections, CWD, a command that lists, RETR, STOR,
RNFR and RNTO, DELE. What else it lacks, or answers in its own way, is made do with.
"""

import ftplib
import posixpath
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from glob import escape
from typing import BinaryIO

from jbplus.ftps import listing
from jbplus.ftps.access import Access
from jbplus.ftps.connection import (
    FAREWELL_SECONDS,
    LISTINGS,
    Connection,
    answer_to,
    from_the_wire,
    may_be_passed_over,
    on_the_wire,
    say_farewell,
)
from jbplus.ftps.errors import OurSideError, told, without_tls
from jbplus.ftps.server import ConnectionLostError, DiskFullError, DropserverError, RemoteFile, Server

__all__ = ["Access", "connect"]

_BLOCK = 64 * 1024
_IMPLICIT_OR_NOT = (
    "check that the server is up and firewalls let us through; if it speaks TLS from the first byte, as on port 990, "
    "it must be reached with implicit TLS"
)


@contextmanager
def connect(access: Access) -> Iterator[Server]:
    """Connect and log in; at the end, whatever happens, hang up.

    Raises:
        DropserverError: the server is not reached, not the right one, or does not let us in.
    """
    where = f"dropserver {access.host}:{access.port}"
    with told(f"{where}: connecting", access.timeout):
        ftp = Connection(access)
    try:
        yield _let_in(ftp, access, where)
        # Everything is done already; a server that does not say goodbye does no harm.
        with suppress(OSError, EOFError, ftplib.Error, AttributeError):
            ftp.sock.settimeout(FAREWELL_SECONDS)  # type: ignore[union-attr]  # lost: AttributeError
            ftp.quit()
    finally:
        ftp.close()


def _let_in(ftp: Connection, access: Access, where: str) -> "_FtpsServer":
    try:
        return _logged_in(ftp, access, where)
    except DropserverError as error:
        ends = access.expires()
        if ends is None or ends > datetime.now(UTC):
            raise
        raise type(error)(f"{error}. Our certificate expired on {ends:%Y-%m-%d}: put a new one in the secret") from None


def _logged_in(ftp: Connection, access: Access, where: str) -> "_FtpsServer":
    if not {"\r", "\n", "\0"}.isdisjoint(access.user + access.password):
        raise DropserverError("user or password in the dropserver's secret holds a line end")
    with told(f"{where}: connecting", access.timeout, _IMPLICIT_OR_NOT):
        try:
            ftp.reach()
        except ftplib.Error as error:
            if ftp.welcome and ftp.welcome.startswith("2") and may_be_passed_over(error):
                raise without_tls(f"{where}: connecting", str(error)) from None
            raise
    with told(f"{where}: logging in", access.timeout):
        ftp.login(on_the_wire(access.user), on_the_wire(access.password), secure=False)  # TLS is on already
        answer_to(ftp, "PBSZ 0")
        ftp.voidcmd("PROT P")
        ftp.voidcmd("TYPE I")
        home = listing.home(from_the_wire(answer_to(ftp, "PWD") or ""))
        features = (answer_to(ftp, "FEAT") or "").upper().split("\n")
    advertised = any(line.split()[:1] in (["MLST"], ["MLSD"]) for line in features)
    listings = LISTINGS if advertised else ("NLST", "MLSD", "LIST")
    return _FtpsServer(ftp, where, access.timeout, home, listings)


@dataclass(frozen=True, slots=True)
class _FtpsServer:
    ftp: Connection
    where: str
    timeout: float
    home: str
    listings: tuple[str, ...]
    """The commands that list, the best first."""
    unknown: set[str] = field(default_factory=set)
    """Commands that the server does not know."""

    @property
    def expires(self) -> datetime | None:
        shown = self.ftp.sock.getpeercert() if isinstance(self.ftp.sock, ssl.SSLSocket) else None
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC) if shown else None

    def files(self, folder: str, pattern: str) -> list[RemoteFile]:
        with self._told(f"listing {folder}"):
            return self._listed(folder, pattern)

    def look(self, folder: str, name: str) -> RemoteFile | None:
        with self._told(f"looking into {folder}"):
            path = self._path(folder, name)
            size = self._size(path)
            if size is not None:
                return RemoteFile(name, size, self._modified(path))
            return next((file for file in self._listed(folder, escape(name)) if file.name == name), None)

    def fetch(self, folder: str, file: RemoteFile, into: BinaryIO, start: int = 0) -> None:
        come = start

        def receive(data: socket.socket) -> None:
            nonlocal come
            while block := _received(data, all_is_there=come == file.size):
                come += len(block)
                try:
                    into.write(block)
                except OSError as error:
                    full = DiskFullError(f"no room here for a file of {file.size} bytes ({error.errno})")
                    raise OurSideError(full) from None
                except Exception as error:  # noqa: BLE001 - whose it is, knows who writes
                    raise OurSideError(error) from None

        doing = f"fetching from {folder}"
        with self._told(doing):
            self._transfer(f"RETR {self._path(folder, file.name)}", receive, start)
        if file.size not in {None, come}:
            raise DropserverError(
                f"{self.where}: {doing}: {come} bytes came of a file of {file.size}; it waits for the next round"
            )

    def store(self, folder: str, name: str, content: BinaryIO) -> None:
        def send(data: socket.socket) -> None:
            while block := _read(content):
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
        with self._told(f"removing from {folder}"):
            try:
                self.ftp.voidcmd(f"DELE {self._path(folder, name)}")
            except ftplib.Error as error:
                if not may_be_passed_over(error):
                    raise
                if any(file.name == name for file in self._listed(folder, escape(name))):
                    raise

    @contextmanager
    def _told(self, doing: str) -> Iterator[None]:
        where = f"{self.where}: {doing}"
        if self.ftp.sock is None:
            raise ConnectionLostError(f"{where}: the connection was lost before")
        try:
            with told(where, self.timeout):
                yield
        except OurSideError as error:
            raise error.cause from None
        except DropserverError as error:
            if isinstance(error, ConnectionLostError):
                self.ftp.close()
            raise
        except BaseException:
            # We do not know what the server will say next, nor to what.
            self.ftp.close()
            raise

    def _path(self, *parts: str) -> str:
        if not all(part.isprintable() for part in parts):
            raise DropserverError(f"{self.where}: a path or a file's name holds a character that FTP cannot say")
        return on_the_wire(posixpath.normpath(posixpath.join(self.home, *parts)))

    def _transfer(self, command: str, transfer: Callable[[ssl.SSLSocket], None], start: int = 0) -> None:
        """Move bytes over a data connection, and see that the server calls the transfer complete."""
        data = self.ftp.opened(command, start)
        if data is None:
            return
        with data:
            try:
                transfer(data)
                say_farewell(data)
            except (OSError, EOFError):
                data.close()
                # The server's own word says more than a connection that was cut.
                self.ftp.voidresp()
                raise
            except OurSideError:
                data.close()
                self._hear_out()
                raise
            self.ftp.completed()

    def _hear_out(self) -> None:
        """Have the server's word on our hanging up out of the way, whatever it is."""
        try:
            self.ftp.voidresp()
        except ftplib.Error:
            pass
        except (OSError, EOFError):
            self.ftp.close()

    def _listed(self, folder: str, pattern: str) -> list[RemoteFile]:
        self.ftp.cwd(self._path(folder))  # a folder that is missing is not an empty one
        refusals = []
        for command in self.listings:
            if command in self.unknown:
                continue
            try:
                lines = self._lines(command)
            except ftplib.Error as error:
                if not may_be_passed_over(error):
                    raise
                refusals.append(str(error))
                if str(error).startswith(("500", "502")):
                    self.unknown.add(command)
                continue
            return self._found(folder, lines, pattern, _READERS[command])
        if listing.is_empty(refusals):
            return []
        raise ftplib.error_perm(refusals[0] if refusals else "502")  # noqa: S321 - an error

    def _found(self, folder: str, lines: list[str], pattern: str, read: "_Reader") -> list[RemoteFile]:
        entries = {entry.name: entry for line in lines if (entry := read(line, pattern))}
        found = (self._looked_at(folder, entries[name]) for name in sorted(entries))
        return [file for file in found if file]

    def _looked_at(self, folder: str, entry: listing.Entry) -> RemoteFile | None:
        """Ask what a listing did not tell of a file; None when it turns out to be a folder."""
        if entry.size is not None or not entry.name.isprintable():
            return RemoteFile(entry.name, entry.size, entry.modified)
        path = self._path(folder, entry.name)
        size = self._size(path)
        if size is None and not entry.kind_known and self._is_folder(path):
            return None
        return RemoteFile(entry.name, size, entry.modified if entry.kind_known else self._modified(path))

    def _lines(self, command: str) -> list[str]:
        content = bytearray()

        def receive(data: socket.socket) -> None:
            while block := data.recv(_BLOCK):
                content.extend(block)

        try:
            self._transfer(command, receive)
        except ftplib.Error as error:
            if content:
                # It has begun: this is no refusal to list.
                raise DropserverError(f"{self.where}: a listing broke off ({str(error)[:3]})") from None
            raise
        lines = content.decode("utf-8", "surrogateescape").split("\n")
        return [line.rstrip("\r") for line in lines if line.strip()]

    def _is_folder(self, path: str) -> bool:
        return answer_to(self.ftp, f"CWD {path}") is not None

    def _size(self, path: str) -> int | None:
        return listing.number(self._fact("SIZE", path))

    def _modified(self, path: str) -> datetime | None:
        return listing.moment(self._fact("MDTM", path))

    def _fact(self, command: str, path: str) -> str | None:
        """Ask for a fact. A server that refuses may have the file nonetheless."""
        answer = answer_to(self.ftp, f"{command} {path}")
        return answer[3:].strip() if answer and answer.startswith("213") else None


_Reader = Callable[[str, str], listing.Entry | None]
_READERS: dict[str, _Reader] = {
    "MLSD": listing.read_facts,
    "NLST": listing.read_name,
    "LIST": listing.read_words,
}


def _received(data: socket.socket, *, all_is_there: bool) -> bytes:
    if all_is_there:
        data.settimeout(FAREWELL_SECONDS)
    try:
        return data.recv(_BLOCK)
    except TimeoutError:
        if all_is_there:
            return b""  # a server that forgets to end the connection; it must still confirm the transfer
        raise


def _read(content: BinaryIO) -> bytes:
    try:
        return content.read(_BLOCK)
    except Exception as error:  # noqa: BLE001 - whose it is, knows who reads
        raise OurSideError(error) from None
