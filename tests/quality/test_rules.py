"""Article 7: the words in which the quality of data is told."""

from jbplus.doubts.rules import ReportStatus
from jbplus.quality.rules import Flaw


def test_what_is_wrong_and_how_far_a_report_has_come_in_the_words_of_the_wire() -> None:
    assert [str(flaw) for flaw in Flaw] == [
        "foutief",
        "onnauwkeurig",
        "onvolledig",
        "ontbrekend",
        "verouderd",
        "overtollig",
    ]
    assert [str(status) for status in ReportStatus] == ["gemeld", "inOnderzoek", "gecorrigeerd", "ongegrond"]
