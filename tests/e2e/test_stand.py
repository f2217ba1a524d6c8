"""A party's stand through the whole stack: what it registered and was answered is what the exchange says."""

import json

from jbplus.stand.rules import Pair, ranges_of
from tests.e2e.exchange import INFINO, Exchange
from tests.support.people import person_number


def test_a_stand_is_of_the_handles_and_versions_that_the_party_was_given(exchange: Exchange) -> None:
    person = person_number(160)
    (made,) = exchange.register(person).body["items"]
    pair = Pair(made["handle"], exchange.look_up(person).body["versie"])
    asked = {"bereiken": [pair.handle[:3]]}

    opened = exchange.post("/v1/stand/query", asked, INFINO, "jbplus:inschrijving").body["items"]

    assert {"handle": pair.handle, "versie": pair.version} in opened
    exchange.stack.aws.functions().invoke(
        FunctionName=exchange.stack.outputs["StandPublishingFunction"], Payload=json.dumps({"party": INFINO}).encode()
    )
    (key,) = exchange.object_keys(f"uitgaand/{INFINO}/werk.publiceerstandjobbonusplus")
    said = json.loads(exchange.read(key))["bereiken"][pair.handle[:3]]
    range_ = ranges_of(Pair(each["handle"], each["versie"]) for each in opened)[pair.handle[:3]]
    assert said == [range_.count, range_.fingerprint]
