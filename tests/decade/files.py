"""The files of WEWIS as they come: what must become of each, what its report must say, and what is released later."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from jbplus.intake.wire import Released
from jbplus.protocol.parties import WEWIS, Party
from tests.decade import START
from tests.decade.edges import Death
from tests.decade.exchange import Exchange
from tests.decade.oracle import AnyRecord, File, Oracle, named
from tests.decade.reading import Reader, check, expect
from tests.decade.script import Drop

_PART = re.compile(r"\.[0-9a-f]{8}\.\d{8}$")
_LONGEST_BROKEN = timedelta(days=5)


@dataclass
class Files:
    """Holds what becomes of files against what must.

    Attributes:
        oracle: takes them too.
        exchange: takes them in.
        readers: what the recipients must be told.
        touched: the numbers that were spoken of since this was emptied.
        quarantined: the files that were refused by mistake.
        released: when such were handed in again last.
    """

    oracle: Oracle
    exchange: Exchange
    readers: dict[str, Reader]
    touched: set[str] = field(default_factory=set)
    quarantined: list[File] = field(default_factory=list)
    released: date = START
    _standing: dict[str, Drop] = field(default_factory=dict)
    _applied: list[tuple[int, list[AnyRecord]]] = field(default_factory=list)
    _reports: Counter[str] = field(default_factory=Counter)
    _seen: set[str] = field(default_factory=set)
    _broken: dict[str, date] = field(default_factory=dict)

    @property
    def _now(self) -> float:
        return self.exchange.clock.now.timestamp()

    def put(self, drop: Drop) -> None:
        """Put a file on the dropserver."""
        self._standing[drop.name] = drop
        self.exchange.server.held["From_Vip", drop.name] = (drop.content, self.exchange.clock.now)

    def expect_results(self, today: date) -> None:
        """Say what must have become of the files of this morning; one that is not whole may come whole yet."""
        now = self._now
        for drop in sorted(self._standing.values(), key=lambda drop: (len(drop.content), drop.name)):
            if drop.file is None:
                self._broken[_said(drop.content, {"status": "geweigerd"})] = today
            else:
                self._reports[_said(drop.content, self._expect(drop.file, now))] += 1
        self._standing.clear()
        self.expect_reports(today)

    def expect_told(self, today: date, held: Collection[Party]) -> None:
        """Say who must be told, once all files of the visit are in, and what was released."""
        for volgnummer, records in self._applied:
            expect(self.readers, self.oracle, volgnummer, records, today, held=held)
        self._applied.clear()

    def expect_reports(self, today: date) -> None:
        """Make sure that each file that was done with has its report."""
        bucket = self.exchange.bucket
        check(self.exchange.dock.events == [] and bucket.incoming == {}, "a file is not done with")
        new = [name for name in bucket.reports if name not in self._seen]
        self._seen.update(new)
        for report in [_of_report(bucket.reports[name]) for name in new]:
            if report in self._broken:
                del self._broken[report]
            else:
                self._reports[report] -= 1
        check(not any(self._reports.values()), "the reports are not those of the files")
        self._reports.clear()
        check(all(today - day < _LONGEST_BROKEN for day in self._broken.values()), "a file has no report")

    def see_reports(self) -> None:
        """Know the reports that are there: what came in again after a restore has one again."""
        self._seen.update(self.exchange.bucket.reports)

    def read_reports(self) -> None:
        """WEWIS reads what was sent to it."""
        held = self.exchange.server.held
        for folder, name in [key for key in held if key[0] == WEWIS.kbo]:
            content, _ = held.pop((folder, name))
            check(
                content == self.exchange.bucket.reports.get(name.removesuffix(".json")), "a report was sent otherwise"
            )

    def release(self, today: date, death: Death | None) -> None:
        """Hand in again what was refused by mistake; it keeps its rank, and what is bad stays."""
        now, quarantined = self._now, self.exchange.bucket.quarantined
        ours = {(f.volgnummer, f.is_of_successions): f for f in self.quarantined}
        parts = sorted(name for name in quarantined if _PART.search(name) and _file_of(quarantined[name]) in ours)
        told: list[tuple[int, list[AnyRecord]]] = []
        # In the order in which they are handed in: what was overtaken counts otherwise.
        in_turn = dict.fromkeys(_file_of(quarantined[name]) for name in parts)
        for file in (ours[key] for key in in_turn | dict.fromkeys(ours)):
            told.append((file.volgnummer, self.oracle.apply(file, now)))
            self.touched.update(number for _, record in file.good for number in named(record))
        self.quarantined.clear()
        done: list[Released] = []

        def release() -> None:
            done[:] = [self.exchange.release(name) for name in parts if name in quarantined]

        self.exchange.life.survive(release, death)
        expected = (sum(len(records) for _, records in told), sum(len(list(file.good)) for file in ours.values()))
        found = (sum(each.toegepast for each in done), sum(each.toegepast + each.verouderd for each in done))
        check(found == expected or death is not None, "what was released is not what was refused")
        left = sum(max(content.count(b"\n") - 1, 0) for name, content in quarantined.items() if name in parts)
        bad = sum(record.bad for file in ours.values() for record in file.records)
        check(left == bad, "what is still bad is not in quarantine any more")
        self._applied += told
        self.released = today

    def _expect(self, file: File, now: float) -> dict[str, object]:
        meant = file
        if self.exchange.is_strict:
            file = replace(file, records=tuple(replace(record, bad=True) for record in file.records))
        applied, count = self.oracle.take(file, now), len(file.records)
        missing = [
            {"van": first, "tot": last} for first, last in self.oracle.missing(of_successions=file.is_of_successions)
        ]
        if applied is None:
            return {"status": "reedsVerwerkt", "gelezen": count, "missing": missing}
        if self.exchange.is_strict:
            self.quarantined.append(meant)
        bad = sum(record.bad for record in file.records)
        self.touched.update(number for _, record in file.good for number in named(record))
        self._applied.append((file.volgnummer, applied))
        return {
            "status": "gedeeltelijkVerwerkt" if bad else "verwerkt",
            "gelezen": count,
            "toegepast": len(applied),
            "verouderd": count - bad - len(applied),
            "geweigerd": bad,
            "missing": missing,
        }


def _said(content: bytes, told: dict[str, object]) -> str:
    return json.dumps({"sha256": hashlib.sha256(content).hexdigest(), **told}, sort_keys=True)


def _of_report(content: bytes) -> str:
    report = json.loads(content)
    told = {"sha256": report["sha256"], "status": report["status"]}
    if report["status"] != "geweigerd":
        told["missing"] = report["ontbrekendeVolgnummers"]
        told |= (
            report["aantallen"] if report["status"] != "reedsVerwerkt" else {"gelezen": report["aantallen"]["gelezen"]}
        )
    return json.dumps(told, sort_keys=True)


def _file_of(part: bytes) -> tuple[int, bool]:
    context = json.loads(part.partition(b"\n")[0])["context"]
    return context["volgnummer"], context["naam"] == "PubliceerNummeropvolging"
