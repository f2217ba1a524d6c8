"""FTPS servers as others run them, from Debian's packages: proftpd and vsftpd, on the loopback interface alone.

Both demand TLS on both connections, a client certificate, and that data connections go on with the TLS session of
the control connection. They are started as root, which both need to change to a user.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from typing_extensions import override

from jbplus.ftps.access import Access
from jbplus_local.certificates import Authority
from jbplus_local.emulator import HOST, free_port

USER, PASSWORD = "exchange", "drop it here"
_PATIENCE = 20.0
_PASSIVE_PORTS = 40


class DaemonError(Exception):
    """A server is not installed, or does not start; the text says what to do."""


class Daemon(ABC):
    """An FTPS server in a folder.

    Args:
        folder: keeps its files, of which `root` is what the exchange sees.
        hosts: the names in its certificate.
    """

    def __init__(self, folder: Path, hosts: Sequence[str] = (HOST,)) -> None:
        self.folder = folder
        self.root = folder / "root"
        self.authority = Authority()
        self.port = free_port()
        self._client = self.authority.client(USER)
        self._process: subprocess.Popen[bytes] | None = None
        server = self.authority.server(hosts)
        for name, content in (
            ("server.pem", server.certificate),
            ("server.key", server.key),
            ("ca.pem", self.authority.certificate),
        ):
            path = folder / name
            path.touch(mode=0o600)
            path.write_text(content, encoding="ascii")
        for name in ("From_Vip", "To_Vip"):
            (self.root / name).mkdir(parents=True)

    def access(self) -> Access:
        """Give what lets the exchange in."""
        client = self._client
        return Access(
            HOST, self.port, USER, PASSWORD, self.authority.certificate, client.certificate, client.key, timeout=10
        )

    def start(self) -> None:
        """Start it, and return when it answers.

        Raises:
            DaemonError: it is not installed, or does not answer.
        """
        if os.geteuid() != 0:
            raise DaemonError("These servers are started as root. Run the tests as root.")
        self.give_away()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=self._environment()
            )
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until and self._process.poll() is None:
            try:
                with socket.create_connection((HOST, self.port), timeout=1) as control:
                    if control.recv(3) == b"220":
                        return
            except OSError:
                pass
            time.sleep(0.05)
        self.stop()
        raise DaemonError(f"{type(self).__name__} does not answer: {self.log.read_text(errors='replace')}")

    def stop(self) -> None:
        """Stop it."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def cut(self) -> None:
        """Kill the processes that serve connections, as if the machine died."""
        assert self._process is not None
        for process in _descendants(self._process.pid):
            # One may end by itself when the other does.
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def give_away(self) -> None:
        """Let what stands below the root belong to the user that the server works as."""
        for path in (self.root, *self.root.rglob("*")):
            shutil.chown(path, "daemon", "daemon")

    @property
    def log(self) -> Path:
        """What it printed."""
        return self.folder / "server.log"

    def _passive(self) -> tuple[int, int]:
        # A free port of the moment, and some after it: only who connects to this server uses them.
        first = free_port() - _PASSIVE_PORTS
        return first, first + _PASSIVE_PORTS

    def _environment(self) -> Mapping[str, str]:
        return dict(os.environ)

    @abstractmethod
    def _command(self) -> list[str]:
        """Write the settings down, and give the command that starts it in the foreground."""


