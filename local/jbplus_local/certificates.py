"""A certificate authority for an afternoon: certificates of servers and clients on this machine."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAYS = 365
"""How long a certificate is valid, unless it is said otherwise: longer than a local stack lives."""

_VALID = timedelta(days=DAYS)
LOOPBACK = ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate and its private key, in PEM."""

    certificate: str
    key: str


class Authority:
    """Vouches for servers and clients; its key is never written anywhere.

    Args:
        name: what it calls itself.
        issuer: who vouches for it; itself when there is none.
    """

    def __init__(self, name: str = "jbplus local", issuer: "Authority | None" = None) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer = issuer or self
        builder = _builder(self._name, issuer._name, self._key.public_key())  # noqa: SLF001 - one of ours
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
        builder = builder.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False
        )
        self._certificate = builder.sign(issuer._key, hashes.SHA256())  # noqa: SLF001 - one of ours

    @property
    def certificate(self) -> str:
        """Its own certificate, in PEM: whoever trusts it trusts all that it vouches for."""
        return self._certificate.public_bytes(Encoding.PEM).decode()

    def server(self, hosts: Sequence[str] = LOOPBACK, *, days: float = DAYS) -> Certified:
        """Vouch for a server of these names and addresses; one of a negative number of days has expired."""
        names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        return self._vouch(hosts[0], ExtendedKeyUsageOID.SERVER_AUTH, names, timedelta(days=days))

    def client(self, name: str, *, days: float = DAYS) -> Certified:
        """Vouch for a client; a certificate of a negative number of days has expired."""
        return self._vouch(name, ExtendedKeyUsageOID.CLIENT_AUTH, None, timedelta(days=days))

    def _vouch(
        self, name: str, use: x509.ObjectIdentifier, names: x509.SubjectAlternativeName | None, valid: timedelta
    ) -> Certified:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = _builder(subject, self._name, key.public_key(), valid)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(authority, critical=False)
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        return Certified(
            certificate.public_bytes(Encoding.PEM).decode(),
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, valid: timedelta = _VALID
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1) + min(valid, timedelta(0)))
        .not_valid_after(now + valid)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
