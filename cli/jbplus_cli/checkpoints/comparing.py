"""The table of the privacy log against what was sealed of it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jbplus.checkpoints.rules import record_of
from jbplus.checkpoints.verify import PATIENCE, Finding, Record, Sealed, Segment


@dataclass(slots=True)
class Compared:
    """What the comparison found out besides findings.

    Attributes:
        records: how many records of the table are as they were sealed.
        waiting: how many are too new to be sealed.
        older: how many are older than all segments.
    """

    records: int = 0
    waiting: int = 0
    older: int = 0

    def table(
        self, items: Iterable[Mapping[str, Any]], sealed: Sealed, segments: Path, now: datetime
    ) -> Iterator[Finding]:
        """Compare the table with the segments.

        What has expired is not looked for: DynamoDB deletes it in its own time.

        Args:
            items: all items of the table.
            sealed: what the segments hold.
            segments: the folder of the segments.
            now: the present moment.
        """
        left, rewritten = set(sealed.contents), set()
        for item in items:
            record = record_of(item)
            content = sealed.contents.get(record.key)
            left.discard(record.key)
            if content == record.content:
                self.records += 1
            elif content is not None:
                rewritten.add(record.key)
            elif not _is_expired(record, now):
                yield from self._unsealed(record, sealed)
        for path in sorted(segments.glob("*.gz")) if left or rewritten else ():
            segment = Segment.read(path.read_bytes())
            for record in segment.records:
                if record.key in rewritten:
                    yield Finding(segment.name, f"{record.name} is another in the table: it was written over")
                if record.key in left and not _is_expired(record, now):
                    yield Finding(segment.name, f"{record.name} is not in the table: it was deleted, or not put back")

    def _unsealed(self, record: Record, sealed: Sealed) -> Iterator[Finding]:
        if record.moment < sealed.beginning:
            self.older += 1
        elif datetime.fromisoformat(record.moment) >= datetime.fromisoformat(sealed.end) - PATIENCE:
            self.waiting += 1
        else:
            yield Finding("table", f"{record.name} is in no segment: it was dated back, or is still to be found")


def _is_expired(record: Record, now: datetime) -> bool:
    ends = json.loads(record.rest).get("expiresAt")
    return isinstance(ends, int) and ends <= now.astimezone(UTC).timestamp()
