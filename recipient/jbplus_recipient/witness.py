"""Being a witness: the checkpoints of the privacy log are kept, so that it cannot be rewritten unseen (Article 6)."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jbplus.checkpoints.verify import PREFIX, Checkpoint, MalformedError, name_of
from jbplus.ftps.server import RemoteFile, Server
from jbplus_recipient.atomic import written_whole
from jbplus_recipient.errors import ExchangeError

FOLDER: Final = "checkpoints"
"""Where checkpoints are kept, in the folder of the state."""

_PATTERN: Final = f"{PREFIX}*.json"
_LARGEST: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Witness:
    """Keeps checkpoints.

    Attributes:
        folder: where; made when it is not there.
    """

    folder: Path

    def take(self, server: Server, folder: str, put_away: Callable[[str], None]) -> Iterator[tuple[str, str]]:
        """Fetch the checkpoints that lie in a folder of the dropserver, and keep them.

        Args:
            server: the dropserver.
            folder: our folder on it.
            put_away: does with a file's name what is done with what was taken.

        Yields:
            The names of what cannot be kept, with the reason; it stays where it is.

        Raises:
            DropserverError: the dropserver cannot be used; the next time goes on.
            ExchangeError: one cannot be written here.
        """
        for file in server.files(folder, _PATTERN):
            reason = self._keep(file, server, folder)
            if reason is None:
                put_away(file.name)
            else:
                yield file.name, reason

    def _keep(self, file: RemoteFile, server: Server, folder: str) -> str | None:
        if file.size is not None and file.size > _LARGEST:
            return "it is larger than any checkpoint"
        content = io.BytesIO()
        server.fetch(folder, file, content)
        try:
            point = Checkpoint.read(content.getvalue())
            if file.name != name_of(point.number):
                return "it bears the name of another checkpoint"
            path = self.folder / file.name
            if path.exists():
                is_same = Checkpoint.read(path.read_bytes()).hash == point.hash
                return None if is_same else "another of its number is kept here: keep both, they prove a fork"
            self.folder.mkdir(parents=True, exist_ok=True)
            with written_whole(path) as kept:
                kept.write(content.getvalue())
        except MalformedError as error:
            return str(error)
        except OSError as error:
            raise ExchangeError(f"Checkpoints cannot be kept in {self.folder} ({error.strerror}).") from error
        return None