class Proftpd(Daemon):
    """proftpd 1.3.8: it refuses plain FTP, and demands that sessions are reused unless told otherwise.

    Attributes:
        more: further settings.
    """

    more: Sequence[str] = ()

    @override
    def _command(self) -> list[str]:
        program = _find("proftpd", "proftpd-core and proftpd-mod-crypto")
        folder, (first, last) = self.folder, self._passive()
        users = folder / "users"
        users.touch(mode=0o600)
        users.write_text(f"{USER}:{_hashed(PASSWORD)}:1:1::{self.root}:/bin/false\n", encoding="ascii")
        settings = folder / "proftpd.conf"
        settings.write_text(
            f"""
            ServerType standalone
            ServerName dropserver
            DefaultAddress {HOST}
            SocketBindTight on
            UseIPv6 off
            Port {self.port}
            PassivePorts {first} {last}
            User daemon
            Group daemon
            PidFile {folder}/pid
            ScoreboardFile {folder}/scoreboard
            DelayEngine off
            WtmpLog off
            TransferLog none
            UseReverseDNS off
            RequireValidShell off
            AuthUserFile {users}
            AuthOrder mod_auth_file.c
            DefaultRoot ~
            AllowOverwrite on
            TimesGMT on
            ModulePath /usr/lib/proftpd
            LoadModule mod_tls.c
            TLSEngine on
            TLSRequired on
            TLSProtocol TLSv1.2 TLSv1.3
            TLSECCertificateFile {folder}/server.pem
            TLSECCertificateKeyFile {folder}/server.key
            TLSCACertificateFile {folder}/ca.pem
            TLSVerifyClient on
            """
            + "\n".join(self.more),
            encoding="latin-1",
        )
        return [program, "--nodaemon", "--quiet", "--config", str(settings)]


class Vsftpd(Daemon):
    """vsftpd 3.0.3: it knows no MLSD, and is told to demand that sessions are reused."""

    @property
    def _pam(self) -> Path:
        return Path("/etc/pam.d") / f"jbplus-dropserver-{self.port}"

    @override
    def _command(self) -> list[str]:
        program = _find("vsftpd", "vsftpd and libpam-pwdfile")
        folder, (first, last) = self.folder, self._passive()
        (folder / "empty").mkdir(exist_ok=True)
        users = folder / "users"
        users.touch(mode=0o600)
        users.write_text(f"{USER}:{_hashed(PASSWORD)}\n", encoding="ascii")
        self._pam.write_text(
            f"auth required pam_pwdfile.so pwdfile {users}\naccount required pam_permit.so\n", encoding="ascii"
        )
        settings = folder / "vsftpd.conf"
        lines = {
            "listen": "YES",
            "listen_address": HOST,
            "listen_port": self.port,
            "background": "NO",
            "pasv_min_port": first,
            "pasv_max_port": last,
            "pasv_address": HOST,
            "anonymous_enable": "NO",
            "local_enable": "YES",
            "write_enable": "YES",
            "guest_enable": "YES",
            "guest_username": "daemon",
            "nopriv_user": "daemon",
            "virtual_use_local_privs": "YES",
            "local_root": self.root,
            "chroot_local_user": "YES",
            "allow_writeable_chroot": "YES",
            "secure_chroot_dir": folder / "empty",
            "pam_service_name": self._pam.name,
            "use_localtime": "NO",
            "seccomp_sandbox": "NO",
            "ssl_enable": "YES",
            "ssl_tlsv1": "YES",
            "force_local_logins_ssl": "YES",
            "force_local_data_ssl": "YES",
            "require_ssl_reuse": "YES",
            "require_cert": "YES",
            "validate_cert": "YES",
            "ssl_ciphers": "HIGH",
            "rsa_cert_file": folder / "server.pem",
            "rsa_private_key_file": folder / "server.key",
            "ca_certs_file": folder / "ca.pem",
        }
        settings.write_text("".join(f"{name}={value}\n" for name, value in lines.items()), encoding="ascii")
        return [program, str(settings)]

    @override
    def stop(self) -> None:
        """Stop it, and take its rules for passwords away."""
        super().stop()
        self._pam.unlink(missing_ok=True)


def _descendants(process: int) -> list[int]:
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
    except FileNotFoundError:
        return []  # it has just ended
    return [found for child in map(int, children) for found in (*_descendants(child), child)]


def _hashed(password: str) -> str:
    command = ["openssl", "passwd", "-6", "-stdin"]
    return subprocess.run(command, check=True, capture_output=True, text=True, input=password).stdout.strip()


def _find(program: str, packages: str) -> str:
    """Find a server: installed, or unpacked by `make dropservers`, since Debian installs one of the two alone."""
    unpacked = Path(__file__).parents[2] / ".local" / "debian" / "usr" / "sbin"
    found = shutil.which(program, path=f"/usr/sbin:/usr/bin:{unpacked}")
    if found is None:
        raise DaemonError(f"{program} is missing. Install Debian's {packages}, or run: make dropservers")
    return found
