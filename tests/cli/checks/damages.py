"""Damages of an exchange in which all agrees; each tells what must be named: kind, place and number."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from jbplus.aws.keys import LINKS
from jbplus.aws.objects import Objects
from jbplus.checkpoints.verify import Segment
from jbplus.mutation_file.kinds import Kind
from jbplus.notices.notice import next_moment
from jbplus.notices.queue import Decision
from jbplus.persons import retention
from jbplus.persons.state import decode, version_of
from jbplus.successions.rules import Links, StoredLinks
from jbplus.successions.table import links_item, stored_links
from tests.cli.checks.test_fsck import rotate
from tests.cli.checks.world import SEGMENTS, CheckedWorld
from tests.support.fakes import no_sleep
from tests.support.files import record
from tests.support.known import INFINO
from tests.support.people import ANNA, BRAM, CELINE, person_number

Differences = list[tuple[str, str, int | None]]
DAY = 86_400
OLD, NEW = person_number(6), person_number(7)
"""Two numbers of one person."""


def kept(world: CheckedWorld, volgnummer: int, kind: Kind = Kind.MUTATIONS) -> str:
    """Give the key of the kept file of a kind with a number."""
    contexts = {name: json.loads(world.objects.read(name))["context"] for name in world.names("verwerkt/")}
    (key,) = (name for name, said in contexts.items() if (said["naam"], said["volgnummer"]) == (kind, volgnummer))
    return key


def edit(world: CheckedWorld, number: str, change: Callable[[dict[str, Any]], None], *, sealed: bool = True) -> None:
    """Change the state of a person; with its version, or by somebody who forgets that."""
    item = world.person(number)
    state = json.loads(item["state"]["S"])
    change(state)
    text = json.dumps(state, sort_keys=True, separators=(",", ":"))
    item["state"] = {"S": text}
    world.put_person(item | ({"version": {"S": version_of(text)}} if sealed else {}))


def person_lost(world: CheckedWorld) -> Differences:
    world.dynamodb.delete_item(TableName=world.tables.persons, Key=world.key(ANNA))
    return [("recordMissing", kept(world, 1), 0), ("recordMissing", kept(world, 2), 0)]


def record_lost(world: CheckedWorld) -> Differences:
    edit(world, ANNA, lambda state: state.pop("R-4"))
    return [("recordMissing", kept(world, 2), 0)]


def amount_edited(world: CheckedWorld) -> Differences:
    edit(world, CELINE, lambda state: state["R-3"].update(amount="601.00"))
    return [("recordDiffers", kept(world, 1), 2)]


def amount_edited_by_hand(world: CheckedWorld) -> Differences:
    edit(world, CELINE, lambda state: state["R-3"].update(amount="601.00"), sealed=False)
    return [("recordDiffers", kept(world, 1), 2), ("stateAltered", "persons", None)]


def tombstone_revived(world: CheckedWorld) -> Differences:
    revived = {"year": 2024, "instalment": "1", "amount": "600.00"}
    edit(world, BRAM, lambda state: state["R-2"].update(revived))
    return [("recordDiffers", kept(world, 2), 1)]


def older_stands(world: CheckedWorld) -> Differences:
    older = {"rank": [1, 1], "body": [1, 1], "year": 2024, "instalment": "1", "amount": "600.00"}
    edit(world, BRAM, lambda state: state["R-2"].update(older))
    return [("recordNotApplied", kept(world, 2), 1)]


def day_edited(world: CheckedWorld) -> Differences:
    """A tombstone keeps the day of the payment that it annuls: else its end would be another."""
    edit(world, BRAM, lambda state: state["R-2"].update(day="2025-03-02"))
    return [("endWrong", "persons", None), ("recordDiffers", kept(world, 1), 1)]


def ttl_off_by_a_day(world: CheckedWorld) -> Differences:
    item = world.person(ANNA)
    world.put_person(item | {"expiresAt": {"N": str(int(item["expiresAt"]["N"]) + DAY)}})
    return [("endWrong", "persons", None)]


def ttl_lost(world: CheckedWorld) -> Differences:
    item = world.person(ANNA)
    del item["expiresAt"]
    world.put_person(item)
    return [("stateUnreadable", "persons", None)]


def state_garbled(world: CheckedWorld) -> Differences:
    world.put_person(world.person(ANNA) | {"state": {"S": "{"}})
    return [("stateUnreadable", "persons", None)]


def file_altered(world: CheckedWorld) -> Differences:
    key = kept(world, 1)
    world.objects.put(key, world.objects.read(key).replace(b"600.00", b"700.00"), "application/json")
    return [("fileAltered", key, None)]


def file_cut(world: CheckedWorld) -> Differences:
    key = kept(world, 1)
    world.objects.put(key, world.objects.read(key)[:-10], "application/json")
    return [("fileAltered", key, None)]


def notice_lost(world: CheckedWorld) -> Differences:
    world.objects.remove(world.names(f"uitgaand/{INFINO}/")[1])
    return [("noticeMissing", f"notices of {INFINO}", 2)]


def notice_altered(world: CheckedWorld) -> Differences:
    key = world.names(f"uitgaand/{INFINO}/")[0]
    world.objects.put(key, world.objects.read(key).replace(b'"type":"01"', b'"type":"03"', 1)[:-1], "application/json")
    return [("noticeDiffers", f"notices of {INFINO}", 1)]


def notice_of_another_number(world: CheckedWorld) -> Differences:
    first, second, _ = world.names(f"uitgaand/{INFINO}/")
    world.objects.put(first, world.objects.read(second), "application/json")
    return [("noticeDiffers", f"notices of {INFINO}", 1)]


def part_of(world: CheckedWorld, volgnummer: int) -> dict[str, Any]:
    items = world.dynamodb.scan(TableName=world.tables.notices)["Items"]
    (part,) = (dict(item) for item in items if item["entry"]["S"].startswith(f"part#{volgnummer:016d}"))
    return part


def number_lost(world: CheckedWorld) -> Differences:
    part = part_of(world, 1)
    world.dynamodb.delete_item(TableName=world.tables.notices, Key={name: part[name] for name in ("party", "entry")})
    return [("noticeNumberMissing", f"notices of {INFINO}", 1)]


def number_doubled(world: CheckedWorld) -> Differences:
    part = part_of(world, 2)
    world.dynamodb.put_item(TableName=world.tables.notices, Item=part | {"entry": {"S": f"{part['entry']['S']}1"}})
    return [("noticeNumberTwice", f"notices of {INFINO}", 2)]


def count_set_back(world: CheckedWorld) -> Differences:
    key = {"party": {"S": INFINO}, "entry": {"S": "standing"}}
    standing = dict(world.dynamodb.get_item(TableName=world.tables.notices, Key=key)["Item"])
    world.dynamodb.put_item(TableName=world.tables.notices, Item=standing | {"given": {"N": "1"}})
    return [("noticeNumberBeyond", f"notices of {INFINO}", 2)]


def applied_lost(world: CheckedWorld) -> Differences:
    world.take_in([record(ANNA, "R-5")], 3)
    (piece,) = world.names("toegepast/")
    world.objects.remove(piece)
    return [("appliedLost", world.names("aangekondigd/")[0], 3)]


def queued(world: CheckedWorld) -> None:
    """Have a part wait in a queue."""
    world.take_in([record(ANNA, "R-5")], 3)
    world.queue()


def waiting_lost(world: CheckedWorld) -> Differences:
    queued(world)
    (contents,) = world.names(f"wachtend/{INFINO}/")
    world.objects.remove(contents)
    return [("waitingLost", contents, None)]


def decide(world: CheckedWorld) -> None:
    """Decide on the part that waits, and no further."""
    queues = world.notices.delivery.queues
    waiting = queues.first(INFINO)
    assert waiting is not None
    queues.decide(waiting, Decision(queues.given(INFINO).number + 1, next_moment(world.now(), None)))


def decided_and_left(world: CheckedWorld) -> Differences:
    queued(world)
    decide(world)
    world.hours = 6.1
    return [("noticeMissing", f"notices of {INFINO}", 3)]


def stray_contents(world: CheckedWorld) -> Differences:
    world.objects.put(f"wachtend/{INFINO}/0000000000000009.aaaaaaaaaaaaaaaa.000000.ndjson", b"", "application/x-ndjson")
    world.hours = 7
    return [("waitingStray", f"wachtend/{INFINO}/0000000000000009.aaaaaaaaaaaaaaaa.000000.ndjson", None)]


def report_key(world: CheckedWorld, volgnummer: int) -> str:
    return kept(world, volgnummer).replace("verwerkt/", "verslagen/")


def report_lost(world: CheckedWorld) -> Differences:
    key = report_key(world, 2)
    world.objects.remove(key)
    return [("reportMissing", key, None)]


def report_and_delivery_lost(world: CheckedWorld) -> Differences:
    world.objects.remove(report_key(world, 2))
    name = report_key(world, 2).removeprefix("verslagen/").removesuffix(".json")
    (delivery,) = (key for key in world.names("voortgang/") if name in world.objects.read(key).decode())
    world.objects.remove(delivery)
    return [("reportMissing", "ledger", 2)]


def report_altered(world: CheckedWorld) -> Differences:
    world.objects.put(report_key(world, 1), b"{}", "application/json")
    return [("reportUnreadable", report_key(world, 1), None)]


def report_not_put_out(world: CheckedWorld) -> Differences:
    world.objects.remove(report_key(world, 1).replace("verslagen/", "uitgaand/0316380841/"))
    return [("reportNotOut", report_key(world, 1), None)]


def begun(world: CheckedWorld) -> str:
    """Begin a file, and no more; give its key."""
    ticks = iter([1000, 0])
    records = [record(person_number(n), f"R-{n}") for n in range(11, 18)]
    assert world.take_in(records, 3, time_left=lambda: next(ticks, 0)) is None
    (key,) = world.names("inkomend/")
    return key


def claim_unfinished(world: CheckedWorld) -> Differences:
    key = begun(world)
    world.remove_version(key)
    return [("claimUnfinished", "ledger", 3)]


def claim_unfinished_for_long(world: CheckedWorld) -> Differences:
    begun(world)
    world.hours = 6.1
    return [("claimUnfinished", "ledger", 3)]


def claim(world: CheckedWorld, volgnummer: int) -> dict[str, Any]:
    key = {"series": {"S": "volgnummer"}, "number": {"N": str(volgnummer)}}
    return dict(world.dynamodb.get_item(TableName=world.tables.ledger, Key=key)["Item"])


def claim_set_back(world: CheckedWorld) -> Differences:
    item = claim(world, 2)
    del item["status"], item["finishedAt"]
    world.dynamodb.put_item(TableName=world.tables.ledger, Item=item)
    return [("claimUnfinished", "ledger", 2)]


def claim_lost(world: CheckedWorld) -> Differences:
    item = claim(world, 2)
    for key in (
        {"series": item["series"], "number": item["number"]},
        {"series": {"S": f"referte#{item['referte']['S']}"}, "number": {"N": "0"}},
    ):
        world.dynamodb.delete_item(TableName=world.tables.ledger, Key=key)
    return [("claimMissing", kept(world, 2), 2)]


def claim_halved(world: CheckedWorld) -> Differences:
    item = claim(world, 2)
    key = {"series": {"S": f"referte#{item['referte']['S']}"}, "number": {"N": "0"}}
    world.dynamodb.delete_item(TableName=world.tables.ledger, Key=key)
    return [("claimHalf", "ledger", 2)]


def delivery_lost(world: CheckedWorld) -> Differences:
    """Decided, but neither claimed nor refused: and the file is gone."""
    key = begun(world)
    item = claim(world, 3)
    for claimed in (
        {"series": item["series"], "number": item["number"]},
        {"series": {"S": f"referte#{item['referte']['S']}"}, "number": {"N": "0"}},
    ):
        world.dynamodb.delete_item(TableName=world.tables.ledger, Key=claimed)
    world.remove_version(key)
    (progress,) = (name for name in world.names("voortgang/") if b"aantal" in world.objects.read(name))
    return [("deliveryLost", progress, 3)]


def delivery_garbled(world: CheckedWorld) -> Differences:
    key = world.names("voortgang/")[0]
    world.objects.put(key, b"{", "application/json")
    return [("deliveryUnreadable", key, None)]


def registration_of(world: CheckedWorld, number: str) -> dict[str, Any]:
    key = world.key(number) | {"party": {"S": INFINO}}
    return dict(world.dynamodb.get_item(TableName=world.tables.registrations, Key=key)["Item"])


def registration_doubled(world: CheckedWorld) -> Differences:
    before = registration_of(world, ANNA)
    rotate(world)
    world.dynamodb.put_item(TableName=world.tables.registrations, Item=before)
    return [("registrationDoubled", f"registrations of {INFINO}", None)]


def registration_left_behind(world: CheckedWorld) -> Differences:
    before = registration_of(world, ANNA)
    rotate(world)
    after = registration_of(world, ANNA)
    world.dynamodb.put_item(TableName=world.tables.registrations, Item=before)
    key = {name: after[name] for name in ("person", "party")}
    world.dynamodb.delete_item(TableName=world.tables.registrations, Key=key)
    return [("registrationUnderOldKey", f"registrations of {INFINO}", None)]


def person_left_behind(world: CheckedWorld) -> Differences:
    before = world.person(ANNA)
    rotate(world)
    world.put_person(before)
    return [("personUnderOldKey", "persons", None)]


def registration_without_end(world: CheckedWorld) -> Differences:
    item = registration_of(world, ANNA)
    world.dynamodb.put_item(TableName=world.tables.registrations, Item=item | {"end": {"S": "2027-01-01"}})
    return [("registrationEndWrong", f"registrations of {INFINO}", None)]


def registration_garbled(world: CheckedWorld) -> Differences:
    item = registration_of(world, ANNA)
    world.dynamodb.put_item(TableName=world.tables.registrations, Item=item | {"begin": {"S": "yesterday"}})
    return [("registrationUnreadable", f"registrations of {INFINO}", None)]


def party_ended(world: CheckedWorld) -> Differences:
    world.parameters["PartyEnds"] = f"{INFINO}=2026-01-01"
    place = f"registrations of {INFINO}"
    return [("registrationOfEndedParty", place, None)] * 3


def links(world: CheckedWorld, number: str) -> dict[str, Any]:
    """Read the links of a number."""
    key = {"person": {"S": f"{LINKS}{world.pseudonyms(number)}"}}
    return dict(world.dynamodb.get_item(TableName=world.tables.persons, Key=key)["Item"])


def link_lost(world: CheckedWorld) -> Differences:
    """Lost under both numbers: each has the end of the whole, and nothing says why."""
    for number in (OLD, NEW):
        key = {"person": links(world, number)["person"]}
        world.dynamodb.delete_item(TableName=world.tables.persons, Key=key)
    return [("endWrong", "persons", None), ("recordMissing", kept(world, 1, Kind.SUCCESSIONS), 0)]


def link_lost_under_one_number(world: CheckedWorld) -> Differences:
    world.dynamodb.delete_item(TableName=world.tables.persons, Key={"person": links(world, NEW)["person"]})
    return [("endWrong", "persons", None), ("linksDiffer", "links", None)]


def link_to_another(world: CheckedWorld) -> Differences:
    """The same with both numbers, and with its version: only the file tells."""
    for number in (OLD, NEW):
        _, stored = stored_links(links(world, number))
        old, link = next(iter(stored.links.by_old.items()))
        other = StoredLinks(Links({old: replace(link, day=link.day - timedelta(days=1))}), stored.expires_at)
        item = links(world, number) | links_item(world.pseudonyms(number), other)
        world.dynamodb.put_item(TableName=world.tables.persons, Item=item)
    return [("recordDiffers", kept(world, 1, Kind.SUCCESSIONS), 0)]


def link_garbled(world: CheckedWorld) -> Differences:
    world.put_person(links(world, NEW) | {"links": {"S": "{"}})
    return [("endWrong", "persons", None), ("linksDiffer", "links", None)]


def taken_back_revived(world: CheckedWorld) -> Differences:
    """An older file's link stands where a newer one took it back."""
    old, new = (world.pseudonyms(person_number(n)) for n in (8, 9))
    _, stored = stored_links(links(world, person_number(8)))
    revived = StoredLinks(Links({old: replace(stored.links.by_old[old], new=new, rank=(1, 1))}), stored.expires_at)
    for person in (old, new):
        world.put_person(links_item(person, revived) | {"keyVersion": {"N": "1"}})
    return [("recordNotApplied", kept(world, 2, Kind.SUCCESSIONS), 0)]


