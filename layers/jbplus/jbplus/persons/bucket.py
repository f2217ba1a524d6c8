"""The bucket: how far a recomputation of the ends has come."""

from dataclasses import dataclass

from jbplus.aws.folders import PROGRESS
from jbplus.aws.objects import JSON, Objects
from jbplus.persons.recomputing import Recomputed

_KEY = f"{PROGRESS}bewaartermijn.json"


@dataclass(frozen=True, slots=True)
class S3RecomputingProgress:
    """Keeps it in one object; it names persons by their pseudonyms alone."""

    objects: Objects

    def read(self) -> Recomputed | None:
        """Read it; None while none is under way."""
        content = self.objects.find(_KEY)
        return None if content is None else Recomputed.read(content)

    def keep(self, progress: Recomputed) -> None:
        """Keep it."""
        self.objects.put(_KEY, progress.model_dump_json().encode(), JSON)

    def forget(self) -> None:
        """Forget it: all is done."""
        self.objects.remove(_KEY)
