"""The page about the codes says what the code says."""

from pathlib import Path

from jbplus.mutation_file.codes import MESSAGES, Code

PAGE = Path(__file__).parents[2] / "docs" / "report-codes.md"


def test_the_page_has_each_code_once_with_its_message_a_cause_and_a_remedy() -> None:
    rows = [line.strip("|").split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if "| `" in line[:3]]

    assert [row[0].strip(" `") for row in rows] == [code.value for code in Code]
    assert [row[1] for row in rows] == [MESSAGES[code] for code in Code]
    assert all(len(row) == 4 and row[2] and row[3].strip() for row in rows)
