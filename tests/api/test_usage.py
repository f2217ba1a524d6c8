"""What each party makes of the exchange comes out as metrics, which alarms watch by party."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from jbplus.api.usage import UNKNOWN, count_use
from jbplus.protocol.parties import WEWIS
from jbplus.protocol.purposes import Purpose
from jbplus.protocol.usage import Use
from tests.registrations.fakes import quota
from tests.support.api import GET, QUERY, REGISTER, Api
from tests.support.known import INFINO, registered
from tests.support.people import person_number

NUMBERS = [person_number(serial) for serial in range(1, 6)]


@dataclass
class Counted:
    """Remembers what was counted."""

    counts: list[tuple[str, dict[Use, int], str | None]] = field(default_factory=list)

    def __call__(self, kbo: str, persons: Mapping[Use, int], purpose: Purpose | None = None) -> None:
        self.counts.append((kbo, {use: count for use, count in persons.items() if count}, purpose))


def test_persons_registered_and_turned_away_are_counted() -> None:
    counted = Counted()
    api = Api(quota=quota(3), count_use=counted)
    items = [{"insz": n, "periode": {"begin": "2026-01-01"}, "recht": "lopend"} for n in NUMBERS]

    api.post(REGISTER, {"items": items})
    api.post(REGISTER, {"items": items[:2]})

    assert counted.counts == [(INFINO, {Use.REGISTERED: 3, Use.REFUSED: 2}, None), (INFINO, {}, None)]


def test_persons_looked_up_and_refused_are_counted() -> None:
    counted = Counted()
    api = Api(lookup_store=registered(*NUMBERS[:2]), count_use=counted)

    api.post(QUERY, {"inszLijst": NUMBERS, "doel": "socialeToeslag"})
    api.post(GET, {"insz": NUMBERS[0], "doel": "geschillen", "dossier": "G-1"})

    assert counted.counts == [
        (INFINO, {Use.LOOKED_UP: 2, Use.REFUSED: 3}, "socialeToeslag"),
        (INFINO, {Use.REFUSED: 1}, "geschillen"),
    ]


@pytest.mark.parametrize(
    ("kbo", "dimension"),
    [(INFINO, INFINO), (WEWIS.other_kbos[0], WEWIS.kbo), ("0123456749", UNKNOWN), ("", UNKNOWN)],
)
def test_the_metrics_bear_service_and_party_and_no_other_number(
    kbo: str, dimension: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "a-stack")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "registrations")

    count_use(kbo, {Use.REGISTERED: 3, Use.REFUSED: 0}, Purpose.AUDIT)
    count_use(kbo, {Use.REGISTERED: 0})

    (line,) = capsys.readouterr().out.splitlines()
    written = json.loads(line)
    (directive,) = written["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], [set(each) for each in directive["Dimensions"]]) == (
        "a-stack",
        [{"service", "party"}],
    )
    assert [metric["Name"] for metric in directive["Metrics"]] == ["PersonsRegistered"]
    assert written["purpose"] == "audit"
    assert (written["service"], written["party"], written["PersonsRegistered"]) == ("registrations", dimension, [3.0])
