"""The reports that the exchange leaves for WEWIS on the dropserver."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from jbplus.ftps.server import RemoteFile, Server
from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.report import OTHER_NAME, Report
from jbplus_recipient.atomic import written_whole
from jbplus_recipient.errors import ExchangeError
from jbplus_recipient.witness import Witness

# Other files for WEWIS stay where they are.
_STEMS: Final = "|".join(f"{re.escape(kind.prefix)}[0-9]{{17}}" for kind in Kind)
_NAME: Final = re.compile(rf"({_STEMS}|{OTHER_NAME})\.[0-9a-f]{{8}}(\.[0-9]{{1,9}})?\.json", re.ASCII)
_LARGEST: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reports:
    """Where reports lie, and where they are kept.

    Attributes:
        connect: opens a connection to the dropserver.
        folder: WEWIS's own folder on it.
        kept: the folder here that gets them.
        witness: keeps the checkpoints of the privacy log, which lie there too.
        keep: whether they stay on the dropserver too.
    """

    connect: Callable[[], AbstractContextManager[Server]]
    folder: str
    kept: Path
    witness: Witness
    keep: bool = False

    def fetch(self) -> Iterator[Report]:
        """Fetch each report that was not fetched before, and checkpoints; each leaves the dropserver once it is kept.

        Raises:
            ExchangeError: one is not as agreed; it stays where it is.
            DropserverError: it cannot be fetched or removed; run again, it goes on where it was.
        """
        with self.connect() as server:
            for file in server.files(self.folder, "*.json"):
                if not _NAME.fullmatch(file.name) or (self.keep and (self.kept / file.name).exists()):
                    continue
                # Who dies before it was shown is shown it again.
                yield self._fetched(server, file)
                self._put_away(server, file.name)
            for name, reason in self.witness.take(server, self.folder, partial(self._put_away, server)):
                raise ExchangeError(f"{name} is no checkpoint to keep: {reason}. It stays on the dropserver.")

    def _put_away(self, server: Server, name: str) -> None:
        if not self.keep:
            server.remove(self.folder, name)

    def _fetched(self, server: Server, file: RemoteFile) -> Report:
        content = io.BytesIO()
        if file.size is not None and file.size > _LARGEST:
            raise ExchangeError(f"{file.name} is larger than any report. Ask the exchange's operators about it.")
        server.fetch(self.folder, file, content)
        try:
            report = Report.read(content.getvalue())
        except ValidationError as error:
            raise ExchangeError(
                f"{file.name} is no report as agreed; it stays on the dropserver. Is this jbplus up to date?"
            ) from error
        with written_whole(self.kept / file.name) as kept:
            kept.write(content.getvalue())
        return report
