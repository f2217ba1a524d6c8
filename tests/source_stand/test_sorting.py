"""Sorting on disk."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jbplus.source_stand.sorting import Sorted


@given(st.lists(st.text("ab\t-_é", max_size=4)), st.integers(1, 5))
def test_lines_come_in_their_order_however_few_are_in_memory(lines: list[str], run: int) -> None:
    with Sorted(run=run) as found:
        for line in lines:
            found.add(line)

        assert list(found) == sorted(lines)


def test_what_lies_on_disk_has_no_name(tmp_path: Path) -> None:
    with Sorted(tmp_path, run=1) as found:
        found.add("a")
        found.add("b")

        assert list(tmp_path.iterdir()) == []
        assert list(found) == ["a", "b"]


def test_no_room_is_no_silence(tmp_path: Path) -> None:
    with Sorted(tmp_path / "nowhere", run=1) as found, pytest.raises(FileNotFoundError):
        found.add("a")
