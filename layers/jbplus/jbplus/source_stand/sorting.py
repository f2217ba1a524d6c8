"""Sorting more lines than fit in memory: runs of them are sorted, laid on disk, and merged as they are read."""

import heapq
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Self

_RUN = 100_000


class Sorted:
    """Lines in the order of their characters, whatever the order that they were added in; a context.

    What lies on disk has no name there, and is gone when the context or the process ends.

    Args:
        folder: where runs are laid; None for where the system keeps what is temporary.
        run: how many lines are in memory at most.
    """

    def __init__(self, folder: Path | None = None, run: int = _RUN) -> None:
        self._folder, self._run = folder, run
        self._in_memory: list[str] = []
        self._on_disk: list[IO[str]] = []
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Drop what lies on disk."""
        self._open.close()

    def __iter__(self) -> Iterator[str]:
        """Give the lines in their order; once, when all are added."""
        self._in_memory.sort()
        yield from heapq.merge(*map(_lines, self._on_disk), self._in_memory)

    def add(self, line: str) -> None:
        """Add a line; it has no end of a line in it.

        Raises:
            OSError: there is no room for it.
        """
        self._in_memory.append(line)
        if len(self._in_memory) >= self._run:
            self._lay_down()

    def _lay_down(self) -> None:
        self._in_memory.sort()
        unnamed = TemporaryFile("w+", encoding="utf-8", newline="\n", dir=self._folder)  # noqa: SIM115 - as long as we
        run = self._open.enter_context(unnamed)
        run.writelines(f"{line}\n" for line in self._in_memory)
        self._on_disk.append(run)
        self._in_memory = []


def _lines(run: IO[str]) -> Iterator[str]:
    run.seek(0)
    for line in run:
        yield line[:-1]
