"""Nothing that the exchange writes anywhere holds a person's number: every log line, item, key, report and answer."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.e2e.exchange import INFINO, KIDSLIFE, VUTG, Exchange, lines_with
from tests.support.files import annulment, record
from tests.support.people import person_number

PEOPLE = [person_number(serial, month=72, day=31) for serial in range(1, 6)]
AMOUNT = "617.43"
WEWIS = "0316380841"
ABOUT_PERSONS = ("kwaliteitsmelding-", "werk.publiceermutatiesnotificaties")
WRITTEN_BY_US = ("verslagen/", "uitgaand/")


@pytest.fixture(scope="module")
def used(exchange: Exchange) -> Exchange:
    """An exchange through which the test persons' numbers went in every way, good and bad."""
    anna, bram, celine, dirk, els = PEOPLE
    exchange.register(anna)
    exchange.drop(
        exchange.next_file(
            [
                record(anna, "JBP-P1", verrichtingbedrag=AMOUNT),
                record(bram, "JBP-P2", verrichtingbedrag=AMOUNT),
                annulment(bram, "JBP-P2"),
                record(celine, celine),
                record(dirk, f"JBP-{dirk}"),
                {**record(els), els: els},
                {"referte": els, "type": els, "insz": els[:-1], "verrichting": {els: [els]}},
                els,
            ]
        )
    )
    exchange.drop(exchange.next_file([record(anna)], referte=anna), f"{anna}.json")
    exchange.drop(exchange.next_file([record(anna)])[:-9], f"werk.{bram}.json")
    exchange.register(*PEOPLE)
    exchange.register(anna, einde="2024-01-01")
    exchange.register(anna)
    exchange.look_up(anna)
    exchange.look_up(anna, party=KIDSLIFE)
    exchange.look_up(anna, party=VUTG, doel="audit", dossier=anna)
    exchange.look_up(anna, doel=anna)
    exchange.query(*PEOPLE, anna[:-1])
    headers = {"X-Magda-Enduser-ID": f"{anna[:6]}-{anna[6:]}", "x-correlation-id": bram}
    exchange.post("/v1/verrichtingen/get", {"insz": anna}, INFINO, "jbplus:dossierbeheer", **headers)
    exchange.post("/v1/verrichtingen/get", {anna: bram}, INFINO, "jbplus:dossierbeheer")
    exchange.post("/v1/inschrijvingen/get", {"insz": anna}, INFINO, "jbplus:inschrijving")
    _report_and_suspend(exchange, anna, bram)
    exchange.post("/v1/inschrijvingen/delete", {"insz": anna}, INFINO, "jbplus:inschrijving")
    return exchange


def _report_and_suspend(exchange: Exchange, anna: str, bram: str) -> None:
    """Numbers where they belong, and where they do not: in free text, a referte, an id and an answer."""
    made = exchange.post("/v1/kwaliteitsmeldingen", {"insz": bram, "aard": "foutief"}, INFINO, "jbplus:melding")
    assert made.status == 201
    for wrong in ({"toelichting": f"zie {bram}"}, {"referte": anna}, {"aard": anna}):
        body = {"insz": anna, "aard": "foutief", **wrong}
        assert exchange.post("/v1/kwaliteitsmeldingen", body, INFINO, "jbplus:melding").status == 400
    exchange.post("/v1/kwaliteitsmeldingen/query", {"na": anna}, INFINO, "jbplus:melding")
    answer = {"status": "ongegrond", "antwoord": f"{bram} klopt"}
    exchange.post(f"/v1/kwaliteitsmeldingen/{made.body['id']}/antwoord", answer, WEWIS, "jbplus:bron")
    exchange.post(f"/v1/kwaliteitsmeldingen/{anna}/antwoord", {**answer, "antwoord": "x"}, WEWIS, "jbplus:bron")
    suspension = {"partij": KIDSLIFE, "stromen": ["mutaties"], "reden": f"over {anna}"}
    exchange.post("/v1/schorsingen", suspension, WEWIS, "jbplus:bron")
    exchange.post(f"/v1/schorsingen/{anna}/opheffing", {}, WEWIS, "jbplus:bron")


def test_the_search_finds_a_number_in_any_dress() -> None:
    number = PEOPLE[0]

    assert _people_in(f"x{number}y") == {number}
    assert _people_in(f"{number[:2]}.{number[2:4]}.{number[4:6]}-{number[6:9]}.{number[9:]}") == {number}
    assert _people_in("nobody") == set()


def test_no_log_line_or_metric_holds_a_number_or_an_amount(used: Exchange) -> None:
    lines = lines_with(used.stack, "INTAKE001", "CALL001", "NOTICE001", '"RecordsApplied"')

    assert [line for line in lines if _people_in(line)] == []
    assert [line for line in lines if AMOUNT in line] == []


def test_no_item_of_any_table_holds_a_number(used: Exchange) -> None:
    items = list(_all_items(used))

    assert len(items) > len(PEOPLE)
    assert [item for item in items if _people_in(item)] == []


def test_the_privacy_log_holds_no_amount(used: Exchange) -> None:
    items = list(_items(used, "PrivacyLogTable"))

    assert items
    assert [item for item in items if AMOUNT in item] == []


def test_no_key_of_ours_holds_a_number(used: Exchange) -> None:
    keys = [key for key in used.object_keys() if not key.startswith("inkomend/")]

    assert keys
    assert [key for key in keys if _people_in(key)] == []


def test_a_notice_holds_the_number_and_no_amount(used: Exchange) -> None:
    used.go_round()
    notices = [content for _, content in used.notices(INFINO) if PEOPLE[0] in content]

    assert notices
    assert [notice for notice in notices if AMOUNT in notice] == []


def test_no_report_holds_a_number_or_an_amount(used: Exchange) -> None:
    keys = [key for prefix in WRITTEN_BY_US for key in used.object_keys(prefix)]
    contents = {key: used.read(key).decode() for key in keys}
    # Whom a report on quality or a notice is about stands in these alone, for those who may know.
    reports = {key: each for key, each in contents.items() if not key.rpartition("/")[2].startswith(ABOUT_PERSONS)}

    assert reports
    assert [key for key, report in reports.items() if _people_in(report)] == []
    assert [key for key, content in contents.items() if AMOUNT in content] == []


def test_no_header_or_problem_holds_a_number(used: Exchange) -> None:
    problems = [answer for answer in used.answers if answer.status >= 400]

    assert len(problems) >= 5
    assert [answer for answer in problems if _people_in(json.dumps(answer.body))] == []
    assert [answer for answer in used.answers if _people_in(str(dict(answer.headers)))] == []


def _people_in(text: str) -> set[str]:
    bare = re.sub(r"[^0-9A-Za-z]", "", text)
    return {number for number in PEOPLE if number in bare}


def _all_items(used: Exchange) -> Iterator[str]:
    for output in (
        *("PersonsTable", "RegistrationsTable", "PrivacyLogTable", "LedgerTable"),
        *("SuspensionsTable", "QualityTable", "NoticesTable"),
    ):
        yield from _items(used, output)


def _items(used: Exchange, output: str) -> Iterator[str]:
    for page in used.stack.aws.dynamodb().get_paginator("scan").paginate(TableName=used.stack.outputs[output]):
        yield from map(json.dumps, page["Items"])
