"""What goes wrong on the way to an FTPS server, in words that an operator can act on.

What a server says may quote a file's name, so of its answers only the number goes further.
"""

import ftplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from jbplus.ftps.server import ConnectionLostError, DiskFullError, DropserverError

_ANSWERS = {
    "425": "no data connection; let the server's passive ports through, and TLS sessions be reused",
    "426": "the transfer was cut off",
    "451": "the server failed; its disk may be full",
    "522": "the server does not accept TLS of the data connection",
    "530": "the login is refused; check user and password in the secret",
    "550": "it is not there, or not allowed; check folders and rights on the server",
    "553": "the server does not allow this name",
}
_CLOSING = "421"
_FULL = frozenset({"452", "552"})
# X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH
_OTHER_HOST = frozenset({62, 64})


@contextmanager
def told(where: str, timeout: float) -> Iterator[None]:
    """Turn every error of ftplib, TLS and sockets into ours.

    Args:
        where: the server, and what was being done: the beginning of the message.
        timeout: how long the server had to answer, in seconds.

    Raises:
        ConnectionLostError: nothing more will be said over this connection.
        DiskFullError: there is no room on the server.
        DropserverError: anything else.
    """
    try:
        yield
    except ftplib.Error as error:
        raise _of_answer(where, str(error)) from None
    except TimeoutError:
        raise ConnectionLostError(
            f"{where}: no answer within {timeout:g} s; check that the server is up and firewalls let us through"
        ) from None
    except ssl.SSLCertVerificationError as error:
        raise ConnectionLostError(f"{where}: {_of_certificate(error)}") from None
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError, EOFError):
        raise ConnectionLostError(f"{where}: the connection was cut") from None
    except ssl.SSLError as error:
        raise ConnectionLostError(f"{where}: {_of_tls(error.reason)}") from None
    except socket.gaierror:
        raise ConnectionLostError(f"{where}: the server's name is not known; check the host") from None
    except ConnectionRefusedError:
        raise ConnectionLostError(f"{where}: nobody listens there; check host and port") from None
    except OSError as error:
        raise ConnectionLostError(f"{where}: the connection was cut ({type(error).__name__})") from None
    except (ValueError, KeyError, IndexError):
        raise DropserverError(f"{where}: the server does not answer as FTP servers do") from None


def without_tls(where: str, answer: str) -> DropserverError:
    """Say that a server answered no to TLS: nothing is sent in the clear."""
    return ConnectionLostError(
        f"{where}: the server offers no TLS ({_number(answer)}), so nothing was said to it; check host and port"
    )


def _of_answer(where: str, answer: str) -> DropserverError:
    number = _number(answer)
    if number == _CLOSING:
        return ConnectionLostError(f"{where}: the server ended the connection ({number})")
    # Some servers have another number for it, and only say it in words.
    if number in _FULL or "no space" in answer.lower():
        return DiskFullError(f"{where}: the server's disk is full ({number}); ask its owner for room")
    return DropserverError(f"{where}: {_ANSWERS.get(number, 'the server refuses')} ({number})")


def _number(answer: str) -> str:
    return answer[:3] if answer[:3].isdecimal() else "no FTP answer"


def _of_certificate(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in _OTHER_HOST:
        return "the server's certificate is for another host name; check the host, or have the certificate mended"
    return f"the server's certificate is not trusted ({error.verify_message}); check the CA in the secret"


def _of_tls(reason: str | None) -> str:
    if "ALERT" in (reason or ""):
        return f"the server ended TLS ({reason}); check that it accepts our certificate, in the secret"
    return f"TLS failed ({reason}); check that the server speaks TLS 1.2 or newer"
