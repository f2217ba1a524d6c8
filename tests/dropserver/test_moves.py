"""A file is moved when the listings show it, whatever the server said of the renaming."""

from dataclasses import dataclass, field

import pytest
from typing_extensions import override

from jbplus.ftps.server import ConnectionLostError, DropserverError, move
from tests.dropserver.fakes import FakeServer


@dataclass
class Refusing(FakeServer):
    """Refuses the first renaming, and may have done something else all the same."""

    error: DropserverError = field(default_factory=lambda: DropserverError("refused"))
    loses_it: bool = False
    does_it: bool = False

    @override
    def rename(self, folder: str, name: str, to: str) -> None:
        error, self.error = self.error, DropserverError("refused again")
        if self.loses_it:
            self.content.clear()
        if self.does_it:
            super().rename(folder, name, to)
        raise error


def test_a_refused_renaming_that_was_done_is_done() -> None:
    server = Refusing(does_it=True)
    server.drop("here/a", b"{}")

    move(server, "here", "a", "b")

    assert list(server.content) == ["here/b"]


def test_a_refused_renaming_after_which_the_file_has_its_old_name_is_told() -> None:
    server = Refusing()
    server.drop("here/a", b"{}")

    with pytest.raises(DropserverError, match=r"^refused$"):
        move(server, "here", "a", "b")

    assert list(server.content) == ["here/a"]


def test_a_refused_renaming_after_which_the_file_is_nowhere_is_told() -> None:
    server = Refusing(loses_it=True)
    server.drop("here/a", b"{}")

    with pytest.raises(DropserverError, match=r"^refused$"):
        move(server, "here", "a", "b")


def test_a_renaming_over_a_file_that_is_refused_twice_is_told() -> None:
    server = Refusing()
    server.drop("here/a", b"new")
    server.drop("here/b", b"old")

    with pytest.raises(DropserverError, match=r"^refused again$"):
        move(server, "here", "a", "b")

    assert list(server.content) == ["here/a"]


def test_a_connection_that_is_lost_is_told_whatever_was_done() -> None:
    server = Refusing(error=ConnectionLostError("lost"), does_it=True)
    server.drop("here/a", b"{}")

    with pytest.raises(ConnectionLostError):
        move(server, "here", "a", "b")
