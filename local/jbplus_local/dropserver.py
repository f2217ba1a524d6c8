"""A dropserver for the local stack: FTPS as MAGDA's, with a certificate for each user and TLS sessions that go on."""

import logging
import secrets
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from OpenSSL import SSL
from pyftpdlib.authorizers import AuthenticationFailed, DummyAuthorizer
from pyftpdlib.handlers import TLS_DTPHandler, TLS_FTPHandler
from pyftpdlib.ioloop import IOLoop
from pyftpdlib.servers import FTPServer
from typing_extensions import override

from jbplus.ftps.access import Access
from jbplus.protocol.parties import RECIPIENTS, WEWIS
from jbplus_local.certificates import Authority, Certified
from jbplus_local.emulator import HOST, free_port

EXCHANGE = "exchange"
FROM_VIP, TO_VIP = "From_Vip", "To_Vip"
_ALL = "elrdfw"  # look around, read, remove, rename, write
_POLL_SECONDS = 0.1

# Left alone, pyftpdlib prints; the screen belongs to the local stack.
_log = logging.getLogger("pyftpdlib")
_log.addHandler(logging.NullHandler())
_log.propagate = False


@dataclass(frozen=True, slots=True)
class _User:
    password: str
    certified: Certified = field(repr=False)


class Dropserver:
    """Serves a folder on the loopback interface, from its making until `stop`.

    The users are `exchange`, who works in all of it; `wewis`, who writes into `From_Vip/` and fetches from its own
    folder under `To_Vip/`; and each recipient by its key, who sees its own folder only.

    Args:
        folder: holds the files; made when absent.
        authority: vouches for both sides.
        certified: the server's certificate; one of the authority for this machine when there is none.
        port: where it listens; any free port when it is 0.
    """

    def __init__(
        self, folder: Path, authority: Authority | None = None, certified: Certified | None = None, port: int = 0
    ) -> None:
        self.folder = folder
        self.authority = authority or Authority()
        self._users = {
            name: _User(secrets.token_urlsafe(), self.authority.client(name))
            for name in (EXCHANGE, WEWIS.key, *(party.key for party in RECIPIENTS))
        }
        context = _tls(self.authority, certified or self.authority.server())
        # pyftpdlib keeps its settings in classes: each server has one of its own.
        handler = type("Handler", (_Handler,), {"ssl_context": context, "authorizer": self._authorizer()})
        self._server = FTPServer((HOST, free_port(port)), handler, ioloop=IOLoop())
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="dropserver", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port of the control connection."""
        port: int = self._server.address[1]
        return port

    def access(self, user: str = EXCHANGE) -> Access:
        """Give all that a user needs to get in."""
        known = self._users[user]
        certificate, key = known.certified.certificate, known.certified.key
        return Access(HOST, self.port, user, known.password, self.authority.certificate, certificate, key)

    def stop(self) -> None:
        """Stop serving, and hang up on everybody; the files stay."""
        self._stopping.set()
        self._thread.join()
        self._server.close_all()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            self._server.ioloop.loop(timeout=_POLL_SECONDS, blocking=False)

    def _authorizer(self) -> DummyAuthorizer:
        incoming, outgoing = self.folder / FROM_VIP, self.folder / TO_VIP
        incoming.mkdir(parents=True, exist_ok=True)
        for party in (WEWIS, *RECIPIENTS):
            (outgoing / party.kbo).mkdir(parents=True, exist_ok=True)
        authorizer = _Authorizer()
        authorizer.add_user(EXCHANGE, self._users[EXCHANGE].password, str(self.folder), perm=_ALL)
        authorizer.add_user(WEWIS.key, self._users[WEWIS.key].password, str(self.folder), perm="el")
        # The first that fits decides.
        for path, rights in ((incoming, "eldwf"), (outgoing / WEWIS.kbo, "elrd"), (outgoing, "")):
            authorizer.override_perm(WEWIS.key, str(path), rights, recursive=True)
        for party in RECIPIENTS:
            authorizer.add_user(party.key, self._users[party.key].password, str(outgoing / party.kbo), perm="elrd")
        return authorizer


class _Authorizer(DummyAuthorizer):  # type: ignore[misc]  # pyftpdlib ships no types
    @override
    def validate_authentication(self, username: str, password: str, handler: Any) -> None:
        """Let a user in whose certificate and password are both its own."""
        shown = handler.socket.get_peer_certificate(as_cryptography=True)
        if shown is None or shown.subject.rfc4514_string() != f"CN={username}":
            raise AuthenticationFailed("This certificate is another user's.")
        super().validate_authentication(username, password, handler)


class _DataHandler(TLS_DTPHandler):  # type: ignore[misc]  # pyftpdlib ships no types
    @override
    def handle_ssl_established(self) -> None:
        """Refuse a data connection that does not go on with a known TLS session, as common servers do."""
        # pyOpenSSL knows whether it does, and does not say so.
        if not SSL._lib.SSL_session_reused(self.socket._ssl):  # type: ignore[attr-defined]  # noqa: SLF001
            self._resp = ("522 Data connection must reuse the TLS session.", _log.info)
            self.close()


class _Handler(TLS_FTPHandler):  # type: ignore[misc]  # pyftpdlib ships no types
    dtp_handler = _DataHandler
    tls_control_required = True
    tls_data_required = True
    auth_failed_timeout = 0
    banner = "jbplus local dropserver"


def _tls(authority: Authority, certified: Certified) -> SSL.Context:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    # OpenSSL reads them from files only.
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for name, content in (
            ("ca", authority.certificate),
            ("certificate", certified.certificate),
            ("key", certified.key),
        ):
            paths[name] = Path(folder, name)
            paths[name].touch(mode=0o600)
            paths[name].write_text(content, encoding="ascii")
        context.load_verify_locations(str(paths["ca"]))
        context.use_certificate_chain_file(str(paths["certificate"]))
        context.use_privatekey_file(str(paths["key"]))
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *found: bool(found[-1]))
    # A session of a client with a certificate goes on only within a named context.
    context.set_session_id(b"jbplus")
    return context
