"""Trying again ends by itself, and by the time that is left."""

import pytest

from jbplus.errors import ConflictError, ThrottledError, UnavailableError
from jbplus.retry import attempts, chunks, patiently


class Watch:
    """A watch that only pauses move."""

    def __init__(self, left: float) -> None:
        self.left = left
        self.pauses = 0

    def sleep(self, seconds: float) -> None:
        self.left -= seconds
        self.pauses += 1


@pytest.mark.parametrize(("most", "left", "tries"), [(1, 100.0, 1), (12, 100.0, 12), (12, 0.0, 1), (12, -5.0, 1)])
def test_there_are_as_many_tries_as_the_number_and_the_time_allow(most: int, left: float, tries: int) -> None:
    watch = Watch(left)

    assert list(attempts(most, watch.sleep, lambda: watch.left)) == list(range(1, tries + 1))
    assert watch.pauses == tries - 1


def test_no_pause_goes_past_the_time_that_is_left() -> None:
    watch = Watch(3.0)

    assert 2 < len(list(attempts(1000, watch.sleep, lambda: watch.left))) < 100
    assert watch.left >= 0


@pytest.mark.parametrize("error", [ConflictError("x"), ThrottledError("x")])
def test_what_is_turned_away_is_called_again_until_it_works(error: Exception) -> None:
    turned_away = [error, error]

    def call() -> str:
        if turned_away:
            raise turned_away.pop()
        return "done"

    watch = Watch(100.0)
    assert patiently(call, 3, watch.sleep, what="store") == "done"
    assert watch.pauses == 2


def test_what_is_always_turned_away_is_out_of_reach() -> None:
    def call() -> str:
        raise ThrottledError("a key")

    watch = Watch(100.0)
    with pytest.raises(UnavailableError, match=r"^store: throttled") as told:
        patiently(call, 3, watch.sleep, what="store")
    assert type(told.value) is UnavailableError


def test_what_is_out_of_reach_is_not_pestered() -> None:
    calls = []

    def call() -> str:
        calls.append(1)
        raise UnavailableError("gone")

    with pytest.raises(UnavailableError, match="gone"):
        patiently(call, 3, Watch(100.0).sleep, what="store")
    assert calls == [1]


@pytest.mark.parametrize(
    ("items", "expected"),
    [(0, []), (1, [[0]]), (2, [[0, 1]]), (3, [[0, 1], [2]]), (4, [[0, 1], [2, 3]])],
)
def test_items_come_in_chunks_and_the_last_may_be_shorter(items: int, expected: list[list[int]]) -> None:
    assert list(chunks(iter(range(items)), 2)) == expected
