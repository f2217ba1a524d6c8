"""What it takes to be let in on an FTPS server, and to be sure that it is the right one."""

import ssl
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from jbplus.ftps import certificates
from jbplus.ftps.server import DropserverError


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach the server, and how both sides know each other.

    Attributes:
        host: its name, as its certificate has it.
        port: its port, usually 21, or 990 for implicit TLS.
        user: our user name.
        password: our password; empty where the certificate is enough.
        ca: the certificates that we trust to vouch for the server (PEM): roots, or who issued its certificate.
        certificate: our certificate, followed by what vouches for it (PEM).
        key: its private key (PEM, without a pass phrase).
        timeout: how long the server may be silent, in seconds.
        patience: how long it may take to confirm a file that it has whole, in seconds: some look for viruses first.
        implicit: whether TLS begins at once, not after AUTH.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    ca: str = field(repr=False)
    certificate: str = field(repr=False)
    key: str = field(repr=False)
    timeout: float = 30
    patience: float = 120
    implicit: bool = False

    def tls(self) -> ssl.SSLContext:
        """Make the rules of TLS: our certificate is shown, the server's is checked with its host name.

        Raises:
            DropserverError: the CA, the certificate or the key is none.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # Whoever is named in `ca` is trusted, also when it is not a root.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        try:
            context.load_verify_locations(cadata="".join(certificates.blocks(self.ca, certificates.CERTIFICATE)))
        except (ssl.SSLError, ValueError):
            raise DropserverError("the CA in the dropserver's secret is no certificate in PEM") from None
        # OpenSSL reads them from files only. The folder is ours alone, and gone at once.
        with tempfile.TemporaryDirectory() as folder:
            paths = Path(folder, "certificate.pem"), Path(folder, "key.pem")
            labels = certificates.CERTIFICATE, certificates.PRIVATE_KEY
            for path, label, content in zip(paths, labels, (self.certificate, self.key), strict=True):
                path.touch(mode=0o600)
                path.write_text("".join(certificates.blocks(content, label)), encoding="ascii", errors="replace")
            try:
                # With a password, OpenSSL never asks for one at the terminal.
                context.load_cert_chain(*paths, password="")
            except (ssl.SSLError, OSError, ValueError):
                raise DropserverError(
                    "the certificate or the key in the dropserver's secret is not in PEM, has a pass phrase, "
                    "or one does not belong to the other"
                ) from None
        return context

    def expires(self) -> datetime | None:
        """Tell when the first of our certificates ends; None when there is none that can be read."""
        try:
            return min(map(certificates.expires, certificates.blocks(self.certificate, certificates.CERTIFICATE)))
        except ValueError:
            return None