def end_of_a_linked_number_is_its_own(world: CheckedWorld) -> Differences:
    """As if it had been linked with nobody."""
    item = world.person(NEW)
    own = retention.expires_at(decode(item["state"]["S"]), 5)
    world.put_person(item | {"expiresAt": {"N": str(own)}})
    return [("endWrong", "persons", None)]


def end_of_links_too_soon(world: CheckedWorld) -> Differences:
    item = links(world, NEW)
    world.put_person(item | {"expiresAt": {"N": str(int(item["expiresAt"]["N"]) - DAY)}})
    return [("linksDiffer", "links", None)]


def succession_notice_lost(world: CheckedWorld) -> Differences:
    world.objects.remove(world.names(f"uitgaand/{INFINO}/")[2])
    return [("noticeMissing", f"succession notices of {INFINO}", 1)]


def log_record(world: CheckedWorld) -> dict[str, Any]:
    item, *_ = world.dynamodb.scan(TableName=world.tables.privacy_log)["Items"]
    return dict(item)


def log_record_rewritten(world: CheckedWorld) -> Differences:
    item = log_record(world) | {"endUser": {"S": "somebody.else"}}
    world.dynamodb.put_item(TableName=world.tables.privacy_log, Item=item)
    return [("logDiffers", "privacy log, segment 1 of 2026-03-05T10:00:00Z", None)]


