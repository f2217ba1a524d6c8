"""Making the source's stand."""

import gzip
import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from jbplus.errors import UnavailableError
from jbplus.persons.pseudonym import KeyRing
from jbplus.persons.rotation import KeysInUse, Phase, Standing
from jbplus.protocol.parties import WEWIS
from jbplus.source_stand.document import SourceStand
from jbplus.source_stand.rules import mark_of, mark_of_key
from jbplus.source_stand.service import Outcome, Publisher
from tests.source_stand.fakes import FakeFiles, FakeScan
from tests.support.fakes import NOW, PSEUDONYMS
from tests.support.known import entry, stored

KEY = PSEUDONYMS.key_of_source_stand()
NAME = "werk.publiceerbronstandjobbonusplus-0100.json.gz"


@dataclass
class Made:
    """A publisher, and what it put out."""

    scan: FakeScan
    standing: Standing = field(default_factory=Standing)
    files: FakeFiles = field(default_factory=FakeFiles)

    def publish(self) -> tuple[Outcome, int]:
        keys = KeysInUse(lambda _anew: KeyRing(1, PSEUDONYMS.keys), lambda: self.standing)
        return Publisher(self.scan, keys.alone, keys.is_alone, self.files, 5, lambda: NOW).publish()

    @property
    def document(self) -> Any:
        (((party, name), content),) = self.files.files.items()
        assert (party, name) == (WEWIS.kbo, NAME)
        return json.loads(gzip.decompress(content))


def test_all_that_is_live_is_in_it_in_its_order() -> None:
    paid, reclaimed = entry("600.00", rank=(17, 3)), entry("-600.00", rank=(12, 0))
    made = Made(FakeScan([stored({"b": paid}), stored({"a": reclaimed, "c": paid})]))

    assert made.publish() == (Outcome.PUBLISHED, 3)

    assert made.document["context"] == {
        "naam": "PubliceerBronstandJobbonusPlus",
        "versie": "01.00.0000",
        "dag": "2026-03-05",
        "ontvanger": "0316380841",
        "bewaartermijn": 5,
        "sleutel": mark_of_key(KEY),
        "volgnummer": 17,
        "aantal": 3,
    }
    assert paid.payment is not None
    lines = made.document["verrichtingen"]
    assert [line["referte"] for line in lines] == ["a", "b", "c"]
    assert lines[1] == {"referte": "b", "kenmerk": mark_of(KEY, "b", paid.payment), "volgnummer": 17, "index": 3}
    SourceStand.model_validate(made.document)


def test_what_was_annulled_or_has_ended_is_not_in_it() -> None:
    annulled = stored({"a": entry(rank=(17, 0)), "b": entry(rank=(17, 1))})
    long_ago = stored({"c": entry(rank=(99, 0), day=date(2020, 3, 4))})
    tombstone = stored(
        {"d": entry(rank=(18, 0)).tombstone(entry(rank=(18, 0)).rank, file_day=date(2026, 3, 4), body_day=None)}
    )
    made = Made(FakeScan([annulled, long_ago, tombstone]))

    made.publish()

    assert [line["referte"] for line in made.document["verrichtingen"]] == ["a", "b"]
    assert made.document["context"]["volgnummer"] == 18


def test_who_has_several_numbers_is_in_it_once() -> None:
    made = Made(FakeScan([stored({"b": entry()})], {frozenset({"p", "q"}): stored({"a": entry()})}))

    made.publish()

    assert [line["referte"] for line in made.document["verrichtingen"]] == ["a", "b"]
    assert made.scan.left_out == {"p", "q"}


def test_nobody_is_a_stand_too() -> None:
    made = Made(FakeScan([]))

    assert made.publish() == (Outcome.PUBLISHED, 0)
    assert "volgnummer" not in made.document["context"]
    assert made.document["verrichtingen"] == []


def test_it_waits_while_keys_are_rotated_or_a_moment_is_restored() -> None:
    for phase in set(Phase) - {Phase.SETTLED, Phase.SWEEPING}:
        made = Made(FakeScan([stored({"a": entry()})]), Standing(1, phase))

        assert made.publish() == (Outcome.WAITS, 0), phase
        assert made.files.files == {}


def test_neither_amounts_nor_who_it_is_of_stand_in_it() -> None:
    made = Made(FakeScan([stored({"a": entry("271828.18"), "b": entry("271828.18")})]))

    made.publish()

    text = json.dumps(made.document)
    assert "271828" not in text
    one, other = (line["kenmerk"] for line in made.document["verrichtingen"])
    assert one != other, "equal amounts would show"


def test_nothing_is_put_out_when_a_rotation_came_between() -> None:
    made = Made(FakeScan([stored({"a": entry("600.00")})], versions=iter((1, 2))))

    with pytest.raises(UnavailableError):
        made.publish()

    assert made.files.files == {}
