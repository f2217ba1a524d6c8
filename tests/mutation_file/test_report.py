"""The report as it is read: by a command that may be older than the stack that wrote it."""

import json

import pytest
from pydantic import ValidationError

from jbplus.mutation_file.records import Context
from jbplus.mutation_file.report import Counts, Gap, Report, Status
from tests.support.files import context

SHA256 = "0" * 64


def test_a_report_is_read_as_it_was_written() -> None:
    written = Report(
        status=Status.PARTLY_PROCESSED,
        bestand="a.json",
        context=Context.model_validate(context(2)),
        sha256=SHA256,
        aantallen=Counts(gelezen=2, toegepast=1, geweigerd=1),
        ontbrekende_volgnummers=(Gap(van=3, tot=5),),
    )

    read = Report.read(written.to_json())

    assert read == written
    assert read.volgnummer == context(2)["volgnummer"]
    assert read.wire() == json.loads(written.to_json())


def test_a_report_of_a_newer_stack_is_read_and_comes_out_as_it_came() -> None:
    said = {
        "status": "uitgesteld",
        "bestand": "a.json",
        "context": context(1) | {"versie": "02.00.0000", "volgnummer": 7, "extra": [1]},
        "sha256": SHA256,
        "aantallen": {"gelezen": 1, "toegepast": 0, "verouderd": 0, "geweigerd": 0, "uitgesteld": 1},
        "fouten": [{"index": 0, "code": "nieuweCode", "pad": "/mutaties/0", "melding": "…"}],
    }

    read = Report.read(json.dumps(said))

    assert (read.status, read.volgnummer, read.is_processed) == ("uitgesteld", 7, False)
    assert read.wire() == said


def test_only_a_known_status_is_written() -> None:
    with pytest.raises(ValidationError, match="must be one that is known"):
        Report(status="uitgesteld", bestand="a.json", sha256=SHA256, aantallen=Counts())


@pytest.mark.parametrize(("van", "tot", "words"), [(3, 3, "3"), (3, 5, "3 to 5")])
def test_a_gap_in_words(van: int, tot: int, words: str) -> None:
    assert Gap(van=van, tot=tot).words == words
