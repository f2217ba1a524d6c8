"""What is read out of certificates in PEM, as people paste them."""

import re
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime

CERTIFICATE = r"(?:TRUSTED |X509 )?CERTIFICATE"
PRIVATE_KEY = r"[A-Z ]*PRIVATE KEY"

_WITH_CENTURY = 0x18  # GeneralizedTime; the other is UTCTime
_VERSION = 0xA0


def blocks(text: str, label: str) -> list[str]:
    """Find the blocks of PEM in a text, each as it should be: comments go, and lost line ends come back.

    Args:
        text: the text.
        label: what they are, as a regular expression.
    """
    text = text.replace("\\r", "").replace("\\n", "\n")
    found = re.finditer(rf"-----BEGIN ({label})-----(.*?)-----END \1-----", text, re.DOTALL)
    return [f"-----BEGIN {block[1]}-----\n{_lines(block[2])}\n-----END {block[1]}-----\n" for block in found]


def expires(certificate: str) -> datetime:
    """Read when a certificate ends (RFC 5280, section 4.1).

    Args:
        certificate: in PEM.

    Raises:
        ValueError: it is none.
    """
    try:
        (whole,) = _elements(ssl.PEM_cert_to_DER_cert(certificate))
        signed = next(_elements(whole[1]))[1]
        fields = [content for kind, content in _elements(signed) if kind != _VERSION]
        _, (kind, end) = _elements(fields[3])
        return datetime.strptime(
            end.decode("ascii"), "%Y%m%d%H%M%SZ" if kind == _WITH_CENTURY else "%y%m%d%H%M%SZ"
        ).replace(tzinfo=UTC)
    except (IndexError, StopIteration):
        raise ValueError("no certificate") from None


def _lines(body: str) -> str:
    if ":" in body:
        return body.strip("\r\n")  # of an encrypted key: what stands before the key itself has lines of its own
    letters = "".join(body.split())
    return "\n".join(letters[at : at + 64] for at in range(0, len(letters), 64))


def _elements(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Split a value of DER (X.690) into its elements: the kind and the content of each."""
    while der:
        kind, length, begin = der[0], der[1], 2
        if length & 0x80:
            begin += length & 0x7F
            length = int.from_bytes(der[2:begin], "big")
        yield kind, der[begin : begin + length]
        der = der[begin + length :]
