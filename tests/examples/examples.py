"""The examples, by the article of the protocol that they show."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from jbplus.protocol.access import RefusedError, refuse_purpose
from jbplus.protocol.parties import PARTIES, WEWIS, with_ends
from jbplus.protocol.purposes import MATRIX, Purpose, Right
from jbplus.quality.rules import Flaw, Told
from jbplus.suspensions.rules import Stream
from jbplus_recipient.dutch import day
from tests.examples.story import Story, paid, taken_back
from tests.quality.fakes import Reporting
from tests.statistics.fakes import TENTH_OF_MAY, person, published
from tests.statistics.fakes import paid as payment
from tests.support.fakes import caller
from tests.support.people import ANNA, BRAM

INFINO, KIDSLIFE, VUTG, OPGROEIEN = "0685540471", "0687467902", "0692793497", "0886886638"
SOCIAL, SCHOOL = Purpose.SOCIAL_SUPPLEMENT, Purpose.PARTICIPATION_SUPPLEMENT

Tell = Callable[[Story], None]


@dataclass(frozen=True)
class Example:
    """An example: what it shows, and how its story goes."""

    title: str
    tell: Tell

    def told(self, years: int = 5) -> Story:
        """Run it, with a retention term."""
        story = Story(self.title, years)
        self.tell(story)
        return story


ARTICLES: Final[dict[str, list[Example]]] = {}


def example(article: str, title: str) -> Callable[[Tell], Tell]:
    """Put an example under its article."""

    def put(tell: Tell) -> Tell:
        ARTICLES.setdefault(article, []).append(Example(title, tell))
        return tell

    return put


def stories(years: int = 5) -> Iterator[tuple[str, Story]]:
    """Run all examples, with a retention term."""
    for article, examples in ARTICLES.items():
        for each in examples:
            yield article, each.told(years)


_PURPOSES = "Artikel 2: wie mag waarvoor opvragen"
_NET = "Artikel 3, a: wat van het inkomen afgaat"
_RETENTION = "Artikel 3, b: hoe lang gegevens bewaard worden"


@example(_PURPOSES, "Een uitbetaler vraagt op voor de toeslagen, en alleen wie hij inschreef")
def own_registration(story: Story) -> None:
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.register(INFINO, ANNA, date(2025, 1, 1))
    story.lookup(INFINO, ANNA, SOCIAL, date(2025, 4, 1))
    story.lookup(INFINO, ANNA, SCHOOL, date(2025, 4, 1))
    story.lookup(KIDSLIFE, ANNA, SOCIAL, date(2025, 4, 1))


@example(_PURPOSES, "Een inschrijving geldt van haar eerste tot en met haar laatste dag")
def term_of_registration(story: Story) -> None:
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.register(INFINO, ANNA, date(2025, 4, 1), date(2025, 6, 30))
    for on in (date(2025, 3, 31), date(2025, 4, 1), date(2025, 6, 30), date(2025, 7, 1)):
        story.lookup(INFINO, ANNA, SOCIAL, on)


@example(_PURPOSES, "Elk doel heeft zijn partij")
def purposes_by_party(story: Story) -> None:
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.register(INFINO, ANNA, date(2025, 1, 1))
    for party, purpose in (
        (VUTG, Purpose.AUDIT), (VUTG, Purpose.INSPECTION), (VUTG, Purpose.COMPLAINTS), (OPGROEIEN, Purpose.DISPUTES),
        (INFINO, Purpose.AUDIT), (OPGROEIEN, Purpose.INSPECTION), (VUTG, Purpose.DISPUTES),
    ):  # fmt: skip
        story.lookup(party, ANNA, purpose, date(2025, 4, 1), "D-7")


@example(_PURPOSES, "Toezicht, klachten, geschillen en audit noemen een specifiek dossier")
def one_file(story: Story) -> None:
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.register(INFINO, ANNA, date(2025, 1, 1))
    story.lookup(VUTG, ANNA, Purpose.COMPLAINTS, date(2025, 4, 1))
    story.lookup(VUTG, ANNA, Purpose.COMPLAINTS, date(2025, 4, 1), "K-2025-12")


@example(_PURPOSES, "Een afgelopen recht wordt niet via KRING opgevraagd, maar bij de uitbetaler")
def ended_right(story: Story) -> None:
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.register(INFINO, ANNA, date(2025, 1, 1), right=Right.ENDED)
    for purpose in (Purpose.INSPECTION, Purpose.COMPLAINTS, Purpose.AUDIT):
        story.lookup(VUTG, ANNA, purpose, date(2025, 4, 1), "D-7")
    story.lookup(OPGROEIEN, ANNA, Purpose.DISPUTES, date(2025, 4, 1), "D-7")
    story.lookup(INFINO, ANNA, SOCIAL, date(2025, 4, 1))


@example(_PURPOSES, "Een geschorst recht wordt wel opgevraagd")
def suspended_right(story: Story) -> None:
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.register(INFINO, ANNA, date(2025, 1, 1), right=Right.SUSPENDED)
    story.lookup(VUTG, ANNA, Purpose.INSPECTION, date(2025, 4, 1), "D-7")


@example("Artikel 2, b, 2°: anonieme statistiek", "Groepen van minder dan vijf personen worden niet getoond")
def withheld(story: Story) -> None:
    for count in (4, 5, 12):
        story.tell(f"In maart 2022 kregen {count} personen elk € 600,00, inkomensjaar 2022, eerste schijf.")
        cell = published([person(payment()) for _ in range(count)], TENTH_OF_MAY)[2022, "2022-03"].cells["1"]
        if cell is None:
            story.say("Gepubliceerd: niets, de cel is weggelaten.")
        else:
            story.say(f"Gepubliceerd: {cell.persons} personen, {cell.payments} betalingen, {cell.paid} euro.")


@example("Artikel 2, b, 2°: anonieme statistiek", "Een groot bedrag van één persoon wordt niet getoond")
def one_person_s_money(story: Story) -> None:
    story.tell("In maart 2022 kregen acht personen elk € 600,00, en een negende € 9.000,00.")
    people = [person(payment()) for _ in range(8)] + [person(payment("9000.00"))]
    cell = published(people, TENTH_OF_MAY)[2022, "2022-03"].cells["1"]
    story.say("Gepubliceerd: niets, de cel is weggelaten." if cell is None else f"Gepubliceerd: {cell.paid} euro.")


@example("Artikel 2, b, 2°: anonieme statistiek", "Terugvorderingen van minder dan vijf personen worden niet getoond")
def few_recoveries(story: Story) -> None:
    for count in (4, 5):
        story.tell(f"In maart 2022 kregen twintig personen elk € 600,00; {count} van hen betaalden het terug.")
        people = [person(payment(), payment("-600.00")) if n < count else person(payment()) for n in range(20)]
        cell = published(people, TENTH_OF_MAY)[2022, "2022-03"].cells["1"]
        told = None if cell is None else cell.recoveries
        story.say("Terugvorderingen: niet getoond." if told is None else f"Terugvorderingen: {told.count}.")


@example(_NET, "Eerste en tweede schijf van een jaar worden opgeteld, per inkomensjaar")
def net_per_year(story: Story) -> None:
    story.register(INFINO, ANNA, date(2025, 1, 1))
    story.file(
        1,
        date(2026, 2, 4),
        paid(ANNA, "A-1", "600.00", date(2025, 3, 3)),
        paid(ANNA, "A-2", "600.00", date(2025, 9, 1), instalment="2"),
        paid(ANNA, "A-3", "600.00", date(2026, 2, 2), year=2025),
    )
    story.lookup(INFINO, ANNA, SOCIAL, date(2026, 3, 1))


@example(_NET, "Een terugvordering telt voor het jaar van wat zij terugvordert, en kan onder nul gaan")
def recovery_counts_for_its_year(story: Story) -> None:
    story.register(INFINO, ANNA, date(2025, 1, 1))
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.file(2, date(2026, 5, 6), paid(ANNA, "A-2", "-250.00", date(2026, 5, 5)))
    story.lookup(INFINO, ANNA, SOCIAL, date(2026, 6, 1))
    story.file(3, date(2026, 6, 9), paid(ANNA, "A-3", "-400.00", date(2026, 6, 8)))
    story.lookup(INFINO, ANNA, SOCIAL, date(2026, 7, 1))


@example(_NET, "Een wijziging vervangt, een annulering neemt weg")
def change_and_annulment(story: Story) -> None:
    story.register(INFINO, ANNA, date(2025, 1, 1))
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.file(2, date(2025, 3, 5), paid(ANNA, "A-1", "300.00", date(2025, 3, 3)) | {"type": "02"})
    story.lookup(INFINO, ANNA, SOCIAL, date(2025, 4, 1))
    story.file(3, date(2025, 4, 2), taken_back(ANNA, "A-1"))
    story.lookup(INFINO, ANNA, SOCIAL, date(2025, 4, 3))


@example(_NET, "Een betaling op de verkeerde persoon wordt rechtgezet, en beiden worden gemeld")
def wrong_person(story: Story) -> None:
    story.register(INFINO, ANNA, date(2025, 1, 1))
    story.register(KIDSLIFE, BRAM, date(2025, 1, 1))
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.file(2, date(2025, 3, 5), taken_back(ANNA, "A-1"), paid(BRAM, "A-1", "600.00", date(2025, 3, 3)))
    story.lookup(INFINO, ANNA, SOCIAL, date(2025, 4, 1))
    story.lookup(KIDSLIFE, BRAM, SOCIAL, date(2025, 4, 1))
    story.notices(INFINO, KIDSLIFE)


@example(_RETENTION, "Vijf jaar na de laatste betaling, tot het einde van die dag")
def five_years(story: Story) -> None:
    story.register(INFINO, ANNA, date(2022, 1, 1))
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.lookup(INFINO, ANNA, SOCIAL, date(2025, 4, 1))
    story.lookup(INFINO, ANNA, SOCIAL, date(2030, 3, 3))
    story.lookup(INFINO, ANNA, SOCIAL, date(2030, 3, 4))


@example(_RETENTION, "Een betaling op 29 februari: tot en met 28 februari")
def leap_day(story: Story) -> None:
    story.register(INFINO, ANNA, date(2022, 1, 1))
    story.file(1, date(2024, 3, 1), paid(ANNA, "A-1", "600.00", date(2024, 2, 29), year=2023))
    story.lookup(INFINO, ANNA, SOCIAL, date(2029, 2, 28))
    story.lookup(INFINO, ANNA, SOCIAL, date(2029, 3, 1))


@example(_RETENTION, "Alles van een persoon blijft samen: de oudste schijf zo lang als de nieuwste betaling")
def all_together(story: Story) -> None:
    story.register(INFINO, ANNA, date(2022, 1, 1))
    story.file(1, date(2023, 5, 3), paid(ANNA, "A-1", "600.00", date(2023, 5, 2), year=2022))
    story.file(2, date(2024, 6, 4), paid(ANNA, "A-2", "600.00", date(2024, 6, 3), year=2023, instalment="2"))
    story.lookup(INFINO, ANNA, SOCIAL, date(2028, 6, 1))


@example(_RETENTION, "Een terugvordering verlengt niet")
def recovery_does_not_prolong(story: Story) -> None:
    story.register(INFINO, ANNA, date(2022, 1, 1))
    story.file(1, date(2024, 3, 5), paid(ANNA, "A-1", "600.00", date(2024, 3, 4), year=2023))
    story.lookup(INFINO, ANNA, SOCIAL, date(2024, 4, 1))
    story.file(2, date(2026, 9, 2), paid(ANNA, "A-2", "-600.00", date(2026, 9, 1), year=2023))
    story.lookup(INFINO, ANNA, SOCIAL, date(2026, 10, 1))


@example(_RETENTION, "Een geannuleerde betaling telt niet meer mee")
def annulled_does_not_count(story: Story) -> None:
    story.register(INFINO, ANNA, date(2022, 1, 1))
    story.file(
        1,
        date(2026, 3, 3),
        paid(ANNA, "A-1", "600.00", date(2024, 3, 4), year=2023),
        paid(ANNA, "A-2", "600.00", date(2026, 3, 2), year=2025),
    )
    story.lookup(INFINO, ANNA, SOCIAL, date(2026, 4, 1))
    story.file(2, date(2026, 4, 2), taken_back(ANNA, "A-2"))
    story.lookup(INFINO, ANNA, SOCIAL, date(2026, 4, 3))


@example(_RETENTION, "Hetzelfde bestand opnieuw verlengt niets")
def repetition_prolongs_nothing(story: Story) -> None:
    story.register(INFINO, ANNA, date(2022, 1, 1))
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.lookup(INFINO, ANNA, SOCIAL, date(2025, 4, 1))


@example(_RETENTION, "Wie na het einde opnieuw betaald wordt, begint opnieuw")
def starts_anew(story: Story) -> None:
    story.register(INFINO, ANNA, date(2022, 1, 1))
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.lookup(INFINO, ANNA, SOCIAL, date(2031, 5, 1))
    story.file(2, date(2031, 6, 4), paid(ANNA, "A-9", "600.00", date(2031, 6, 3), year=2030))
    story.lookup(INFINO, ANNA, SOCIAL, date(2031, 7, 1))


@example("Artikel 4: wie de gegevens krijgt", "Wie geen toeslag berekent vraagt er niets voor op")
def nobody_else(story: Story) -> None:
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.register(INFINO, ANNA, date(2025, 1, 1))
    for party in (OPGROEIEN, WEWIS.kbo):
        story.lookup(party, ANNA, SOCIAL, date(2025, 4, 1))


_DAILY = "Artikel 5: dagelijkse bestanden"


@example(_DAILY, "Een bestand dat later komt dan zijn opvolger zegt niet het laatste woord")
def late_file(story: Story) -> None:
    story.register(INFINO, ANNA, date(2025, 1, 1))
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.file(3, date(2025, 3, 6), taken_back(ANNA, "A-1"))
    story.file(2, date(2025, 3, 7), paid(ANNA, "A-1", "500.00", date(2025, 3, 3)), made=date(2025, 3, 5))
    story.lookup(INFINO, ANNA, SOCIAL, date(2025, 4, 1))


@example(_DAILY, "Een foute verrichting houdt de andere niet tegen")
def one_bad_record(story: Story) -> None:
    story.register(INFINO, ANNA, date(2025, 1, 1))
    story.file(
        1,
        date(2025, 3, 4),
        paid(ANNA, "A-1", "600.00", date(2025, 3, 3)),
        paid(BRAM, "B-1", "600.00", date(2025, 3, 5)),
    )
    story.lookup(INFINO, ANNA, SOCIAL, date(2025, 4, 1))


@example(_DAILY, "Een bestand waarvan het aantal niet klopt wordt in zijn geheel geweigerd")
def wrong_count(story: Story) -> None:
    story.register(INFINO, ANNA, date(2025, 1, 1))
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)), aantal=2)
    story.lookup(INFINO, ANNA, SOCIAL, date(2025, 4, 1))


_SECURITY = "Artikel 6: inschrijving en logging"


@example(_SECURITY, "Elke opvraging staat in de privacylog, ook een geweigerde")
def every_lookup_is_logged(story: Story) -> None:
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.register(INFINO, ANNA, date(2025, 1, 1))
    story.lookup(INFINO, ANNA, SOCIAL, date(2025, 4, 1))
    story.lookup(KIDSLIFE, ANNA, SOCIAL, date(2025, 4, 2))
    story.lookup(VUTG, ANNA, Purpose.AUDIT, date(2025, 4, 3), "A-2025-3")
    story.logged()


@example(_SECURITY, "Alleen wie de persoon inschreef wordt gemeld, zolang dat geldt")
def told_while_registered(story: Story) -> None:
    story.register(INFINO, ANNA, date(2025, 1, 1))
    story.register(KIDSLIFE, ANNA, date(2025, 1, 1), date(2025, 3, 31))
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.file(2, date(2025, 4, 2), taken_back(ANNA, "A-1"))
    story.notices(INFINO, KIDSLIFE, VUTG)


@example(_SECURITY, "Wie de inschrijving schrapt krijgt geen antwoord meer")
def deleted_registration(story: Story) -> None:
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.register(INFINO, ANNA, date(2025, 1, 1))
    story.unregister(INFINO, ANNA, date(2025, 5, 2))
    story.lookup(INFINO, ANNA, SOCIAL, date(2025, 5, 3))


@example("Artikel 7: kwaliteit van de gegevens", "Wie een persoon inschreef meldt wat niet klopt; WEWIS krijgt bericht")
def quality(story: Story) -> None:
    reporting = Reporting()
    reporting.register(ANNA)
    on = day(reporting.now)
    for party, name in ((INFINO, "Infino Vlaanderen"), (KIDSLIFE, "Kidslife Vlaanderen")):
        story.tell(f"{on}: {name} meldt dat een bedrag van Anna onnauwkeurig is. Alleen Infino schreef Anna in.")
        told = Told(ANNA, Flaw.INACCURATE, "A-1")
        try:
            report = reporting.reports.report(told, caller(party, "jbplus:melding"))
        except RefusedError as error:
            story.say(f"Geweigerd: {error.refusal.value}.")
        else:
            sent = len(reporting.outbox.messages)
            story.say(f"De melding staat op '{report.status.value}'; {WEWIS.name} kreeg {sent} bericht.")


_SANCTION = "Artikel 8: schorsing"


@example(_SANCTION, "Een geschorste partij krijgt geen antwoord, tot de schorsing opgeheven is")
def suspended(story: Story) -> None:
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.register(INFINO, ANNA, date(2025, 1, 1))
    story.register(KIDSLIFE, ANNA, date(2025, 1, 1))
    story.suspend(INFINO, date(2025, 4, 1), Stream.CONSULTATION)
    story.lookup(INFINO, ANNA, SOCIAL, date(2025, 4, 2))
    story.lookup(KIDSLIFE, ANNA, SOCIAL, date(2025, 4, 2))
    story.lift(INFINO, date(2025, 4, 10))
    story.lookup(INFINO, ANNA, SOCIAL, date(2025, 4, 11))


@example(_SANCTION, "Een gedeeltelijke schorsing raakt alleen de doelen die zij noemt")
def suspended_in_part(story: Story) -> None:
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.register(INFINO, ANNA, date(2025, 1, 1))
    story.suspend(INFINO, date(2025, 4, 1), Stream.CONSULTATION, purposes=[SCHOOL])
    story.lookup(INFINO, ANNA, SCHOOL, date(2025, 4, 2))
    story.lookup(INFINO, ANNA, SOCIAL, date(2025, 4, 2))


@example(_SANCTION, "Meldingen wachten tijdens een schorsing, en komen daarna")
def notices_wait(story: Story) -> None:
    story.register(INFINO, ANNA, date(2025, 1, 1))
    story.suspend(INFINO, date(2025, 3, 1), Stream.MUTATIONS)
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.notices(INFINO)
    story.lift(INFINO, date(2025, 3, 10))
    story.notices(INFINO)


@example("Artikel 9: meldingsplichten", "Een functionaris ziet wie van de eigen partij een persoon opvroeg")
def who_saw_whom(story: Story) -> None:
    story.file(1, date(2025, 3, 4), paid(ANNA, "A-1", "600.00", date(2025, 3, 3)))
    story.register(INFINO, ANNA, date(2025, 1, 1))
    story.lookup(INFINO, ANNA, SOCIAL, date(2025, 4, 1))
    story.lookup(VUTG, ANNA, Purpose.AUDIT, date(2025, 4, 3), "A-2025-3")
    for party in (INFINO, VUTG, KIDSLIFE):
        story.who_saw(party, ANNA, date(2025, 4, 4))


@example("Artikel 12: opzegging", "Vanaf haar einddatum heeft een partij geen toegang meer")
def ended_party(story: Story) -> None:
    ends = {party.kbo: party for party in with_ends(PARTIES, f"{KIDSLIFE}=2027-01-01")}
    story.tell("Het protocol eindigt voor Kidslife Vlaanderen op 1 januari 2027.")
    for on in (date(2026, 12, 31), date(2027, 1, 1)):
        for kbo in (KIDSLIFE, INFINO):
            asker = caller(kbo, MATRIX[SOCIAL].scope).asker
            refusal = refuse_purpose(asker, SOCIAL, on, ends.get)
            outcome = "mag opvragen" if refusal is None else f"wordt geweigerd ({refusal.value})"
            story.say(f"{day(on)}: {ends[kbo].name} {outcome}.")
