"""What a command shows: tables for people or one JSON document for programs, and its exit code."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import typer
from pydantic import JsonValue
from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from jbplus_cli.screen import looks
from jbplus_recipient.client import Advance
from jbplus_recipient.errors import ExchangeError, ProblemError


class Screen:
    """One command's output; a context that turns our errors into words and exit code 1.

    With JSON, standard output gets exactly one document, when the command ends: what it found, and under
    `error` why it stopped. Progress and words for people go to standard error.

    Args:
        as_json: whether a program reads the output.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._document: dict[str, JsonValue] = {}
        self._failed = False
        self._out = Console(highlight=False)
        self._err = Console(stderr=True, highlight=False)

    def __enter__(self) -> Self:
        """Begin the output."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the output, and the command when it failed."""
        if isinstance(error, ExchangeError):
            self._fail(error)
        elif error is not None:
            return
        if self._as_json:
            typer.echo(json.dumps(self._document, ensure_ascii=False, indent=2))
        if self._failed:
            raise typer.Exit(1)

    def result(self, document: dict[str, JsonValue], shown: RenderableType) -> None:
        """Give the command's result."""
        self._document |= document
        self.show(shown)

    def line(self, document: dict[str, JsonValue], text: str) -> None:
        """Give a result that other commands take in: one line, however long, with nothing around it."""
        self._document |= document
        if not self._as_json:
            typer.echo(text)

    def item(self, document: dict[str, JsonValue], shown: RenderableType | None, name: str = "items") -> None:
        """Give one of several results, under `items` or another name in JSON."""
        self._collect(name, document)
        if shown is not None:
            self.show(shown)

    def entry(self, document: dict[str, JsonValue], text: str) -> None:
        """Give one of several results, under `items` in JSON, as one line, however long, with nothing around it."""
        self._collect("items", document)
        if not self._as_json:
            typer.echo(text)

    def fall_short(self, words: str) -> None:
        """Say what was asked for and not done, under `unfinished` in JSON; the command fails."""
        self._collect("unfinished", words)
        self._err.print(looks.failure(words), soft_wrap=True)
        self.mark_failed()

    def mark_failed(self) -> None:
        """Let the command end with exit code 1: not everything that was asked was done."""
        self._failed = True

    def show(self, shown: RenderableType) -> None:
        """Show something to people alone."""
        if not self._as_json:
            # What takes more than a line says so itself: a name or command that is to be copied stays whole.
            self._out.print(shown, crop=False, soft_wrap=isinstance(shown, Text))

    def warn(self, words: str) -> None:
        """Warn people, whoever reads the output."""
        self._err.print(looks.warning(words), soft_wrap=True)

    @contextmanager
    def refreshing(self) -> Iterator[Callable[[RenderableType], None]]:
        """Show one thing that changes; what was shown last stays."""
        with Live(console=self._out, auto_refresh=False) as live:
            yield lambda shown: live.update(shown, refresh=True)

    def _collect(self, name: str, value: JsonValue) -> None:
        # Who only reads text needs no document, which would grow with every result.
        values = self._document.setdefault(name, [])
        if self._as_json and isinstance(values, list):
            values.append(value)

    def _fail(self, error: ExchangeError) -> None:
        self._failed = True
        said: dict[str, JsonValue] = {"message": str(error)}
        if isinstance(error, ProblemError):
            self._err.print(looks.problem(error.problem), soft_wrap=True)
            said["problem"] = error.problem.wire()
        else:
            self._err.print(looks.failure(str(error)), soft_wrap=True)
        self._document["error"] = said

    @contextmanager
    def bytes_done(self, description: str, size: int) -> Iterator[Advance]:
        """Follow a step that is measured in bytes."""
        with self._bar(description, size, DownloadColumn()) as advance:
            yield advance

    @contextmanager
    def records_done(self, description: str, count: int | None) -> Iterator[Advance]:
        """Follow a step that is measured in records; None while nobody knows how many."""
        with self._bar(description, count, MofNCompleteColumn()) as advance:
            yield advance

    @contextmanager
    def waiting(self, description: str) -> Iterator[None]:
        """Show that something is awaited."""
        with self._err.status(description):
            yield

    @contextmanager
    def refreshing_status(self, description: str) -> Iterator[Callable[[str], None]]:
        """Show that something is awaited, in words that change."""
        with self._err.status(description) as status:
            yield status.update

    @contextmanager
    def _bar(self, description: str, total: int | None, measure: ProgressColumn) -> Iterator[Advance]:
        columns = (TextColumn("{task.description}"), BarColumn(), measure, TimeRemainingColumn())
        with Progress(*columns, console=self._err, transient=True, disable=not self._err.is_terminal) as progress:
            task = progress.add_task(description, total=total)
            yield lambda count: progress.update(task, advance=count)
