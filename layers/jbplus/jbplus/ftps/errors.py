"""What goes wrong on the way to an FTPS server, in words that an operator can act on.

What a server says may quote a file's name, so of its answers only the number goes further.
"""

import ftplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from jbplus.ftps.server import ConnectionLostError, DiskFullError, DropserverError

CLOSING = "421"

_ANSWERS = {
    "425": "no data connection; let the server's passive ports through, and TLS sessions be reused",
    "426": "the transfer was cut off",
    "451": "the server failed; its disk may be full",
    "522": "the server does not accept TLS of the data connection",
    "530": "the login is refused; check user and password in the secret",
    "550": "it is not there, or not allowed; check folders and rights on the server",
    "553": "the server does not allow this name",
}
_FULL = frozenset({"452", "552"})
# X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH
_OTHER_HOST = frozenset({62, 64})
_NOT_YET, _EXPIRED = 9, 10  # X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED


class OurSideError(Exception):
    """What we read from or write to failed, not the server.

    Attributes:
        cause: the error.
    """

    def __init__(self, cause: Exception) -> None:
        super().__init__(cause)
        self.cause = cause


@contextmanager
def told(
    where: str, timeout: float, silence: str = "check that the server is up and firewalls let us through"
) -> Iterator[None]:
    """Turn every error of ftplib, TLS and sockets into ours.

    Args:
        where: the server, and what was being done: the beginning of the message.
        timeout: how long the server had to answer, in seconds.
        silence: what to do when it gave no answer.

    Raises:
        ConnectionLostError: nothing more will be said over this connection.
        DiskFullError: there is no room on the server.
        OurSideError: it was not the server.
        DropserverError: anything else.
    """
    try:
        yield
    except (DropserverError, OurSideError):
        raise
    except Exception as error:  # noqa: BLE001 - nothing but our own errors leaves
        raise _ours(error, where, timeout, silence) from None


def without_tls(where: str, answer: str) -> DropserverError:
    """Say that a server answered no to TLS: nothing is sent in the clear."""
    return ConnectionLostError(
        f"{where}: the server offers no TLS ({_number(answer)}), so nothing was said to it; check host and port"
    )


def _ours(error: Exception, where: str, timeout: float, silence: str) -> DropserverError:
    if isinstance(error, ftplib.Error):
        return _of_answer(where, str(error))
    if isinstance(error, (OSError, EOFError, UnicodeError)):
        return ConnectionLostError(f"{where}: {_of_connection(error, timeout, silence)}")
    # Whatever the library makes of an answer, its message may quote it.
    return DropserverError(f"{where}: the server does not answer as FTP servers do ({type(error).__name__})")


def _of_connection(error: OSError | EOFError | UnicodeError, timeout: float, silence: str) -> str:
    match error:
        case TimeoutError():
            return f"no answer within {timeout:g} s; {silence}"
        case ssl.SSLCertVerificationError():
            return _of_certificate(error)
        case ssl.SSLError() if not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return _of_tls(error.reason)
        case socket.gaierror() | UnicodeError():
            return "the server's name is not known; check the host"
        case ConnectionRefusedError():
            return "nobody listens there; check host and port"
        case _:
            return f"the connection was cut ({type(error).__name__})"


def _of_answer(where: str, answer: str) -> DropserverError:
    number = _number(answer)
    if number == CLOSING:
        return ConnectionLostError(f"{where}: the server ended the connection ({number})")
    # Some servers have another number for it, and only say it in words.
    if number in _FULL or "no space" in answer.lower():
        return DiskFullError(f"{where}: the server's disk is full ({number}); ask its owner for room")
    return DropserverError(f"{where}: {_ANSWERS.get(number, 'the server refuses')} ({number})")


def _number(answer: str) -> str:
    return answer[:3] if answer[:3].isascii() and answer[:3].isdecimal() else "no FTP answer"


def _of_certificate(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in _OTHER_HOST:
        return "the server's certificate is for another host name; check the host, or have the certificate mended"
    if error.verify_code == _EXPIRED:
        return "the server's certificate, or one that vouches for it, expired; have its owner renew it"
    if error.verify_code == _NOT_YET:
        return "the server's certificate is not valid yet; have its owner look at it"
    return f"the server's certificate is not trusted ({error.verify_message}); check the CA in the secret"


def _of_tls(reason: str | None) -> str:
    if "ALERT" in (reason or ""):
        return f"the server ended TLS ({reason}); check that it accepts our certificate, in the secret"
    if reason in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST"}:
        return f"no TLS is spoken there ({reason}); check the port, and whether TLS begins at once or after AUTH"
    return f"TLS failed ({reason}); check that the server speaks TLS 1.2 or newer"
