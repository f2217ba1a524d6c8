"""`make gates`: template, secrets, persons' numbers, licences and known weaknesses of what the code comes with."""

import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import urllib3

from gates.person_numbers import found
from jbplus_local import template
from jbplus_local.template import CodeLocation
from jbplus_recipient.transport import pool_for

_PROJECT: Final = Path(__file__).parents[1]
_TOOLS: Final = _PROJECT / ".venv-gates" / "bin"
_ENVIRONMENTS: Final = (".venv", ".venv-emulator", ".venv-fuzz", ".venv-gates", ".venv-mutants", ".venv-sam")
_WEAKNESSES: Final = "https://api.osv.dev"


class SkippedError(Exception):
    """A gate could not be looked at; the text says why."""


def main() -> int:
    """Look at each gate, and say of each how it stands; 1 when one is not held."""
    held = [_looked_at(name, gate) for name, gate in GATES.items()]
    return 0 if all(held) else 1


def _looked_at(name: str, gate: Callable[[], str]) -> bool:
    try:
        objections = gate()
    except SkippedError as error:
        sys.stdout.write(f"SKIPPED {name}: {error}\n")
        return True
    sys.stdout.write(f"{'FAILED ' if objections else 'ok     '} {name}\n{objections}")
    sys.stdout.flush()
    return not objections


def _objections(tool: str, *words: str, folder: Path = _PROJECT) -> str:
    """Run a tool, and give what it says when it does not end with 0."""
    done = subprocess.run([str(_TOOLS / tool), *words], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    return "" if done.returncode == 0 else f"{done.stdout}{done.stderr}\n"


@contextmanager
def _expanded() -> Iterator[Path]:
    """Write the template as CloudFormation sees it: the linters do not expand it themselves."""
    source = template.read(_PROJECT / "template.yaml")
    code = {name: CodeLocation("artifacts", f"{name}.zip") for name in template.code_folders(source)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.json"
        path.write_text(json.dumps(template.expand(source, code, "eu-central-1"), indent=1), encoding="utf-8")
        yield path


def _cfn_lint() -> str:
    with _expanded() as path:
        return _objections("cfn-lint", "--regions", "eu-central-1", "--template", str(path))


def _checkov() -> str:
    with _expanded() as path:
        return _objections("checkov", "--config-file", "gates/checkov.yaml", "--file", str(path))


def _secrets() -> str:
    with tempfile.TemporaryDirectory() as folder:
        for file in tracked():
            copy = Path(folder) / file.relative_to(_PROJECT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
        words = ("--framework", "secrets", "--enable-secret-scan-all-files", "--quiet", "--skip-download")
        command = [str(_TOOLS / "checkov"), *words, "--output", "json", "--directory", "."]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    known = tomllib.loads((_PROJECT / "gates" / "no_secrets.toml").read_text(encoding="utf-8"))
    return "".join(f"{place}\n" for place in places_of_secrets(done.stdout, known))


def places_of_secrets(said: str, known: Mapping[str, str]) -> Iterator[str]:
    """Say where secrets stand that checkov found.

    Args:
        said: checkov's findings, as JSON.
        known: what is no secret, with its reason, by checkov's name for it.
    """
    findings = json.loads(said).get("results", {}).get("failed_checks", [])
    for finding in findings:
        if finding["resource"] not in known:
            where = f"{finding['file_path'].lstrip('/')}:{finding['file_line_range'][0]}"
            yield f"{where} {finding['check_name']} {finding['resource']}; or gates/no_secrets.toml says why it is none"


def _person_numbers() -> str:
    return "".join(f"{place}\n" for place in found(tracked(), year=datetime.now(UTC).year))


def tracked() -> list[Path]:
    """Give the files of the repository, also those that are not committed yet.

    Raises:
        SkippedError: it is no clone.
    """
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=_PROJECT, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    except (OSError, subprocess.CalledProcessError):
        raise SkippedError("git does not list the files here") from None
    return [path for name in done.stdout.split("\0") if name and (path := _PROJECT / name).is_file()]


def _licences() -> str:
    rules = tomllib.loads((_PROJECT / "gates" / "licences.toml").read_text(encoding="utf-8"))
    words = ("--from=mixed", "--partial-match", f"--allow-only={';'.join(rules['allowed'])}", "--ignore-packages")
    there = [each for each in _ENVIRONMENTS if (_PROJECT / each / "ready").is_file()]
    if absent := sorted(set(_ENVIRONMENTS) - set(there)):
        sys.stdout.write(f"SKIPPED licences in {', '.join(absent)}: not set up here\n")
    return "".join(
        _objections("pip-licenses", f"--python={_PROJECT / each / 'bin' / 'python'}", *words, *rules["looked_up"])
        for each in there
    )


def _weaknesses() -> str:
    try:
        pool_for(_WEAKNESSES).request("GET", _WEAKNESSES, retries=False, timeout=10)
    except urllib3.exceptions.HTTPError:
        raise SkippedError(f"{_WEAKNESSES} is out of reach from here") from None
    pinned = [*_PROJECT.glob("requirements/*.txt"), *_PROJECT.glob("*/*/requirements.txt")]
    words = ("--vulnerability-service", "osv", "--disable-pip", "--require-hashes", "--progress-spinner", "off")
    return "".join(_objections("pip-audit", *words, "--requirement", str(path)) for path in sorted(pinned))


GATES: Final[dict[str, Callable[[], str]]] = {
    "cfn-lint": _cfn_lint,
    "checkov": _checkov,
    "secrets": _secrets,
    "persons' numbers": _person_numbers,
    "licences": _licences,
    "known weaknesses": _weaknesses,
}

if __name__ == "__main__":
    sys.exit(main())
