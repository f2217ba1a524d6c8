"""The stands that the exchange leaves for WEWIS on the dropserver: what is live there, by referte."""

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import ijson

from jbplus.ftps.server import RemoteFile, Server
from jbplus.persons.state import Rank
from jbplus.source_stand.document import PREFIX, SourceStandContext, SourceStandLine
from jbplus.source_stand.rules import Line
from jbplus_recipient.atomic import written_whole
from jbplus_recipient.errors import ExchangeError

_NAME: Final = re.compile(rf"{re.escape(PREFIX)}[0-9]{{17}}\.json\.gz", re.ASCII)
_BLOCK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Stand:
    """A stand in a file; its lines are read as a stream.

    Attributes:
        path: where it is.
        context: its envelope.
    """

    path: Path
    context: SourceStandContext

    @classmethod
    def opened(cls, path: Path) -> Self:
        """Read the envelope of a stand.

        Raises:
            ExchangeError: it is no stand, or cannot be read.
        """
        with _stand(path) as file:
            context = next(ijson.items(file, "context"), None)
            return cls(path, SourceStandContext.model_validate(context))

    def lines(self) -> Iterator[Line]:
        """Give its lines, which are in their order.

        Raises:
            ExchangeError: it is not as agreed, or not whole.
        """
        with _stand(self.path) as file:
            count, before = 0, Line("", "", Rank(0, 0))
            for item in ijson.items(file, "verrichtingen.item"):
                said = SourceStandLine.model_validate(item, strict=True)
                line = Line(said.referte, said.kenmerk, Rank(said.volgnummer, said.index))
                if line < before:
                    raise ValueError(count)
                yield line
                count, before = count + 1, line
            if count != self.context.aantal:
                raise ValueError(count)


@contextmanager
def _stand(path: Path) -> Iterator[gzip.GzipFile]:
    try:
        with gzip.open(path) as file:
            yield file
    except FileNotFoundError as error:
        raise ExchangeError(f"{path} is not there.") from error
    # What is wrong in it is a ValidationError, or of the library of JSON: a ValueError too.
    except (OSError, EOFError, zlib.error, ValueError, ijson.JSONError):
        raise ExchangeError(
            f"{path} is no stand as agreed, or not whole. Take it away; is this jbplus up to date?"
        ) from None


@dataclass(frozen=True, slots=True)
class Stands:
    """Where stands lie, and where the newest is kept.

    Attributes:
        connect: opens a connection to the dropserver.
        folder: WEWIS's own folder on it.
        kept: the folder here that gets it.
        keep: whether they stay on the dropserver too.
    """

    connect: Callable[[], AbstractContextManager[Server]]
    folder: str
    kept: Path
    keep: bool = False

    def newest(self) -> Path | None:
        """Give the newest stand, fetched when it was not yet; older ones go. None when there never was one.

        Raises:
            ExchangeError: it is not whole; it stays on the dropserver.
            DropserverError: it cannot be fetched or removed; run again, it goes on where it was.
        """
        self.kept.mkdir(mode=0o700, exist_ok=True)
        with self.connect() as server:
            there = [file for file in server.files(self.folder, f"{PREFIX}*") if _NAME.fullmatch(file.name)]
            if there:
                # One of the same name takes the place of the one that is here: it was made again.
                self._fetch(server, max(there, key=lambda file: file.name))
            here = sorted(path for path in self.kept.glob(f"{PREFIX}*") if _NAME.fullmatch(path.name))
            for path in here[:-1]:
                path.unlink()
            for file in () if self.keep else there:
                server.remove(self.folder, file.name)
        return here[-1] if here else None

    def _fetch(self, server: Server, file: RemoteFile) -> None:
        path = self.kept / file.name
        with written_whole(path) as fetched:
            server.fetch(self.folder, file, fetched)
        try:
            with _stand(path) as stand:
                while stand.read(_BLOCK):
                    pass
        except ExchangeError:
            path.unlink()
            raise
