"""The stands that the exchange leaves for WEWIS on the dropserver: what is live there, by referte."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import ijson

from jbplus.ftps.server import Server
from jbplus.persons.state import Rank
from jbplus.source_stand.document import FILE_NAME, SourceStandContext, SourceStandLine
from jbplus.source_stand.rules import Line
from jbplus_recipient.atomic import sync_folder, written_whole
from jbplus_recipient.errors import ExchangeError

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


def fetch(server: Server, folder: str, kept: Path, *, keep: bool) -> None:
    """Fetch the stand that lies on the dropserver, if there is one, in the place of the one that is kept here.

    Args:
        server: the connection.
        folder: WEWIS's own folder on it.
        kept: the file here.
        keep: whether it stays on the dropserver too.

    Raises:
        ExchangeError: it is not whole; it stays on the dropserver.
        DropserverError: it cannot be fetched or removed; run again, it is fetched again.
    """
    for file in server.files(folder, FILE_NAME):
        # Whole or not at all, or the one of before would be lost.
        coming = kept.with_name(f"{kept.name}.coming")
        try:
            with written_whole(coming) as fetched:
                server.fetch(folder, file, fetched)
            with _stand(coming) as stand:
                while stand.read(_BLOCK):
                    pass
            coming.replace(kept)
        finally:
            coming.unlink(missing_ok=True)
        sync_folder(kept.parent)
        if not keep:
            server.remove(folder, file.name)
