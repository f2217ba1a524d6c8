"""The answer to a citizen, in plain Dutch and to be printed (Articles 6 and 9; GDPR, Article 15).

It says who, when, what for and on what ground. Employees and files are not named: the party answers for them, and a
file may be about others. They stand in the table for the data protection officer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from jbplus.consultation.wire import PersonAnswer
from jbplus.privacy_log.rules import LogOutcome, Service
from jbplus.privacy_log.service import LogQuestion
from jbplus.privacy_log.wire import LogItem
from jbplus.protocol.parties import Party
from jbplus.protocol.purposes import Purpose, Right
from jbplus.registrations.wire import RegistrationAnswer
from jbplus_cli.privacy_log.records import registrar
from jbplus_recipient import dutch

_ENVIRONMENT: Final = Environment(
    loader=PackageLoader("jbplus_cli.privacy_log", "."),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

_PURPOSES: Final[dict[str, str]] = {
    Purpose.SOCIAL_SUPPLEMENT: "Om uw sociale toeslag te berekenen",
    Purpose.PARTICIPATION_SUPPLEMENT: "Om uw selectieve participatietoeslag (schooltoeslag) te berekenen",
    Purpose.AUDIT: "Voor een audit van de uitbetaling",
    Purpose.INSPECTION: "Voor sociale begeleiding en toezicht in uw dossier",
    Purpose.COMPLAINTS: "Om een klacht te behandelen",
    Purpose.DISPUTES: "Om een beroep bij de Geschillencommissie te behandelen",
}
_SERVICES: Final[dict[str, str]] = {
    Service.REGISTRATION: "Om bij te houden van wie wij een dossier hebben",
    Service.REPORT: "Om te melden dat uw gegevens misschien niet kloppen",
    Service.PRIVACY_LOG: "Om na te gaan wie uw gegevens opvroeg, zoals voor deze brief",
    Service.ACCESS: "Om een vraag om inzage te beantwoorden, zoals deze",
}
_OUTCOMES: Final[dict[str, str]] = {
    LogOutcome.ANSWERED: "Ja",
    LogOutcome.EMPTY: "Er was niets bekend",
    LogOutcome.REGISTERED: "Nee: uw dossier werd genoteerd",
    LogOutcome.CHANGED: "Nee: de notitie werd gewijzigd",
    LogOutcome.DELETED: "Nee: de notitie werd geschrapt",
    LogOutcome.REPORTED: "Nee: de melding werd gedaan",
}
_GROUNDS: Final[dict[str, str]] = {
    Service.REGISTRATION: "Alleen wie een dossier heeft, mag opvragen (artikel 6 van het protocol)",
    Service.REPORT: "Gegevens moeten juist zijn (artikel 7 van het protocol)",
    Service.PRIVACY_LOG: "Toezicht op het gebruik van uw gegevens (artikelen 6 en 9 van het protocol)",
    Service.ACCESS: "Uw recht op inzage (artikel 15 AVG)",
}
_RIGHTS: Final = {Right.RUNNING: "lopend", Right.SUSPENDED: "geschorst", Right.ENDED: "afgelopen"}
_INSTALMENTS: Final = {"1": "eerste", "2": "tweede"}


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a party's officer answers a citizen.

    Attributes:
        party: the party.
        question: about whom, and which days.
        items: the party's own records of the privacy log.
        at: when the answer is made.
        registration: the party's own registration of the person; None when it is not told.
        payments: what the exchange holds; None when it is not told.
    """

    party: Party
    question: LogQuestion
    items: Sequence[LogItem]
    at: datetime
    registration: RegistrationAnswer | None = None
    payments: PersonAnswer | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    when: str
    why: str
    ground: str
    seen: str


def letter(held: Holdings) -> str:
    """Write the answer as one HTML document that needs nothing else."""
    return _ENVIRONMENT.get_template("letter.html.j2").render(
        held=held,
        lines=[_line(item) for item in held.items],
        day=dutch.day,
        euro=dutch.euro,
        moment=dutch.moment,
        rights=_RIGHTS,
        instalments=_INSTALMENTS,
    )


def _line(item: LogItem) -> _Line:
    return _Line(
        when=dutch.moment(item.moment),
        why=(_PURPOSES | _SERVICES).get(item.doel or item.dienst, item.doel or item.dienst),
        ground=_ground(item),
        seen=_OUTCOMES.get(item.uitkomst, "Nee: de vraag werd geweigerd"),
    )


def _ground(item: LogItem) -> str:
    if item.dienst != Service.LOOKUP:
        return _GROUNDS.get(item.dienst, "")
    if not item.inschrijving_van:
        return "Geen: daarom werd de vraag geweigerd"
    told = ", nadat WEWIS een wijziging meldde" if item.naar_aanleiding_van_mutatie else ""
    return f"Uw dossier bij {registrar(item)}{told} (artikel 2 van het protocol)"
