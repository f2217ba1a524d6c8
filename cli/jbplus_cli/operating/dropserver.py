"""How the last visit to the dropserver went, as it left word of it in the bucket (C2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, Self

from pydantic import JsonValue

from jbplus.aws.folders import OUTGOING
from jbplus.aws.objects import Objects
from jbplus.dropserver.bucket import recall
from jbplus.dropserver.visits import LastVisit, Sighting
from jbplus.mutation_file.report import shown_name
from jbplus_cli.screen.looks import counted, span

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# The stack's alarms have the same limit.
_SOON: Final = timedelta(days=30)
_MOST_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class DropserverState:
    """What is known of the dropserver.

    Attributes:
        last: the last visit; None when there was none.
        unsent: how many files stand ready to be sent; the next visit sends them.
    """

    last: LastVisit | None
    unsent: int

    @classmethod
    def of(cls, s3: "S3Client", bucket: str) -> Self:
        """Look at the bucket.

        Raises:
            UnavailableError: it is out of reach.
        """
        return cls(recall(s3, bucket), sum(1 for _ in Objects(s3, bucket).names(OUTGOING)))

    def concerns(self, now: datetime) -> Iterator[str]:
        """Say what needs a person."""
        for reason in self.last.reasons if self.last else ():
            yield f"The last visit to the dropserver: {reason}."
        if waiting := self._waiting_long(now):
            named = ", ".join(_shown(seen) for seen in waiting[:_MOST_NAMED])
            more = f" and {len(waiting) - _MOST_NAMED} more" if len(waiting) > _MOST_NAMED else ""
            words = counted(len(waiting), "file stands", "files stand")
            yield f"{words} on the dropserver for over an hour: {named}{more}. Ask WEWIS, or read the dropserver's log."
        for whose, ends in self._certificates():
            if ends - now < _SOON:
                yield f"{whose} certificate {_ending(ends, now)}: have a new one made, and put it in its place."

    def words(self, now: datetime) -> str:
        """Say it in words."""
        if self.last is None:
            return "not visited"
        certificates = "".join(f"; {whose.lower()} certificate {_ending(e, now)}" for whose, e in self._certificates())
        left = counted(len(self.last.seen), "file")
        return f"visited {span(now - self.last.at)} ago; {left} left there; {self.unsent} unsent{certificates}"

    def wire(self, now: datetime) -> dict[str, JsonValue] | None:
        """Give it ready for JSON."""
        if self.last is None:
            return None
        return {
            "visited": self.last.at.isoformat(),
            "reasons": list(self.last.reasons),
            "left": len(self.last.seen),
            "unsent": self.unsent,
            "waitingLong": [
                {"name": _shown(seen), "since": seen.first.isoformat()} for seen in self._waiting_long(now)
            ],
            "ownCertificate": _wire(self.last.own_certificate),
            "serverCertificate": _wire(self.last.server_certificate),
        }

    def _waiting_long(self, now: datetime) -> list[Sighting]:
        return [seen for seen in self.last.seen if seen.waits_long(now)] if self.last else []

    def _certificates(self) -> Iterator[tuple[str, datetime]]:
        if self.last and self.last.own_certificate:
            yield "Our", self.last.own_certificate
        if self.last and self.last.server_certificate:
            yield "The dropserver's", self.last.server_certificate


def _wire(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _ending(ends: datetime, now: datetime) -> str:
    return f"ends in {counted((ends - now).days, 'day')}" if ends > now else f"ended on {ends:%Y-%m-%d}"


def _shown(seen: Sighting) -> str:
    return shown_name(seen.name, year=date.max.year)
