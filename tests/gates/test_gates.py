"""The gates see what they are for; what they leave out has its reason."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from gates import __main__ as gates
from gates.person_numbers import found

from jbplus.protocol import insz
from tests.support.people import ANNA

ROOT = Path(__file__).parents[2]
# Made here, since none may stand in the repository.
SOMEBODY = "85010100" + "1" + insz.check_digits("850101001", born_2000=False)
FOREIGNER = "85210100" + "1" + insz.check_digits("852101001", born_2000=False)


def looked_in(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "file"
    file.write_text(f"\n{text}\n", encoding="utf-8")
    return list(found([file], year=2026))


@pytest.mark.parametrize("number", [SOMEBODY, FOREIGNER])
@pytest.mark.parametrize("text", ["{}", "x{}x", '"insz": "{}"', "{0:.2}.{0:.2}"])
def test_a_person_s_number_is_seen_and_not_repeated(tmp_path: Path, number: str, text: str) -> None:
    grouped = f"{number[:2]}.{number[2:4]}.{number[4:6]}-{number[6:9]}-{number[9:]}"

    (said,) = looked_in(tmp_path, grouped if text.startswith("{0") else text.format(number))

    assert said.startswith(f"{tmp_path / 'file'}:2 ")
    assert number not in said


@pytest.mark.parametrize("text", [ANNA, "sha256:" + SOMEBODY + "a" * 53, SOMEBODY[:10], SOMEBODY + "0"])
def test_what_is_nobody_s_number_passes(tmp_path: Path, text: str) -> None:
    assert looked_in(tmp_path, text) == []


def test_what_is_no_text_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\xff\xfe" + SOMEBODY.encode())

    assert list(found([tmp_path / "file"], year=2026)) == []


def test_each_check_that_is_left_out_has_its_reason() -> None:
    text = (ROOT / "gates" / "checkov.yaml").read_text(encoding="utf-8")
    reasons = dict(re.findall(r"^  - (CKV\w+) # (.{20,})$", text, re.MULTILINE))

    assert list(reasons) == yaml.safe_load(text)["skip-check"]


def test_each_check_of_the_template_that_is_left_out_in_it_has_its_reason() -> None:
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")

    left_out = re.findall(r"^ *(?:ignore_checks|skip): (.*)$", text, re.MULTILINE)
    assert left_out
    assert [line for line in left_out if not re.fullmatch(r"\[\w+\] # .{20,}", line)] == []


def test_each_licence_that_was_looked_up_is_of_something_pinned() -> None:
    rules = tomllib.loads((ROOT / "gates" / "licences.toml").read_text(encoding="utf-8"))
    pinned = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "requirements").glob("*.txt"))

    assert all(re.search(rf"^{package}==", pinned, re.MULTILINE) for package in rules["looked_up"])


@pytest.mark.parametrize(
    ("said", "held", "shown"),
    [("", True, "ok      name\n"), ("this\n", False, "FAILED  name\nthis\n")],
)
def test_a_gate_that_is_not_held_says_why(
    capsys: pytest.CaptureFixture[str],
    said: str,
    *,
    held: bool,
    shown: str,
) -> None:
    assert gates._looked_at("name", lambda: said) is held
    assert capsys.readouterr().out == shown


def test_a_gate_that_cannot_be_looked_at_says_so_and_not_that_it_is_held(capsys: pytest.CaptureFixture[str]) -> None:
    def out_of_reach() -> str:
        raise gates.SkippedError("no network")

    assert gates._looked_at("name", out_of_reach) is True
    assert capsys.readouterr().out == "SKIPPED name: no network\n"


def test_a_secret_is_told_by_its_place_unless_it_is_known_to_be_none() -> None:
    finding = {"check_name": "A key", "file_path": "/a.py", "file_line_range": [3, 4], "resource": "abc"}
    said = json.dumps({"results": {"failed_checks": [finding, {**finding, "resource": "known"}]}})

    assert [place.partition(".")[0] for place in gates.places_of_secrets(said, {"known": "why"})] == ["a"]
    assert list(gates.places_of_secrets(json.dumps({"passed": 0, "failed": 0}), {})) == []