def log_record_deleted(world: CheckedWorld) -> Differences:
    key = {name: log_record(world)[name] for name in ("subject", "entry")}
    world.dynamodb.delete_item(TableName=world.tables.privacy_log, Key=key)
    return [("logDiffers", "privacy log, segment 1 of 2026-03-05T10:00:00Z", None)]


def segment_altered(world: CheckedWorld) -> Differences:
    objects = Objects(world.s3, SEGMENTS, no_sleep)
    segment = Segment.read(objects.read("segmenten/00000001.gz"))
    shorter = replace(segment, records=segment.records[:1], leaves=segment.leaves[:1])
    world.s3.put_object(Bucket=SEGMENTS, Key="segmenten/00000001.gz", Body=shorter.to_bytes())
    return [("logDiffers", "privacy log, segment 1 of 2026-03-05T10:00:00Z", None)]


def count_without_end(world: CheckedWorld) -> Differences:
    key = {"person": {"S": "#new on 2026-03-31"}, "party": {"S": INFINO}}
    world.dynamodb.put_item(TableName=world.tables.registrations, Item=key | {"counted": {"N": "2"}})
    return [("registrationCountWrong", f"registrations of {INFINO}", None)]


DAMAGES = [
    person_lost, record_lost, amount_edited, amount_edited_by_hand, tombstone_revived, older_stands, day_edited,
    ttl_off_by_a_day, ttl_lost, state_garbled, file_altered, file_cut, notice_lost, notice_altered,
    notice_of_another_number, number_lost, number_doubled, count_set_back, applied_lost, waiting_lost, decided_and_left,
    stray_contents, report_lost,
    report_and_delivery_lost, delivery_garbled, report_altered, report_not_put_out, claim_unfinished,
    claim_unfinished_for_long,
    claim_set_back, claim_lost, claim_halved, delivery_lost, registration_doubled, registration_left_behind,
    person_left_behind, registration_without_end, registration_garbled, party_ended, count_without_end,
    link_lost, link_lost_under_one_number, link_to_another, link_garbled, taken_back_revived,
    end_of_a_linked_number_is_its_own, end_of_links_too_soon, succession_notice_lost,
    log_record_rewritten, log_record_deleted, segment_altered,
]  # fmt: skip
