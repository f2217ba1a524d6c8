"""The page for a person's file: the amounts that are deducted, why and as of when, and nothing that is not known."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from typing_extensions import override

from jbplus_recipient.answers import Person
from jbplus_recipient.standing import Known
from jbplus_recipient.statement import statement
from tests.recipient.fakes import INFINO, NOW, person
from tests.support.people import ANNA, BRAM

LATER = datetime(2026, 3, 6, 23, 30, tzinfo=UTC)  # half past midnight of the 7th in Brussels
KNOWN = Known(ANNA, person(ANNA, 17, "1234.50"), NOW, is_due=False, in_doubt=False, refused=None)


class Words(HTMLParser):
    """The words that a reader sees, and whether each element that was opened was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not {"src", "href"} & {name for name, _ in attrs}, "it needs nothing else"
        if tag != "meta":
            self.open.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    @override
    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)


def read(*known: Known) -> str:
    words = Words()
    words.feed(statement(known, INFINO, LATER))
    words.close()
    assert words.open == []
    return re.sub(r"\s+", " ", " ".join(words.words))


def test_it_says_what_is_deducted_and_as_of_when() -> None:
    said = read(KNOWN)

    for words in (
        f"Persoon (INSZ) {ANNA}",
        "Uitbetaler Infino Vlaanderen",
        "Opgevraagd op 5 maart 2026 om 13.00 uur",
        "nummer 17",
        "Te bewaren tot en met 3 maart 2030",
        "2024 € 1.234,50 € 0,00 € 1.234,50 € 1.234,50",
        "3 maart 2025 2024 eerste a € 1.234,50",
        "Gemaakt op 7 maart 2026 om 00.30 uur",
        "telt niet mee als inkomen",
    ):
        assert words in said
    assert "Let op" not in said


def test_nothing_is_deducted_when_more_was_reclaimed() -> None:
    answer = person(ANNA, 17, "-25.00", bewaarTot="2030-01-31")

    said = read(replace(KNOWN, answer=answer))

    assert "2024 € 0,00 -€ 25,00 -€ 25,00 € 0,00" in said
    assert "Te bewaren tot en met 31 januari 2030" in said


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (replace(KNOWN, is_due=True), "Let op. Deze persoon moet nog opgevraagd worden"),
        (replace(KNOWN, in_doubt=True), "Let op. WEWIS onderzoekt een melding"),
        (replace(KNOWN, answer=None), "geen jobbonus plus bekend: er gaat niets"),
        (
            replace(KNOWN, answer=None, asked=None, refused="40003"),
            "weigerde een antwoord over deze persoon (code 40003)",
        ),
    ],
)
def test_it_warns_of_what_may_be_otherwise(known: Known, words: str) -> None:
    assert words in read(known)


@pytest.mark.parametrize("refused", [None, "40003"])
def test_what_is_not_known_is_not_called_nothing(refused: str | None) -> None:
    said = read(Known(ANNA, None, None, is_due=True, in_doubt=False, refused=refused))

    assert "zegt niet of er iets van het inkomen afgaat" in said
    assert "er gaat niets" not in said


def test_each_person_has_a_page_of_its_own() -> None:
    page = statement([KNOWN, replace(KNOWN, insz=BRAM)], INFINO, LATER)

    assert page.count("<article>") == 2
    assert "article + article { break-before: page" in page


def test_what_the_exchange_says_is_never_markup() -> None:
    body = {"maatregel": "Jobbonus plus", "fiscaalJaar": 2024, "bedragtype": "<b>", "verrichtingbedrag": "1"}
    payment = {"referte": "<script>", **body, "effectieveVerrichtingsdatum": "2025-03-03"}
    answer = Person.model_validate({"insz": ANNA, "verrichtingen": [payment], "nettoPerFiscaalJaar": []})

    page = statement([replace(KNOWN, answer=answer, refused="<i>")], INFINO, LATER)

    assert not {"<script>", "<b>", "<i>"} & set(re.findall("<[^ >]*>", page))
