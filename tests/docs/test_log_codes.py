"""The page of log codes is what the catalogue says."""

import re
from pathlib import Path

from jbplus.logs import LogCode
from jbplus_openapi.log_codes import page

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "log-codes.md").read_text(encoding="utf-8")


def test_the_page_is_made_from_the_catalogue() -> None:
    assert page() == PAGE, "make log-codes writes it anew"


def test_each_code_has_a_number_of_its_own_a_cause_and_a_remedy() -> None:
    assert len({code.number for code in LogCode}) == len(LogCode)
    for code in LogCode:
        assert re.fullmatch(r"[A-Z]+[0-9]{3}", code.number)
        assert code == code.value == str(code)
        for words in (code.cause, code.remedy):
            assert words.endswith(".")
            assert "|" not in words


def test_a_code_that_a_page_names_is_in_the_catalogue() -> None:
    pages = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").rglob("*.md"))]
    named = {number for text in pages for number in re.findall(r"`((?:INTAKE|CALL|NOTICE|STATS|DROP)\d{3})`", text)}

    assert named <= {code.number for code in LogCode}
