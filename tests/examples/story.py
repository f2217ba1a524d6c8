"""An exchange that tells in Dutch what happens to it: the steps as they were asked, the outcomes as the code gave."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from jbplus.mutation_file.report import Report, Status
from jbplus.privacy_log.rules import LogEntry
from jbplus.protocol.calendar import BRUSSELS
from jbplus.protocol.parties import Party, party_of
from jbplus.protocol.purposes import MATRIX, Purpose, Right
from jbplus.registrations.rules import Registration
from jbplus.suspensions.rules import Stream, Suspension
from jbplus_recipient.dutch import day, euro
from tests.consultation.fakes import FakeLookupStore
from tests.notices.fakes import NoticesWorld
from tests.privacy_log.fakes import FakeLogArchive, FakePrivacyLog
from tests.support.api import GET, PRIVACY_LOG, Api
from tests.support.events import claims
from tests.support.files import annulment, mutation_file, record
from tests.support.people import ANNA, BRAM

NAMES = {ANNA: "Anna", BRAM: "Bram"}
INSTALMENTS = {"1": "eerste schijf", "2": "tweede schijf"}
STATUSES = {
    Status.PROCESSED: "is verwerkt",
    Status.PARTLY_PROCESSED: "is gedeeltelijk verwerkt",
    Status.ALREADY_PROCESSED: "was al verwerkt: er verandert niets",
    Status.REFUSED: "is geweigerd: er wordt niets van toegepast",
}
STREAMS = {Stream.MUTATIONS: "de meldingen", Stream.CONSULTATION: "de opvragingen"}
REASONS = {
    "40003": "geen (voldoende) inschrijving van deze persoon",
    "40005": "deze partij mag niet voor dit doel opvragen",
    "40006": "deze partij is geschorst",
}

Record = dict[str, Any]


def paid(person: str, referte: str, amount: str, on: date, *, year: int = 2024, instalment: str = "1") -> Record:
    """Make the record of a payment, or of a recovery when its amount is negative."""
    said = {"verrichtingbedrag": amount, "effectieveVerrichtingsdatum": on.isoformat()}
    return record(person, referte, fiscaalJaar=year, bedragtype=instalment, **said)


def taken_back(person: str, referte: str) -> Record:
    """Make the record of an annulment."""
    return annulment(person, referte)


@dataclass(frozen=True)
class Line:
    """A line of a story: what happened, or what came of it."""

    text: str
    is_outcome: bool = False


@dataclass
class Story:
    """An example.

    Attributes:
        title: what it shows.
        years: the retention term.
        lines: what was told so far.
    """

    title: str
    years: int = 5
    lines: list[Line] = field(default_factory=list)
    log: FakePrivacyLog = field(default_factory=FakePrivacyLog)

    def __post_init__(self) -> None:
        self.world = NoticesWorld(years=self.years, now=datetime(2022, 1, 1, tzinfo=UTC))

    def file(self, number: int, on: date, *records: Record, made: date | None = None, **context: Any) -> None:
        """Have a file of WEWIS come on a day; it was made on that day, or on an earlier one."""
        self._go_to(on)
        made = made or on
        moment = datetime(made.year, made.month, made.day, 18, 30, tzinfo=BRUSSELS)
        content = mutation_file(records, number, tijdstip=moment.isoformat(), **context)
        before = set(self.world.bucket.reports)
        self.world.take_in(content, f"{number}-{len(before)}.json")
        self.world.go_round()
        said = "; ".join(map(_said_of, records)) or "geen enkele verrichting"
        of = "" if made == on else f" van {day(made)}"
        self._tell(f"{day(on)}: WEWIS stuurt bestand {number}{of} met {said}.")
        (new,) = set(self.world.bucket.reports) - before
        self._report(Report.read(self.world.bucket.reports[new]))

    def _report(self, report: Report) -> None:
        missing = ", ".join(gap.words.replace("to", "tot") for gap in report.ontbrekende_volgnummers)
        reasons = "; ".join(error.melding.rstrip(".") for error in report.fouten)
        more = "".join((f" ({reasons})" if reasons else "", f"; ontbrekend bestand: {missing}" if missing else ""))
        if report.status is not Status.PROCESSED or missing:
            self._conclude(f"Het bestand {STATUSES[Status(report.status)]}{more}.")

    def register(
        self,
        party: str,
        person: str,
        begin: date,
        end: date | None = None,
        right: Right = Right.RUNNING,
    ) -> None:
        """Have a payment actor register a person."""
        self.world.register(party, person, registration=Registration(begin, end, right))
        until = "" if end is None else f" tot en met {day(end)}"
        self._tell(f"{_party(party).name} schrijft {NAMES[person]} in vanaf {day(begin)}{until}, recht {right.value}.")

    def unregister(self, party: str, person: str, on: date) -> None:
        """Have a payment actor delete its registration."""
        self._go_to(on)
        self.world.unregister(party, person)
        self._tell(f"{day(on)}: {_party(party).name} schrapt de inschrijving van {NAMES[person]}.")

    def suspend(self, party: str, on: date, *streams: Stream, purposes: Sequence[Purpose] = ()) -> None:
        """Have WEWIS suspend a party."""
        self._go_to(on)
        suspension = Suspension("s-1", party, streams, tuple(purposes), "voorbeeld", self.world.now)
        self.world.suspensions.items[party] = (suspension,)
        what = " en ".join(STREAMS[stream] for stream in streams)
        limited = f" voor {', '.join(purposes)}" if purposes else ""
        self._tell(f"{day(on)}: WEWIS schorst {_party(party).name} voor {what}{limited}.")

    def lift(self, party: str, on: date) -> None:
        """Have WEWIS lift the suspension."""
        self._go_to(on)
        self.world.lift(party)
        self.world.go_round()
        self._tell(f"{day(on)}: WEWIS heft de schorsing van {_party(party).name} op.")

    def lookup(self, party: str, person: str, purpose: Purpose, on: date, dossier: str | None = None) -> None:
        """Have a party look a person up, at noon of a day in Brussels."""
        self._go_to(on, 12)
        store = FakeLookupStore(
            dict(self.world.persons.items),
            dict(self.world.registrations.items),
            suspensions=[each for found in self.world.suspensions.items.values() for each in found],
        )
        api = Api(lookup_store=store, log=self.log, clock=lambda: self.world.now)
        body = {"insz": person, "doel": purpose.value} | ({} if dossier is None else {"dossier": dossier})
        answer = api.post(GET, body, claims(party, MATRIX[purpose].scope))
        for_file = "" if dossier is None else f", dossier {dossier}"
        self._tell(f"{day(on)}: {_party(party).name} vraagt {NAMES[person]} op voor {purpose.value}{for_file}.")
        self._conclude(_answer(answer.json) if answer.status == 200 else _refusal(answer.json))

    def notices(self, *parties: str) -> None:
        """Tell which notices parties have been given so far."""
        for party in parties:
            told = self.world.told(party)
            words = "; ".join(
                f"bestand {number}: {NAMES[insz]}, referte {referte}" for referte, _, insz, number in told
            )
            self._conclude(f"{_party(party).name} kreeg {f'melding van {words}' if told else 'geen melding'}.")

    def logged(self) -> None:
        """Tell what the privacy log holds."""
        for entry in self.log.entries:
            self._conclude(_log_line(entry))

    def who_saw(self, party: str, person: str, on: date) -> None:
        """Have a party's data protection officer ask who looked a person up."""
        self._go_to(on, 14)
        api = Api(archive=FakeLogArchive([*self.log.entries]), log=FakePrivacyLog(), clock=lambda: self.world.now)
        said = api.post(PRIVACY_LOG, {"insz": person}, claims(party, "jbplus:privacylog")).json
        name = _party(party).name
        self._tell(f"{day(on)}: de functionaris van {name} vraagt wie {NAMES[person]} opvroeg.")
        for item in said["items"]:
            when = day(datetime.fromisoformat(item["moment"]).astimezone(BRUSSELS))
            self._conclude(f"{when}, {item['gebruiker']} van {name}, voor {item['doel']}: {item['uitkomst']}.")
        if not said["items"]:
            self._conclude("Niemand van deze partij.")

    def say(self, outcome: str) -> None:
        """Tell an outcome that was read from the code."""
        self._conclude(outcome)

    def tell(self, what: str) -> None:
        """Tell what happened."""
        self._tell(what)

    def _go_to(self, on: date, hour: int = 19) -> None:
        moment = datetime(on.year, on.month, on.day, hour, tzinfo=BRUSSELS).astimezone(UTC)
        self.world.now = max(moment, self.world.now + timedelta(seconds=1))

    def _tell(self, text: str) -> None:
        self.lines.append(Line(text))

    def _conclude(self, text: str) -> None:
        self.lines.append(Line(text, is_outcome=True))


