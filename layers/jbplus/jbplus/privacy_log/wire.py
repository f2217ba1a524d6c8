"""The records of the privacy log as the API says them (Articles 6 and 9)."""

from pydantic import AwareDatetime

from jbplus.privacy_log.service import LogRecord
from jbplus.wire import Wire


class LogItem(Wire):
    """One record: who asked what about whom, on what ground, and how it ended.

    `positie` is the person's place in the call, from 0: with `referte` and `moment` it tells the record from every
    other. `betrokkene` is the INSZ when the question names it, else the pseudonym; a question about a period has none.
    """

    referte: str
    positie: int
    moment: AwareDatetime
    dienst: str
    toepassing: str
    gebruiker: str
    correlatie: str
    doel: str | None = None
    dossier: str | None = None
    inschrijving_van: str | None = None
    naar_aanleiding_van_mutatie: bool
    betrokkene: str | None = None
    uitkomst: str

    @classmethod
    def of(cls, record: LogRecord, number: str | None) -> "LogItem":
        """Say a record on the wire."""
        return cls(
            referte=record.reference,
            positie=record.position,
            moment=record.moment,
            dienst=record.service,
            toepassing=record.application,
            gebruiker=record.end_user,
            correlatie=record.correlation,
            doel=record.purpose,
            dossier=record.file,
            inschrijving_van=record.registered_by,
            naar_aanleiding_van_mutatie=record.after_mutation,
            betrokkene=number or record.person,
            uitkomst=record.outcome,
        )


class PrivacyLogAnswer(Wire):
    """A page of records in the order of time; more follow while there is a `volgende`, however few are here."""

    items: tuple[LogItem, ...]
    volgende: str | None = None
