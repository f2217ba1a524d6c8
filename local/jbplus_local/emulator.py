"""The embedded AWS emulator (ministack) as a child process."""

import fcntl
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import urllib3

from jbplus_local.aws import REGION, Aws
from jbplus_local.errors import LocalStackError

HOST = "127.0.0.1"
ACCOUNT = "000000000000"
_SUPERVISED = Path(__file__).with_name("supervised.py")
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.05


def free_port(wanted: int = 0) -> int:
    """Find a port of the loopback interface that was free a moment ago.

    Args:
        wanted: the port; any, when it is 0.

    Raises:
        LocalStackError: another program has it.
    """
    with socket.socket() as probe:
        # A port that was left a moment ago is free too.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except OSError as error:
            raise LocalStackError(f"Port {wanted} is taken by another program. Choose another one.") from error
        port: int = probe.getsockname()[1]
        return port


class Emulator:
    """An emulator whose data lie in a folder, unless they need not last; IAM policies are enforced.

    Args:
        python: interpreter of the environment that has ministack; the functions run on it too.
        folder: keeps the data from one run to the next; made when absent.
        port: where it listens; any free port when it is 0.
        lasting: whether its data are kept; writing them takes as long as all else that it does with an object.
    """

    def __init__(self, python: Path, folder: Path, port: int = 0, *, lasting: bool = True) -> None:
        self._python = python
        self._folder = folder
        self._wanted = port
        self._lasting = lasting
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    @property
    def aws(self) -> Aws:
        """The emulator as seen by boto3."""
        return Aws(f"http://{HOST}:{self._port}")

    @property
    def log(self) -> Path:
        """The file with all that the emulator printed in this run."""
        return self._folder / "emulator.log"

    def start(self) -> None:
        """Start it and return when it answers.

        Raises:
            LocalStackError: its environment is missing, another one uses the folder, or it ended or did not
                answer in time.
        """
        if not self._python.is_file():
            raise LocalStackError(f"The emulator's environment is missing ({self._python}). Set it up with: make run")
        self._folder.mkdir(parents=True, exist_ok=True)
        self._port = free_port(self._wanted)
        with self._alone() as lock, self.log.open("wb") as log:
            shutil.rmtree(self._temporary, ignore_errors=True)
            self._temporary.mkdir()
            self._process = subprocess.Popen(  # noqa: S603 - our own words
                [str(self._python), str(_SUPERVISED)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                env=self._environment(),
                pass_fds=[lock.fileno()],
                start_new_session=True,  # Ctrl-C is for the local stack, which then stops the emulator in order
            )
        try:
            self._wait_until_ready(self._process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it; its data are saved. Do nothing when it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(self._temporary, ignore_errors=True)

    def wait(self) -> None:
        """Wait until it ends by itself, or something interrupts.

        Raises:
            LocalStackError: it ended, though nobody stopped it.
        """
        if self._process is not None:
            code = self._process.wait()
            how = f"was killed by signal {-code}" if code < 0 else f"ended by itself with code {code}"
            raise LocalStackError(
                f"The emulator {how}: nothing answers any more. Read why in {self.log}. It saves its data when it is "
                "stopped, so they may be half there: begin anew with: make anew run"
            )

    @contextmanager
    def _alone(self) -> Iterator[IO[bytes]]:
        """Lock the folder; the emulator inherits the lock and keeps it until its data are saved."""
        with (self._folder / "lock").open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise LocalStackError(
                    f"A local stack uses {self._folder} or is still saving its data. "
                    "Stop it (Ctrl-C) or wait a moment, then try again."
                ) from error
            yield lock

    @property
    def _temporary(self) -> Path:
        return self._folder / "tmp"

    def _environment(self) -> dict[str, str]:
        # Little of the user's environment gets in: the functions inherit all that the emulator has.
        data, lasting = self._folder / "data", str(int(self._lasting))
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "TMPDIR": str(self._temporary),
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(self._port),
            "MINISTACK_HOST": HOST,
            "MINISTACK_REGION": REGION,
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "AUTH": "true",
            "PERSIST_STATE": lasting,
            "STATE_DIR": str(data / "state"),
            "S3_PERSIST": lasting,
            "S3_DATA_DIR": str(data / "s3"),
            # Both would listen on every interface.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        }

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        with urllib3.PoolManager(retries=False, timeout=2) as http:
            while time.monotonic() < deadline:
                if process.poll() is not None:
                    raise LocalStackError(f"The emulator ended at its start. Read why in {self.log}")
                try:
                    if http.request("GET", f"{self.aws.url}/_ministack/health").status == 200:  # noqa: PLR2004 - HTTP
                        return
                except urllib3.exceptions.HTTPError:
                    pass
                time.sleep(_POLL_SECONDS)
        raise LocalStackError(f"The emulator did not answer within {_START_SECONDS:.0f} s. Read why in {self.log}")