def _said_of(said: Record) -> str:
    who, referte = NAMES[said["insz"]], said["referte"]
    if said["type"] == "03":
        return f"de annulering van {referte} van {who}"
    body = said["verrichting"]
    amount, on = Decimal(body["verrichtingbedrag"]), date.fromisoformat(body["effectieveVerrichtingsdatum"])
    kind = "een betaling" if amount > 0 else "een terugvordering"
    if said["type"] == "02":
        kind = f"een wijziging: {kind}"
    return (
        f"{kind} {'aan' if amount > 0 else 'van'} {who} van {euro(abs(amount))} op {day(on)} "
        f"(referte {referte}, inkomensjaar {body['fiscaalJaar']}, {INSTALMENTS[body['bedragtype']]})"
    )


def _answer(said: Record) -> str:
    if not said["verrichtingen"]:
        return "Antwoord: niets bekend."
    years = "; ".join(
        f"inkomensjaar {one['fiscaalJaar']}: betaald {_euro(one['betaald'])}, teruggevorderd "
        f"{_euro(one['teruggevorderd'])}, netto {_euro(one['netto'])}"
        for one in said["nettoPerFiscaalJaar"]
    )
    return f"Antwoord: {years}. Bewaard tot en met {day(date.fromisoformat(said['bewaarTot']))}."


def _refusal(said: Record) -> str:
    if "code" in said:
        return f"Geweigerd: {REASONS[said['code']]} (code {said['code']})."
    return f"Geweigerd: {', '.join(issue['name'] for issue in said['issues'])} ontbreekt."


def _euro(amount: str) -> str:
    return euro(Decimal(amount))


def _log_line(entry: LogEntry) -> str:
    on = day(entry.moment.astimezone(BRUSSELS))
    who = _party(entry.caller.asker.kbo).name
    ground = "geen" if entry.registered_by is None else f"inschrijving bij {_party(entry.registered_by).name}"
    gone = day(datetime.fromtimestamp(entry.expires_at - 1, UTC).astimezone(BRUSSELS))
    return (
        f"In de privacylog: {on}, {who}, {entry.purpose}, grond: {ground}, afloop: {entry.outcome}; bewaard tot {gone}."
    )


def _party(kbo: str) -> Party:
    party = party_of(kbo)
    assert party is not None
    return party
