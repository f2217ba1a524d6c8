"""What a stack did of a party in a period, as its tables and its bucket tell it: no person is named."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from jbplus.aws.keys import (
    ENTRY_KEY,
    KEY_VERSION,
    NUMBER_KEY,
    PARTY_KEY,
    REPORT_KEY,
    SERIES_KEY,
    TTL_ATTRIBUTE,
)
from jbplus.errors import UnavailableError
from jbplus.intake.ledger_table import SERIES
from jbplus.notices.applied import kind_of, volgnummer_of
from jbplus.protocol.calendar import brussels_day
from jbplus.protocol.parties import Party
from jbplus.registrations.table import DynamoQuota
from jbplus.suspensions.table import DynamoSuspensions
from jbplus_cli.evidence.folder import Row
from jbplus_cli.files.reports import Reports
from jbplus_cli.stack.aws import Clients, aws_errors
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Target
from jbplus_recipient.errors import ExchangeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jbplus.aws.dynamodb import Item

_PART: Final = "part#"


@dataclass(frozen=True, slots=True)
class Deeds:
    """Reads what was done of a party, in a period.

    Attributes:
        world: the command's surroundings.
        target: the stack.
        outputs: the stack's outputs, by name.
        party: whom it is about.
        first: the first day, in Brussels.
        last: the last day, inclusive.
    """

    world: Surroundings
    target: Target
    outputs: "Mapping[str, str]"
    party: Party
    first: date
    last: date

    REGISTRATIONS: ClassVar[tuple[str, ...]] = ("right", "state", "registrations")
    NEW: ClassVar[tuple[str, ...]] = ("day", "new persons")
    SUSPENSIONS: ClassVar[tuple[str, ...]] = ("id", "streams", "purposes", "begins", "lifted", "reason")
    NOTICES: ClassVar[tuple[str, ...]] = ("tells of", "notice", "given", "file", "part")
    QUALITY: ClassVar[tuple[str, ...]] = ("id", "reported", "kind", "status", "answered")
    FILES: ClassVar[tuple[str, ...]] = ("kind", "volgnummer", "claimed", "finished", "status", "sha256")
    REPORTS: ClassVar[tuple[str, ...]] = ("file", "received", "status", "read", "applied", "superseded", "refused")

    @property
    def _aws(self) -> Clients:
        return self.world.aws(self.target)

    def registrations(self) -> Iterator[Row]:
        """Count the party's registrations as they are now; nobody's pseudonym is read.

        Raises:
            ExchangeError: the table is out of reach, or the key of the pseudonyms is being rotated.
        """
        today, now = brussels_day(self.world.now()), self.world.now().timestamp()
        counts: Counter[tuple[str, str]] = Counter()
        versions = set()
        with self._read("count the registrations"):
            pages = (
                self._aws.dynamodb()
                .get_paginator("scan")
                .paginate(
                    TableName=self._output("RegistrationsTable"),
                    FilterExpression="#party = :party AND attribute_exists(#begin)",
                    ProjectionExpression="#party, #begin, #end, #right, #version, #expires",
                    ExpressionAttributeNames={
                        "#party": PARTY_KEY,
                        "#begin": "begin",
                        "#end": "end",
                        "#right": "right",
                        "#version": KEY_VERSION,
                        "#expires": TTL_ATTRIBUTE,
                    },
                    ExpressionAttributeValues={":party": {"S": self.party.kbo}},
                    Select="SPECIFIC_ATTRIBUTES",  # the right to read asks for it: no pseudonym is read
                )
            )
            for item in (each for page in pages for each in page["Items"]):
                if TTL_ATTRIBUTE in item and int(item[TTL_ATTRIBUTE]["N"]) <= now:
                    continue
                versions.add(item[KEY_VERSION]["N"] if KEY_VERSION in item else "1")
                end = date.fromisoformat(item["end"]["S"]) if "end" in item else date.max
                active = date.fromisoformat(item["begin"]["S"]) <= today <= end
                counts[item["right"]["S"], "active" if active else "not active"] += 1
        if len(versions) > 1:
            raise ExchangeError("The key of the pseudonyms is being rotated: each registration stands there twice.")
        for (right, state), count in sorted(counts.items()):
            yield {"right": right, "state": state, "registrations": str(count)}

    def new_registrations(self) -> Iterator[Row]:
        """Tell how many new persons the party registered on each day of the period that is still counted."""
        quota = DynamoQuota(self._aws.dynamodb(), self._output("RegistrationsTable"), self.world.sleep)
        for day in self._days():
            with self._read("read how many persons were registered"):
                counted, _ = quota.read_quota(self.party.kbo, day)
            if counted:
                yield {"day": day.isoformat(), "new persons": str(counted)}

    def suspensions(self) -> Iterator[Row]:
        """Give the suspensions that held on a day of the period."""
        table = self._output("SuspensionsTable")
        with self._read("read the suspensions"):
            stored = DynamoSuspensions(self._aws.dynamodb(), table, self.world.sleep).read([self.party.kbo])
        for each in (one for party in stored.values() for one in party.suspensions):
            lifted = each.lifted
            if brussels_day(each.begin) > self.last or (lifted is not None and brussels_day(lifted) < self.first):
                continue
            yield {
                "id": each.id,
                "streams": ", ".join(each.streams),
                "purposes": ", ".join(each.purposes),
                "begins": each.begin.isoformat(),
                "lifted": "" if lifted is None else lifted.isoformat(),
                "reason": each.reason,
            }

    def notices(self) -> Iterator[Row]:
        """Give the notices that were given to the party, by the file that each tells of."""
        with self._read("read the notices"):
            pages = (
                self._aws.dynamodb()
                .get_paginator("query")
                .paginate(
                    TableName=self._output("NoticesTable"),
                    KeyConditionExpression=f"{PARTY_KEY} = :party AND begins_with({ENTRY_KEY}, :part)",
                    ExpressionAttributeValues={":party": {"S": self.party.kbo}, ":part": {"S": _PART}},
                    ConsistentRead=True,
                )
            )
            for item in (each for page in pages for each in page["Items"]):
                if "moment" not in item or not self._is_in(datetime.fromisoformat(item["moment"]["S"])):
                    continue
                file, _, part = item[ENTRY_KEY]["S"].removeprefix(_PART).rpartition(".")
                yield {
                    "tells of": kind_of(file),
                    "notice": item["number"]["N"],
                    "given": item["moment"]["S"],
                    "file": str(volgnummer_of(file)),
                    "part": part,
                }

    def quality(self) -> Iterator[Row]:
        """Give what the party reported in the period; neither the person nor a text is read."""
        with self._read("read the quality reports"):
            pages = (
                self._aws.dynamodb()
                .get_paginator("query")
                .paginate(
                    TableName=self._output("QualityTable"),
                    KeyConditionExpression="#party = :party",
                    ProjectionExpression="#party, #report, #moment, #flaw, #status, #answered",
                    ExpressionAttributeNames={
                        "#party": PARTY_KEY,
                        "#report": REPORT_KEY,
                        "#moment": "moment",
                        "#flaw": "flaw",
                        "#status": "status",
                        "#answered": "answeredAt",
                    },
                    ExpressionAttributeValues={":party": {"S": self.party.kbo}},
                    Select="SPECIFIC_ATTRIBUTES",  # the right to read asks for it
                    ConsistentRead=True,
                )
            )
            found = [item for page in pages for item in page["Items"]]
        for item in sorted(found, key=lambda each: each["moment"]["S"]):
            if self._is_in(datetime.fromisoformat(item["moment"]["S"])):
                yield {
                    "id": item[REPORT_KEY]["S"],
                    "reported": item["moment"]["S"],
                    "kind": item["flaw"]["S"],
                    "status": item["status"]["S"],
                    "answered": item.get("answeredAt", {}).get("S", ""),
                }

    def files(self) -> Iterator[Row]:
        """Give WEWIS's files that were claimed in the period."""
        for kind, series in SERIES.items():
            for item in self._series(series):
                claimed = datetime.fromtimestamp(int(item["claimedAt"]["N"]), UTC)
                if not self._is_in(claimed):
                    continue
                finished = item.get("finishedAt", {}).get("N")
                yield {
                    "kind": kind,
                    "volgnummer": item[NUMBER_KEY]["N"],
                    "claimed": claimed.isoformat(),
                    "finished": datetime.fromtimestamp(int(finished), UTC).isoformat() if finished else "",
                    "status": item.get("status", {}).get("S", "not finished"),
                    "sha256": item["sha256"]["S"],
                }

    def _series(self, series: str) -> "Iterator[Item]":
        with self._read("read the ledger"):
            pages = (
                self._aws.dynamodb()
                .get_paginator("query")
                .paginate(
                    TableName=self._output("LedgerTable"),
                    KeyConditionExpression=f"{SERIES_KEY} = :series",
                    ExpressionAttributeValues={":series": {"S": series}},
                    ConsistentRead=True,
                )
            )
            for page in pages:
                yield from page["Items"]

    def reports(self) -> Iterator[Row]:
        """Give what became of each delivery that was reported in the period; reports are kept for a year."""
        reports = Reports(self._aws.s3(), self.target.bucket, self.target.advice_when_unreachable)
        for written in reports.written_when(self._is_in):
            said = written.report
            yield {
                "file": said.bestand,
                "received": "" if written.received is None else written.received.isoformat(),
                "status": said.status,
                "read": str(said.aantallen.gelezen),
                "applied": str(said.aantallen.toegepast),
                "superseded": str(said.aantallen.verouderd),
                "refused": str(said.aantallen.geweigerd),
            }

    def _is_in(self, moment: datetime) -> bool:
        return self.first <= brussels_day(moment) <= self.last

    def _days(self) -> Iterator[date]:
        return (self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))

    def _output(self, name: str) -> str:
        if name not in self.outputs:
            raise ExchangeError(f"The stack has no output {name}: is it of this version?")
        return self.outputs[name]

    @contextmanager
    def _read(self, doing: str) -> Iterator[None]:
        try:
            with aws_errors(doing, self.target.advice_when_unreachable):
                yield
        except UnavailableError as error:
            raise ExchangeError(f"Could not {doing}: {error}.") from error
