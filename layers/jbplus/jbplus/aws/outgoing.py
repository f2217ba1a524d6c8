"""The folder where a party's files stand until they are fetched or sent."""

from dataclasses import dataclass
from typing import BinaryIO

from jbplus.aws.folders import OUTGOING
from jbplus.aws.objects import GZIP, JSON, Objects


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Puts files out for parties."""

    objects: Objects

    def put_out(self, party: str, name: str, content: bytes | BinaryIO) -> None:
        """Put a file out for a party, by its KBO number; the same name again replaces it."""
        self.objects.put(f"{OUTGOING}{party}/{name}", content, GZIP if name.endswith(".gz") else JSON)
