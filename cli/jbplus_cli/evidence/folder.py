"""The folder of proof: a table a part, each as CSV and JSON, and one page that says what there is and what is missing.

Rows are written as they come, so that a log of any length takes no more memory than its longest row.
"""

import csv
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from jbplus_cli.screen import spreadsheet
from jbplus_recipient.errors import ExchangeError

PAGE: Final = "README.md"
_MOST_SHOWN: Final = 100
"""So many rows of a table stand on the page at most; the files have all of them."""

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """One part of the proof.

    Attributes:
        name: of its files, without their endings.
        title: above it on the page.
        words: what it is, and what it shows, in sentences.
        columns: the names of its columns.
        rows: what it holds; reading them may fail midway.
        missing: what could not be read, in words; filled while the rows are.
    """

    name: str
    title: str
    words: str
    columns: Sequence[str]
    rows: Iterable[Row]
    missing: Sequence[str] = ()


@dataclass(slots=True)
class Folder:
    """A folder of proof while it is made; the page comes last, so that one that has it is whole.

    Attributes:
        path: where it is.
        missing: what could not be read, in words.
    """

    path: Path
    missing: list[str] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)

    @classmethod
    def new(cls, path: Path) -> "Folder":
        """Make the folder, for its owner alone.

        Raises:
            ExchangeError: it cannot be made, or something stands in it.
        """
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(path.iterdir()):
                raise ExchangeError(f"{path} is not empty: name a new folder with -o.")
        except OSError as error:
            raise ExchangeError(f"{path} cannot be made. Choose another folder with -o.") from error
        return cls(path)

    def add(self, table: Table) -> int:
        """Write a part; one that breaks off is not written at all, and said to be missing.

        Returns:
            How many rows it has.

        Raises:
            ExchangeError: the folder takes no more.
        """
        files = [self.path / f"{table.name}.csv", self.path / f"{table.name}.json"]
        shown: list[Row] = []
        count = 0
        try:
            for row in _written(table, *files):
                count += 1
                if count <= _MOST_SHOWN:
                    shown.append(row)
        except OSError as error:
            raise ExchangeError(f"{self.path} cannot be written: {error.strerror}.") from error
        except ExchangeError as error:
            for file in files:
                file.unlink(missing_ok=True)
            self.missing.append(f"{table.title}: {error}")
            self._parts.append(f"## {table.title}\n\n{table.words}\n\n**Not read.** {_line(str(error))}\n")
            return 0
        self.missing += [f"{table.title}: {words}" for words in table.missing]
        self._parts.append("".join(_part(table, shown, count)))
        return count

    def finish(self, head: str) -> None:
        """Write the page.

        Args:
            head: its title and what the folder is about, in Markdown.

        Raises:
            ExchangeError: the folder takes no more.
        """
        if self.missing:
            said = "".join(f"- {_line(words)}\n" for words in self.missing)
            state = f"**This folder is not complete.** What follows could not be read:\n\n{said}"
        else:
            state = "Everything that belongs in this folder could be read.\n"
        try:
            with _own(self.path / PAGE) as page:
                page.write("\n".join([head, state, *self._parts]))
        except OSError as error:
            raise ExchangeError(f"{self.path} cannot be written: {error.strerror}.") from error


def _written(table: Table, as_csv: Path, as_json: Path) -> Iterator[Row]:
    """Write rows to both files as they come, and pass them on."""
    with ExitStack() as files:
        # With its mark and semicolons: as spreadsheets here open it without being asked anything.
        sheet = files.enter_context(_own(as_csv, "utf-8-sig", newline=""))
        lines = csv.writer(sheet, delimiter=";")
        lines.writerow(table.columns)
        document = files.enter_context(_own(as_json))
        document.write("[")
        between = "\n"
        for row in table.rows:
            lines.writerow(spreadsheet.cell(row.get(name, "")) for name in table.columns)
            document.write(between + json.dumps(row, ensure_ascii=False))
            between = ",\n"
            yield row
        document.write("\n]\n")


def _own(path: Path, encoding: str = "utf-8", newline: str | None = None) -> IO[str]:
    """Open a new file that nobody else reads."""
    return os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding=encoding, newline=newline
    )


def _part(table: Table, shown: Sequence[Row], count: int) -> Iterator[str]:
    yield f"## {table.title}\n\n{table.words} All of it: [{table.name}.csv]({table.name}.csv), "
    yield f"[{table.name}.json]({table.name}.json).\n\n"
    for words in table.missing:
        yield f"**Not read:** {_line(words)}\n\n"
    if not count:
        yield "None.\n"
        return
    yield f"| {' | '.join(table.columns)} |\n|{'---|' * len(table.columns)}\n"
    for row in shown:
        yield f"| {' | '.join(_line(row.get(name, '')) for name in table.columns)} |\n"
    if count > len(shown):
        yield f"\n{count - len(shown)} more rows stand in the files.\n"


def _line(text: str) -> str:
    """Write a text so that it stays one cell, and is shown as it is."""
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").split())
