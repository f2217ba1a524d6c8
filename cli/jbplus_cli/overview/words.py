"""The words of the page, in Dutch and in English; both have the same names."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from jbplus_cli.statistics.chart import ENGLISH, PaymentWords
from jbplus_recipient import dutch


class Language(StrEnum):
    """The languages of the page."""

    DUTCH = "nl"
    ENGLISH = "en"


Words = Mapping[str, str | Mapping[str, str]]
"""A word by its name, or several by what they say."""

DUTCH_PAYMENTS: Final = PaymentWords(
    title="Jobbonus plus: betalingen per maand",
    note="Maand waarin de betaling inging. Aantallen zijn afgerond op 5. Geen balk: niet getoond, of geen.",
    unit="betalingen",
    instalments={"1": "eerste schijf", "2": "tweede schijf"},
    number=dutch.number,
)
PAYMENTS: Final = {Language.DUTCH: DUTCH_PAYMENTS, Language.ENGLISH: ENGLISH}

_DUTCH: Final[Words] = {
    "title": "Uitwisseling jobbonus plus",
    "made": "Gemaakt op",
    "running": "De maand loopt nog: cijfers tot nu toe.",
    "unread": "Niet of niet helemaal gelezen",
    "unread_note": "Wat hieronder ontbreekt is niet nul, maar onbekend.",
    "files": "Bestanden van WEWIS",
    "files_note": "Elke dag komt een bestand. Te laat: meer dan 26 uur na het vorige goede bestand.",
    "taken": "volledig verwerkt",
    "partly": "gedeeltelijk verwerkt",
    "refused": "geweigerd",
    "repeated": "opnieuw gestuurd",
    "refused_files": "geweigerde bestanden",
    "refused_records": "geweigerde records",
    "records": "records",
    "last_good": "Laatste goede bestand:",
    "missing": "Ontbrekende nummers",
    "missing_from": "ontbreekt",
    "none": "geen",
    "never": "nog geen",
    "late": "uur te laat",
    "number": "nr.",
    "notices": "Meldingen aan de uitbetalers",
    "notices_note": "Een melding zegt welke personen opnieuw opgevraagd moeten worden, nooit een bedrag.",
    "party": "Partij",
    "notices_count": "Meldingen",
    "notifications": "Personen of wijzigingen erin",
    "lookups": "Opvragingen per partij en doel",
    "lookups_note": "Aantal personen per opvraging; dezelfde persoon kan meermaals tellen.",
    "lookups_chart": "Beantwoorde personen, per partij en doel",
    "purpose": "Doel",
    "answered": "Beantwoord",
    "lookups_refused": "Geweigerd",
    "suspensions": "Schorsingen",
    "suspensions_none": "Geen partij was geschorst.",
    "reason": "Reden",
    "from": "Vanaf",
    "until": "tot",
    "still": "loopt nog",
    "quality": "Kwaliteitsmeldingen",
    "quality_made": "Gemeld in deze maand",
    "quality_open": "Nu open",
    "quality_none": "Er staat geen melding open.",
    "flaw": "Wat er fout is",
    "since": "Gemeld op",
    "age": "Dagen oud",
    "statistics": "Statistiek van de betalingen",
    "statistics_note": "Zoals gepubliceerd voor afgesloten maanden; wordt nooit meer gewijzigd.",
    "statistics_none": "Er is nog niets gepubliceerd.",
    "year": "Inkomensjaar",
    "instalment": "Schijf",
    "both": "beide",
    "persons": "Personen",
    "payments": "Betalingen",
    "paid": "Betaald (EUR)",
    "recoveries": "Terugvorderingen",
    "net": "Netto (EUR)",
    "rounding": (
        "Aantallen personen, wijzigingen en records zijn afgerond op 5. <5 betekent minder dan vijf, ook geen: kleine "
        "groepen worden niet getoond, zoals in de statistiek. Opvragingen en meldingen komen uit de logboeken van de "
        "functies; een oproep die stopte voor hij logde, telt niet mee."
    ),
    "states": {
        "taken": "Verwerkt", "partly": "Deels verwerkt", "refused": "Geweigerd", "none": "Geen bestand",
        "awaited": "Nog geen bestand", "ahead": "", "before": "",
    },
    "purposes": {
        "socialeToeslag": "sociale toeslag",
        "selectieveParticipatietoeslag": "selectieve participatie\N{SOFT HYPHEN}toeslag",
        "audit": "audit", "toezicht": "toezicht", "klachten": "klachten", "geschillen": "geschillen",
        "?": "onbekend",
    },
    "stream_names": {"mutaties": "meldingen", "consultatie": "opvragingen"},
    "statuses": {"gemeld": "gemeld", "inOnderzoek": "in onderzoek"},
    "days": {
        "0": "maandag", "1": "dinsdag", "2": "woensdag", "3": "donderdag", "4": "vrijdag", "5": "zaterdag",
        "6": "zondag",
    },
    "parts": {
        "files": "bestanden", "notices": "meldingen", "lookups": "opvragingen", "suspensions": "schorsingen",
        "quality": "kwaliteitsmeldingen", "statistics": "statistiek",
    },
}  # fmt: skip

_ENGLISH: Final[Words] = {
    "title": "Exchange of jobbonus plus",
    "made": "Made on",
    "running": "The month is not over: figures until now.",
    "unread": "Not read, or not wholly",
    "unread_note": "What is absent below is not nought, but unknown.",
    "files": "WEWIS's files",
    "files_note": "A file comes each day. Late: more than 26 hours after the last good one.",
    "taken": "taken in wholly",
    "partly": "taken in partly",
    "refused": "refused",
    "repeated": "sent again",
    "refused_files": "files refused",
    "refused_records": "records refused",
    "records": "records",
    "last_good": "Last good file:",
    "missing": "Missing numbers",
    "missing_from": "missing",
    "none": "none",
    "never": "none yet",
    "late": "hours late",
    "number": "no.",
    "notices": "Notices to the payment actors",
    "notices_note": "A notice says which persons are to be looked up again, never an amount.",
    "party": "Party",
    "notices_count": "Notices",
    "notifications": "Persons or changes in them",
    "lookups": "Lookups by party and purpose",
    "lookups_note": "Persons in each lookup; the same person may count several times.",
    "lookups_chart": "Persons answered, by party and purpose",
    "purpose": "Purpose",
    "answered": "Answered",
    "lookups_refused": "Refused",
    "suspensions": "Suspensions",
    "suspensions_none": "No party was suspended.",
    "reason": "Reason",
    "from": "Since",
    "until": "until",
    "still": "still works",
    "quality": "Quality reports",
    "quality_made": "Made in this month",
    "quality_open": "Open now",
    "quality_none": "No report is open.",
    "flaw": "What is wrong",
    "since": "Reported on",
    "age": "Days old",
    "statistics": "Statistics of payments",
    "statistics_note": "As published for closed months; they never change.",
    "statistics_none": "Nothing was published yet.",
    "year": "Income year",
    "instalment": "Instalment",
    "both": "both",
    "persons": "Persons",
    "payments": "Payments",
    "paid": "Paid (EUR)",
    "recoveries": "Recoveries",
    "net": "Net (EUR)",
    "rounding": (
        "Counts of persons, changes and records are rounded to 5. <5 means fewer than five, none included: small "
        "groups are not told, as in the statistics. Lookups and notices come from the functions' logs; a call that "
        "ended before it logged does not count."
    ),
    "states": {
        "taken": "Taken in", "partly": "Partly taken in", "refused": "Refused", "none": "No file",
        "awaited": "No file yet", "ahead": "", "before": "",
    },
    "purposes": {
        "socialeToeslag": "social supplement", "selectieveParticipatietoeslag": "school participation supplement",
        "audit": "audit", "toezicht": "inspection", "klachten": "complaints", "geschillen": "disputes",
        "?": "unknown",
    },
    "stream_names": {"mutaties": "notices", "consultatie": "lookups"},
    "statuses": {"gemeld": "reported", "inOnderzoek": "being looked into"},
    "days": {
        "0": "Monday", "1": "Tuesday", "2": "Wednesday", "3": "Thursday", "4": "Friday", "5": "Saturday",
        "6": "Sunday",
    },
    "parts": {
        "files": "files", "notices": "notices", "lookups": "lookups", "suspensions": "suspensions",
        "quality": "quality reports", "statistics": "statistics",
    },
}  # fmt: skip


def word(language: Language, name: str, of: str | None = None) -> str:
    """Give a word by its name, or one of several by what it says."""
    found = WORDS[language][name]
    return found if isinstance(found, str) else found[of or ""]


WORDS: Final[Mapping[Language, Words]] = {Language.DUTCH: _DUTCH, Language.ENGLISH: _ENGLISH}
