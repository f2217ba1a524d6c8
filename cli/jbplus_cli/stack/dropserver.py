"""Where the dropserver is and who we are there: said by options and the environment, or by the local stack."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from jbplus.ftps.access import Access
from jbplus.ftps.server import DropserverError
from jbplus.protocol.parties import Party
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_recipient.errors import ExchangeError

_IMPLICIT_PORT: Final = 990
PASSWORD: Final = "JBPLUS_DROPSERVER_PASSWORD"  # noqa: S105 - the name of a variable

Place = Annotated[
    str | None,
    typer.Option(
        "--dropserver",
        metavar="HOST:PORT",
        envvar="JBPLUS_DROPSERVER",
        help="The dropserver; on port 990, TLS begins at once.",
        show_default="the local stack's",
    ),
]
User = Annotated[
    str | None, typer.Option("--user", metavar="NAME", envvar="JBPLUS_DROPSERVER_USER", help="Our account on it.")
]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        "--password-file",
        metavar="FILE",
        envvar="JBPLUS_DROPSERVER_PASSWORD_FILE",
        help=f"The file with the account's password; or put the password itself in {PASSWORD}.",
    ),
]
Ca = Annotated[
    Path | None,
    typer.Option("--ca", metavar="FILE", envvar="JBPLUS_DROPSERVER_CA", help="Who vouches for it, in PEM."),
]
Certificate = Annotated[
    Path | None,
    typer.Option(
        "--certificate", metavar="FILE", envvar="JBPLUS_DROPSERVER_CERTIFICATE", help="Our client certificate, in PEM."
    ),
]
Key = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", envvar="JBPLUS_DROPSERVER_KEY", help="The certificate's key, in PEM."),
]
Folder = Annotated[
    str | None,
    typer.Option("--folder", metavar="NAME", envvar="JBPLUS_DROPSERVER_FOLDER", help="The folder on the dropserver."),
]


@dataclass(frozen=True, slots=True)
class Said:
    """What the options and the environment say; None where they say nothing.

    Attributes:
        place: host and port.
        user: the account.
        password_file: the file with its password.
        ca: the file with the certificate of who vouches for the server.
        certificate: the file with the client certificate.
        key: the file with its key.
        folder: the folder.
    """

    place: str | None
    user: str | None
    password_file: Path | None
    ca: Path | None
    certificate: Path | None
    key: Path | None
    folder: str | None


def find_dropserver(
    world: Surroundings, said: Said, party: Party, *, stack: str | None, usual_folder: str
) -> tuple[Access, str]:
    """Find the dropserver, and the folder on it.

    Args:
        world: the surroundings.
        said: what the options and the environment say.
        party: whose account it is.
        stack: the name of a stack on AWS; None for the local one, which has a dropserver of its own.
        usual_folder: the folder, where nobody says which.

    Raises:
        ExchangeError: it is not known where it is or who we are there, or a file cannot be read.
    """
    if said.place is not None:
        return _access(said, world.environment), said.folder or usual_folder
    local = world.target(stack).dropserver
    account = None if local is None else local.users.get(party.key)
    if local is None or account is None:
        raise ExchangeError(
            f"Which dropserver? Say --dropserver HOST:PORT, with --user, --ca, --certificate, --key and the password "
            f"in {PASSWORD}. The local stack has none for {party.name}."
        )
    access = Access(
        host=local.host,
        port=local.port,
        user=account.user,
        password=account.password,
        ca=_read(local.ca),
        certificate=_read(account.certificate),
        key=_read(account.key),
    )
    return access, said.folder or account.folder


@contextmanager
def dropserver_errors() -> Iterator[None]:
    """Turn the dropserver's errors into the command's.

    Raises:
        ExchangeError: the dropserver could not do what was asked.
    """
    try:
        yield
    except DropserverError as error:
        raise ExchangeError(str(error)) from error


def _access(said: Said, environment: Mapping[str, str]) -> Access:
    host, _, port = (said.place or "").rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 2**16:
        raise typer.BadParameter("write it as HOST:PORT", param_hint="--dropserver")
    needed = {"--user": said.user, "--ca": said.ca, "--certificate": said.certificate, "--key": said.key}
    if not (said.user and said.ca and said.certificate and said.key):
        missing = ", ".join(name for name, value in needed.items() if not value)
        raise typer.BadParameter(f"it also takes {missing}", param_hint="--dropserver")
    return Access(
        host=host.strip("[]"),
        port=int(port),
        user=said.user,
        password=_password(said.password_file, environment),
        ca=_read(said.ca),
        certificate=_read(said.certificate),
        key=_read(said.key),
        implicit=int(port) == _IMPLICIT_PORT,
    )


def _password(file: Path | None, environment: Mapping[str, str]) -> str:
    password = environment.get(PASSWORD, "") if file is None else _read(file).rstrip("\r\n")
    if not password:
        raise ExchangeError(f"There is no password. Put it in the environment variable {PASSWORD}, or --password-file.")
    return password


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ExchangeError(f"{path} cannot be read as text.") from error
