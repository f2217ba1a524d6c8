"""Installs the recipient's library and the whole product into empty environments, and runs what their pages say.

`make installs`; it fetches what they declare from the package index. The file's name keeps it out of what pytest
collects by itself.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jbplus_local.dropserver import TO_VIP, Dropserver
from jbplus_recipient.changes import CSV_NAME as CHANGES
from jbplus_recipient.deductions import CSV_NAME
from tests.cli.world import FakeApi
from tests.recipient.fakes import INFINO, notice_bytes, notice_name, person
from tests.support.people import ANNA, BRAM

pytestmark = pytest.mark.filterwarnings("ignore:X509.get_subject is deprecated:DeprecationWarning")

ROOT = Path(__file__).parents[2]
_MADE = shutil.ignore_patterns("build", "*.egg-info", "__pycache__", ".aws-sam")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what the distributions are made of: building leaves traces in its folder."""
    folder = tmp_path_factory.mktemp("clone")
    for name in ("layers", "openapi", "recipient", "cli", "local", "events"):
        shutil.copytree(ROOT / name, folder / name, ignore=_MADE)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    return folder


def installed(clone: Path, what: str, folder: Path) -> Path:
    """Install a folder of the clone into an environment that holds nothing else; give its commands' folder."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", what], cwd=clone, check=True)
    subprocess.run([*pip, "check"], check=True)
    return folder / "bin"


def environment(**more: str) -> dict[str, str]:
    # Nothing of this repository may be found but what was installed.
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | more


def test_the_library_runs_its_example(clone: Path, tmp_path: Path) -> None:
    commands = installed(clone, "./recipient", tmp_path / "environment")
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "recipient" / "README.md").read_text(), re.DOTALL)
    api, dropserver = FakeApi(), Dropserver(tmp_path / "dropserver")
    try:
        api.persons |= {ANNA: person(ANNA, 17, "600.00").wire(), BRAM: person(BRAM, 18, "-25.00").wire()}
        notice = dropserver.folder / TO_VIP / INFINO.kbo / notice_name(1)
        notice.write_bytes(notice_bytes(1, [(BRAM, 18)]))
        here = tmp_path / "work"
        here.mkdir()
        (here / "numbers.txt").write_text(f"{ANNA}\n")
        access = dropserver.access(INFINO.key)
        said = {"HOST": access.host, "PORT": str(access.port), "USER": access.user, "PASSWORD": access.password}
        for name in ("ca", "certificate", "key"):
            path = here / f"{name}.pem"
            path.write_text(getattr(access, name))
            said[name.upper()] = str(path)
        settings = {f"DROPSERVER_{name}": value for name, value in said.items()}
        settings |= {"EXCHANGE_URL": api.url, "EXCHANGE_TOKEN": "a-token"}

        done = subprocess.run(
            [commands / "python", "-I", "-c", example],
            cwd=here, env=environment(**settings), check=False, capture_output=True, text=True,
        )  # fmt: skip
    finally:
        api.stop()
        dropserver.stop()

    assert (done.returncode, done.stdout) == (0, "2 deductions, 1 changed; in step: False\n"), done.stderr
    assert (here / "deductions" / CSV_NAME).read_text().splitlines()[1:] == [
        f"{ANNA},2024,600.00,0.00,600.00,600.00,17,nee",
        f"{BRAM},2024,0.00,-25.00,-25.00,0.00,18,nee",
    ]
    assert (here / "deductions" / CHANGES).read_text().splitlines()[1:] == [f"{ANNA},2024,0.00,600.00,nee,nee"]
    assert not notice.exists()


def test_the_product_makes_a_file_and_knows_a_recipients_state(clone: Path, tmp_path: Path) -> None:
    commands = installed(clone, ".", tmp_path / "environment")

    def run(*words: object) -> str:
        return subprocess.check_output(
            [commands / "jbplus", *map(str, words)], cwd=tmp_path, env=environment(), text=True
        )

    run("source", "make", clone / "events" / "payments.csv", "--state", "wewis", "--allow-test-numbers")
    shown = run("recipient", "show", "--party", "infino", "--state", "infino")

    assert [path.suffix for path in (tmp_path / "wewis" / "outbox").glob("werk.*")] == [".json"]
    assert "nothing to deduct" in shown
    # The functions' modules are there too, with what they import.
    every = "import pkgutil, jbplus; [__import__(m.name) for m in pkgutil.walk_packages(jbplus.__path__, 'jbplus.')]"
    subprocess.run([commands / "python", "-I", "-W", "error", "-c", every], cwd=tmp_path, check=True)
