"""A dropserver over FTPS."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from jbplus.dropserver.server import DropserverError, Server


@dataclass(frozen=True, slots=True)
class Access:
    """Where a dropserver is, and who we are there; certificates and key as PEM texts."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    ca: str
    certificate: str
    key: str = field(repr=False)
    timeout: float = 30


def connect(access: Access) -> AbstractContextManager[Server]:
    """Open a connection."""
    raise DropserverError(f"{access.host} cannot be reached: this version has no FTPS yet.")
