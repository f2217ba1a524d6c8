"""The closed list of what can be wrong with a mutation file or a record of one."""

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """A code in a report's `fouten`; values as on the wire."""

    EMPTY_FILE = "leegBestand"
    NOT_JSON = "geenGeldigeJson"
    NOT_GZIP = "geenGeldigeGzip"
    TOO_LARGE = "bestandTeGroot"
    VALUE_TOO_LONG = "waardeTeLang"
    CONTEXT_INVALID = "contextOngeldig"
    SENDER_UNKNOWN = "afzenderOnbekend"
    FROM_THE_FUTURE = "tijdstipInToekomst"
    COUNT_WRONG = "aantalKloptNiet"
    VOLGNUMMER_TOO_HIGH = "volgnummerTeHoog"
    SUCCESSION_NOT_ALLOWED = "opvolgingNietToegelaten"
    REFERTE_IN_USE = "referteAlGebruikt"
    VOLGNUMMER_IN_USE = "volgnummerAlGebruikt"

    NOT_AN_OBJECT = "geenObject"
    RECORD_TOO_LARGE = "recordTeGroot"
    FIELD_MISSING = "veldOntbreekt"
    FIELD_UNKNOWN = "veldOnbekend"
    FIELD_REPEATED = "veldDubbel"
    REFERTE_INVALID = "referteOngeldig"
    REFERTE_IS_INSZ = "referteBevatInsz"
    TYPE_INVALID = "typeOngeldig"
    INSZ_INVALID = "inszOngeldig"
    TEST_NUMBER = "testnummerNietToegelaten"
    VERRICHTING_INVALID = "verrichtingOngeldig"
    MEASURE_INVALID = "maatregelOngeldig"
    FISCAL_YEAR_INVALID = "fiscaalJaarOngeldig"
    INSTALMENT_INVALID = "bedragtypeOngeldig"
    AMOUNT_INVALID = "bedragOngeldig"
    AMOUNT_ZERO = "bedragNul"
    DAY_INVALID = "datumOngeldig"
    DAY_IN_FUTURE = "datumInToekomst"
    TOO_MANY_ENTRIES = "teVeelVerrichtingen"
    SAME_NUMBER = "nummersGelijk"
    TOO_MANY_NUMBERS = "teVeelNummers"


MESSAGES: dict[Code, str] = {
    Code.EMPTY_FILE: "Het bestand is leeg. Een dag zonder mutaties is een bestand met een lege lijst mutaties.",
    Code.NOT_JSON: "Het bestand is tot op de laatste byte geen geldige JSON in UTF-8 zonder BOM.",
    Code.NOT_GZIP: "Het bestand kon niet volledig uitgepakt worden als gzip.",
    Code.TOO_LARGE: "Het bestand is groter dan toegelaten. Verdeel de mutaties over meer bestanden.",
    Code.VALUE_TOO_LONG: "Het bestand bevat een waarde die te lang of te diep genest is om te lezen.",
    Code.CONTEXT_INVALID: "De envelop (context en de lijst van records) is niet zoals afgesproken.",
    Code.SENDER_UNKNOWN: "De afzender is geen KBO-nummer van WEWIS.",
    Code.FROM_THE_FUTURE: "Het tijdstip ligt meer dan 24 uur na de ontvangst.",
    Code.COUNT_WRONG: "Het aantal in de context is niet het aantal records.",
    Code.VOLGNUMMER_TOO_HIGH: "Het volgnummer ligt meer dan 1000 boven het hoogste dat ontvangen is.",
    Code.SUCCESSION_NOT_ALLOWED: "Opvolgingen van nummers zijn hier niet toegelaten.",
    Code.REFERTE_IN_USE: "De referte van het bestand is al gebruikt door een bestand met een andere inhoud.",
    Code.VOLGNUMMER_IN_USE: "Het volgnummer is al gebruikt door een bestand met een andere inhoud.",
    Code.NOT_AN_OBJECT: "Het record is geen JSON-object.",
    Code.RECORD_TOO_LARGE: "Het record is te groot of te diep genest.",
    Code.FIELD_MISSING: "Een verplicht veld ontbreekt.",
    Code.FIELD_UNKNOWN: "Het object bevat een veld dat niet in het protocol staat.",
    Code.FIELD_REPEATED: "Het object bevat een veld meer dan eens.",
    Code.REFERTE_INVALID: "De referte is niet 1 tot 64 tekens uit A-Z a-z 0-9 . _ -.",
    Code.REFERTE_IS_INSZ: "De referte is of bevat een INSZ.",
    Code.TYPE_INVALID: "Het type is niet 01, 02 of 03; van een opvolging 01 of 03.",
    Code.INSZ_INVALID: "Het INSZ is geen rijksregister- of BIS-nummer met een juist controlegetal.",
    Code.TEST_NUMBER: "Het INSZ is een testnummer, en die zijn hier niet toegelaten.",
    Code.VERRICHTING_INVALID: "De verrichting is geen object, of ontbreekt bij type 01 of 02.",
    Code.MEASURE_INVALID: "De maatregel is niet Jobbonus plus.",
    Code.FISCAL_YEAR_INVALID: "Het fiscaal jaar is geen geheel getal van 2022 tot het jaar na dat van het bestand.",
    Code.INSTALMENT_INVALID: 'Het bedragtype is niet "1" of "2".',
    Code.AMOUNT_INVALID: "Het bedrag is geen getal in euro met hoogstens 12 cijfers en 2 decimalen.",
    Code.AMOUNT_ZERO: "Het bedrag is nul.",
    Code.DAY_INVALID: "De datum is geen kalenderdag jjjj-mm-dd vanaf 2022-01-01.",
    Code.DAY_IN_FUTURE: "De datum ligt na de dag van het bestand.",
    Code.TOO_MANY_ENTRIES: "De persoon heeft al 200 refertes, annulaties inbegrepen.",
    Code.SAME_NUMBER: "Het oude en het nieuwe nummer zijn hetzelfde.",
    Code.TOO_MANY_NUMBERS: "Er zouden meer dan 25 nummers met elkaar verbonden zijn.",
}
"""What each code means, in Dutch: the reports go to WEWIS. No message ever holds a value."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and where.

    Attributes:
        code: what is wrong.
        path: where, as a JSON Pointer (RFC 6901); it ends before a key that the protocol does not know.
    """

    code: Code
    path: str = ""


class FormError(Exception):
    """The file is not what it should be as a whole."""

    def __init__(self, code: Code, path: str = "") -> None:
        super().__init__(code.value)
        self.finding = Finding(code, path)
