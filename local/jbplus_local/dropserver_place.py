"""Where the local dropserver answers, and what lets each party in: as `endpoints.json` has it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jbplus.protocol.parties import PARTIES, WEWIS
from jbplus_local.dropserver import FROM_VIP, Dropserver
from jbplus_local.emulator import HOST


@dataclass(frozen=True, slots=True)
class Account:
    """A party's account.

    Attributes:
        user: its name.
        password: its password.
        certificate: path of the client certificate (PEM).
        key: path of the certificate's key (PEM).
        folder: the folder that is the party's own.
    """

    user: str
    password: str = field(repr=False)
    certificate: str
    key: str
    folder: str


@dataclass(frozen=True, slots=True)
class DropserverPlace:
    """Where a dropserver answers.

    Attributes:
        host: its address.
        port: its port.
        ca: path of the certificate of who vouches for it (PEM).
        users: the accounts by the short name of their party.
    """

    host: str
    port: int
    ca: str
    users: Mapping[str, Account]


def place_of(dropserver: Dropserver, folder: Path) -> DropserverPlace:
    """Say where a dropserver answers.

    Args:
        dropserver: the dropserver.
        folder: gets the certificates and keys, as files of whoever runs the stack alone.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ca = _write(folder / "ca.pem", dropserver.authority.certificate)
    accounts = {party.key: _account(dropserver, party.key, folder) for party in PARTIES}
    return DropserverPlace(HOST, dropserver.port, ca, accounts)


def _account(dropserver: Dropserver, user: str, folder: Path) -> Account:
    access = dropserver.access(user)
    return Account(
        user=user,
        password=access.password,
        certificate=_write(folder / f"{user}.pem", access.certificate),
        key=_write(folder / f"{user}.key", access.key),
        # A recipient's account leads to its own folder; the source's to where it drops its files.
        folder=FROM_VIP if user == WEWIS.key else ".",
    )


def _write(path: Path, content: str) -> str:
    path.touch(mode=0o600)
    path.write_text(content, encoding="ascii")
    return str(path)
