"""What is measured: the layer and the functions as SAM ships them, on the Python that runs them."""

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from jbplus_local.layer import Builder

ROOT = Path(__file__).parents[1]
_CACHE = ROOT / ".local" / "benchmarks"
_RIVALS = Path(__file__).with_name("rivals")
_RUNTIME = re.compile(r"^ *Runtime: python(?P<version>3\.\d+)$", re.MULTILINE)
_YEAR_1980 = 315532800
"""The date that SAM's zip gives every source: bytecode that is checked against it is refused."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """Code and libraries, as a function finds them.

    Attributes:
        python: the interpreter.
        version: its version.
        layer: the unpacked layer.
        plain: the same libraries as pip installs them, and what else the usual way imports; bytecode valid.
        functions: the folders of the functions, by name.
        rivals: the folder of the rivals.
        note: what is not as in Lambda; empty when nothing is known.
    """

    python: Path
    version: str
    layer: Path
    plain: Path
    functions: Path
    rivals: Path
    note: str

    def trust(self, authority: str) -> None:
        """Have boto3 trust one more authority (PEM), beside all that it trusts anyway."""
        for folder in (self.layer, self.plain):
            with (folder / "botocore" / "cacert.pem").open("a", encoding="utf-8") as bundle:
                bundle.write(authority)


def build(folder: Path) -> Artefact:
    """Build what is measured into a folder.

    Args:
        folder: an empty one.
    """
    python, note = _runtime()
    version = _said(python, "import platform; print(platform.python_version())")
    layer = _unpacked(Builder(ROOT / "layers" / "jbplus", python, _CACHE).build(), folder / "layer")
    plain = folder / "plain"
    shutil.copytree(_plain(python, version), plain)
    functions, rivals = folder / "functions", folder / "rivals"
    shutil.copytree(ROOT / "functions", functions, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(_RIVALS, rivals, ignore=shutil.ignore_patterns("__pycache__"))
    _unpacked(Builder(ROOT / "functions" / "docs", python, _CACHE).build(), functions / "docs")
    _compile(python, rivals)
    for path in folder.rglob("*"):
        os.utime(path, (_YEAR_1980, _YEAR_1980))
    return Artefact(python, version, layer / "python", plain, functions, rivals, note)


def _runtime() -> tuple[Path, str]:
    """Find the functions' runtime, as `make sam` does; or take this Python, and say so."""
    found = _RUNTIME.search((ROOT / "template.yaml").read_text(encoding="utf-8"))
    if found is None:
        raise LookupError("template.yaml names no runtime")
    wanted = found["version"]
    for words in ([f"python{wanted}"], *_of_pyenv(wanted)):
        python = shutil.which(words[0])
        # One of pyenv's doors may stand there and lead nowhere.
        if python and _said(Path(python), "import platform; print(platform.python_version())"):
            return Path(_said(Path(python), "import sys; print(sys.executable)")), ""
    return Path(sys.executable), f"python{wanted}, the functions' runtime, is not here: this is another Python."


def _of_pyenv(version: str) -> list[list[str]]:
    if shutil.which("pyenv") is None:
        return []
    latest = subprocess.run(["pyenv", "latest", version], check=False, capture_output=True, text=True)  # noqa: S603, S607
    prefix = subprocess.run(["pyenv", "prefix", latest.stdout.strip()], check=False, capture_output=True, text=True)  # noqa: S603, S607
    return [[f"{prefix.stdout.strip()}/bin/python{version}"]]


def _said(python: Path, program: str) -> str:
    done = subprocess.run([str(python), "-c", program], check=False, capture_output=True, text=True)  # noqa: S603 - own words
    return done.stdout.strip()


def _plain(python: Path, version: str) -> Path:
    """Install the libraries of layer and rivals as pip does; once for each interpreter and set of pins."""
    pinned = [ROOT / "layers" / "jbplus" / "requirements.txt", _RIVALS / "requirements.txt"]
    digest = hashlib.sha256(b"".join([version.encode(), *(path.read_bytes() for path in pinned)])).hexdigest()[:16]
    ready = _CACHE / f"plain-{digest}"
    if not ready.is_dir():
        with tempfile.TemporaryDirectory(dir=_CACHE) as folder:
            target = Path(folder) / "plain"
            words = ["-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--require-hashes", "--no-deps"]
            words += ["--only-binary=:all:", "--no-compile", "--root-user-action=ignore", "--target", str(target)]
            for path in pinned:
                words += ["--requirement", str(path)]
            subprocess.run([str(python), *words], check=True)  # noqa: S603 - own words
            _compile(python, target)
            target.rename(ready)
    return ready


def _compile(python: Path, folder: Path) -> None:
    words = ["-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", str(folder)]
    subprocess.run([str(python), *words], check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - own words


def _unpacked(content: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    return folder
