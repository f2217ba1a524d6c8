"""The bucket: how far the counting for the statistics has come."""

from dataclasses import dataclass

from jbplus.aws.folders import COUNTING
from jbplus.aws.objects import JSON, Objects
from jbplus.statistics.counting import Counted

_KEY = f"{COUNTING}personen.json"


@dataclass(frozen=True, slots=True)
class S3CountingProgress:
    """Keeps it in one object."""

    objects: Objects

    def read(self) -> Counted | None:
        """Read it; None while none is under way."""
        content = self.objects.find(_KEY)
        return None if content is None else Counted.from_json(content)

    def keep(self, counted: Counted) -> None:
        """Keep it."""
        self.objects.put(_KEY, counted.to_json(), JSON)

    def forget(self) -> None:
        """Forget it: all is published."""
        self.objects.remove(_KEY)
