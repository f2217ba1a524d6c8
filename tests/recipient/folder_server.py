"""A dropserver that is a folder on the disk: it outlives who is killed."""

import fnmatch
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from jbplus.ftps.server import RemoteFile, Server


@dataclass(frozen=True)
class FolderServer:
    """A dropserver in a folder."""

    root: Path
    expires: datetime | None = None

    def files(self, folder: str, pattern: str) -> list[RemoteFile]:
        return [
            RemoteFile(path.name, path.stat().st_size, datetime.fromtimestamp(path.stat().st_mtime, UTC))
            for path in sorted((self.root / folder).iterdir())
            if fnmatch.fnmatchcase(path.name, pattern)
        ]

    def look(self, folder: str, name: str) -> RemoteFile | None:
        return next(iter(self.files(folder, name)), None)

    def fetch(self, folder: str, file: RemoteFile, into: BinaryIO, start: int = 0) -> None:
        into.write((self.root / folder / file.name).read_bytes()[start:])

    def store(self, folder: str, name: str, content: BinaryIO) -> None:
        (self.root / folder).mkdir(exist_ok=True)
        with (self.root / folder / name).open("wb") as file:
            shutil.copyfileobj(content, file)

    def size(self, folder: str, name: str) -> int | None:
        path = self.root / folder / name
        return path.stat().st_size if path.exists() else None

    def rename(self, folder: str, name: str, to: str) -> None:
        (self.root / folder / name).rename(self.root / folder / to)

    def remove(self, folder: str, name: str) -> None:
        (self.root / folder / name).unlink(missing_ok=True)

    @contextmanager
    def connect(self, _access: object) -> Iterator[Server]:
        yield self
