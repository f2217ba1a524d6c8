"""Person numbers as people have them: typed, and in texts of every editor and shell."""

import codecs
import io
from pathlib import Path

import pytest

from jbplus_cli.screen.person_numbers import NumbersError, read_numbers
from tests.support.people import ANNA, BRAM

TEXT = f"# two persons\r\n{ANNA[:6]}-{ANNA[6:9]}.{ANNA[9:]}\r\n\r\n{BRAM}\r\n{ANNA}\r\n"
WRITTEN = [
    TEXT.encode(),
    codecs.BOM_UTF8 + TEXT.encode(),
    codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
    codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    TEXT.encode("utf-16-le"),
    TEXT.encode("utf-16-be"),
    TEXT.replace("\r\n", "\r").encode(),
]


@pytest.mark.parametrize("content", WRITTEN)
def test_a_pipe_and_a_file_are_read_however_they_are_written(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "numbers").write_bytes(content)

    for arguments, file in ((["-"], None), ([], Path("-")), ([], tmp_path / "numbers")):
        assert read_numbers(arguments, file, io.BytesIO(content), year=2026) == [ANNA, BRAM]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\xe9\xe8", b"\xff\xfe\x00\xd8"])
def test_what_is_no_text_is_said_by_place(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "numbers").write_bytes(content)

    with pytest.raises(NumbersError, match="standard input cannot be read as text"):
        read_numbers(["-"], None, io.BytesIO(content), year=2026)
    with pytest.raises(NumbersError, match="numbers cannot be read as text"):
        read_numbers([], tmp_path / "numbers", io.BytesIO(), year=2026)


def test_what_is_no_number_is_said_by_line_and_never_shown() -> None:
    content = codecs.BOM_UTF16_LE + f"{ANNA}\n12345678901\n".encode("utf-16-le")

    with pytest.raises(NumbersError, match="line 2 of standard input") as caught:
        read_numbers(["-"], None, io.BytesIO(content), year=2026)

    assert "12345678901" not in str(caught.value)
