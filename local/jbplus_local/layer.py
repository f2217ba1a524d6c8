"""Zips of code: the functions, and the folders that are built for the interpreter that runs the functions locally."""

import hashlib
import io
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

from jbplus_local.errors import LocalStackError

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest moment a zip knows: same content, same bytes


BUILD_SCRIPT = "build.py"


class Builder:
    """Builds a folder as `sam build` does, with its own script, for another interpreter.

    Args:
        source: the folder (requirements, script and code).
        python: interpreter that runs the functions.
        cache: keeps the libraries, so that they are fetched once.
    """

    def __init__(self, source: Path, python: Path, cache: Path) -> None:
        self._source = source
        self._python = python
        self._cache = cache

    def build(self) -> bytes:
        """Give the zip.

        Raises:
            LocalStackError: the libraries cannot be fetched, or the code does not compile.
        """
        libraries = self.libraries()
        with tempfile.TemporaryDirectory(dir=self._cache) as folder:
            self.package(Path(folder))
            return zipped(libraries, Path(folder))

    def package(self, folder: Path) -> None:
        """Put all but the libraries in a folder.

        Raises:
            LocalStackError: the code does not compile.
        """
        self._run("package", folder)

    def libraries(self) -> Path:
        """Give the folder with the libraries, which are fetched once.

        Raises:
            LocalStackError: they cannot be fetched.
        """
        parts = [(self._source / name).read_bytes() for name in ("requirements.txt", BUILD_SCRIPT)]
        ready = self._cache / f"libraries-{_digest(self._interpreter(), *parts)}"
        if not ready.is_dir():
            self._cache.mkdir(parents=True, exist_ok=True)
            unfinished = Path(tempfile.mkdtemp(dir=self._cache))
            try:
                self._run("libraries", unfinished)
                _move(unfinished, ready)
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
        return ready

    def _interpreter(self) -> bytes:
        words = "import sys, sysconfig; print(sys.version, sysconfig.get_platform())"
        return subprocess.run([str(self._python), "-c", words], check=True, capture_output=True).stdout  # noqa: S603 - our own words

    def _run(self, part: str, folder: Path) -> None:
        done = subprocess.run(  # noqa: S603 - our own words
            [str(self._python), str(self._source / BUILD_SCRIPT), part, str(folder)],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise LocalStackError(
                f"{self._source.name} ({part}) could not be built. Check the network and try again. "
                f"It said:\n{done.stderr}"
            )


def _move(unfinished: Path, ready: Path) -> None:
    try:
        unfinished.rename(ready)
    except OSError:
        # Someone else was first: theirs is the same.
        if not ready.is_dir():
            raise


def zipped(*folders: Path) -> bytes:
    """Zip the content of folders together; equal content gives equal bytes."""
    files = {
        path.relative_to(folder).as_posix(): path for folder in folders for path in folder.rglob("*") if path.is_file()
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), files[name].read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:16]
