"""Mutual TLS (Article 6): a server that lets nobody in without a certificate, and what is shown to it."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from typing_extensions import override

from jbplus_cli.stack.surroundings import identity_in
from jbplus_local.certificates import Authority, Certified
from jbplus_recipient.errors import ExchangeError
from jbplus_recipient.transport import Identity, ask, pool_for

AUTHORITY = Authority()
CLIENT = AUTHORITY.client("magda")


def files(folder: Path, certified: Certified, name: str = "client") -> Identity:
    identity = Identity(folder / f"{name}.pem", folder / f"{name}.key")
    identity.certificate.write_text(certified.certificate, encoding="utf-8")
    identity.key.write_text(certified.key, encoding="utf-8")
    return identity


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.send_response(204)
        self.end_headers()

    @override
    def log_message(self, *_: object) -> None:
        pass


class QuietServer(HTTPServer):
    @override
    def handle_error(self, *_: object) -> None:
        """Whoever shows no certificate is an error here."""


@contextmanager
def demanding(folder: Path) -> Iterator[str]:
    """Serve to who has a certificate of the authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_s = files(folder, AUTHORITY.server(), "server")
    context.load_cert_chain(server_s.certificate, server_s.key)
    context.load_verify_locations(cadata=AUTHORITY.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    server = QuietServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def asked(url: str, identity: Identity | None) -> int:
    http = pool_for(url, {}, identity)
    http.connection_pool_kw["ca_cert_data"] = AUTHORITY.certificate
    try:
        return ask(http, url, advice="Look.", body=b"").status
    finally:
        http.clear()


def test_who_shows_a_certificate_of_the_authority_is_let_in(tmp_path: Path) -> None:
    with demanding(tmp_path) as url:
        assert asked(url, files(tmp_path, CLIENT)) == 204


@pytest.mark.parametrize("other", [None, Authority("another").client("magda")])
def test_nobody_else_is(tmp_path: Path, other: Certified | None) -> None:
    with demanding(tmp_path) as url, pytest.raises(ExchangeError, match="gives no answer"):
        asked(url, None if other is None else files(tmp_path, other))


def test_what_cannot_be_used_is_said_before_anything_is_asked(tmp_path: Path) -> None:
    identity = files(tmp_path, CLIENT)
    for broken in (
        Identity(tmp_path / "none.pem", identity.key),
        Identity(identity.certificate, identity.certificate),
        Identity(identity.certificate, files(tmp_path, AUTHORITY.client("other"), "other").key),
    ):
        with pytest.raises(ExchangeError, match="cannot be used"):
            pool_for("https://exchange.invalid", {}, broken)


def test_the_environment_names_it_whole_or_not_at_all() -> None:
    named = {"JBPLUS_CERTIFICATE": "a.pem", "JBPLUS_KEY": "a.key"}

    assert identity_in({}) is None
    assert identity_in(named) == Identity(Path("a.pem"), Path("a.key"))
    for name in named:
        with pytest.raises(ExchangeError, match="go together"):
            identity_in({name: "a"})
