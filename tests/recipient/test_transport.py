"""HTTP as it goes wrong: each failure in words of its own, without a secret, and nothing asked twice in vain."""

import base64
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
import urllib3

from jbplus.protocol.purposes import Purpose
from jbplus_recipient.errors import ExchangeError, ProblemError
from jbplus_recipient.exchange import Exchange, Question, Term
from jbplus_recipient.transport import PatientRetry, ask, pool_for
from tests.recipient.fakes import INFINO, person
from tests.recipient.wire import RESET, Wire, answering, response
from tests.support.people import ANNA, BRAM

OK = response("200 OK")
SOMEWHERE = "http://exchange.invalid"


def asks(http: urllib3.PoolManager, url: str, times: int = 1) -> list[str]:
    """Ask some times; give the status of each, or the words of the failure."""
    said = []
    for _ in range(times):
        try:
            said.append(str(ask(http, url, advice="Look.", body=b"{}").status))
        except ExchangeError as error:
            said.append(str(error).replace(url, "URL"))
    return said


def over(*connections: Sequence[bytes], times: int = 1) -> tuple[list[str], Wire]:
    with answering(*connections) as wire:
        return asks(pool_for(wire.url, {}), wire.url, times), wire


BROKE = "URL gives no answer (the connection broke). Look."


def test_a_kept_connection_that_turns_out_to_be_dead_is_replaced_once() -> None:
    said, wire = over([OK, RESET], [OK, RESET], [RESET], times=3)

    assert said == ["200", "200", BROKE]
    assert [len(connection) for connection in wire.asked] == [2, 2, 1]


def test_a_new_connection_that_breaks_is_not_tried_again() -> None:
    said, wire = over([RESET], [OK])

    assert (said, len(wire.asked)) == ([BROKE], 1)


@pytest.mark.parametrize("end", [b"", RESET])
def test_nor_is_an_answer_that_breaks_off(end: bytes) -> None:
    said, wire = over([OK, response("200 OK", b"{", length=9) + end], [OK], times=2)

    assert (said, len(wire.asked)) == (["200", BROKE], 1)


def test_nor_is_an_answer_that_is_none() -> None:
    said, wire = over([OK, b"no such protocol\r\n\r\n"], [OK], times=2)

    assert (said, len(wire.asked)) == (["200", BROKE], 1)


@pytest.mark.parametrize("later", ["0", "soon", "", "0.01", "-1", "nan", "inf", "9" * 5000, "Wed, 99 Foo 2015", "é"])
def test_a_busy_exchange_is_asked_again_whatever_it_says_about_when(later: str) -> None:
    http = urllib3.PoolManager(
        retries=PatientRetry(
            status=1, status_forcelist=[503], allowed_methods=None, backoff_factor=0, retry_after_max=0
        )
    )
    with answering([response("503 Busy", b"{}", f"Retry-After: {later}"), OK]) as wire:
        assert asks(http, wire.url) == ["200"]


@pytest.mark.parametrize(("later", "seconds"), [("7", 7), ("1.5", 1.5), ("-3", 0), ("31", 30), ("1e999", 0), ("x", 0)])
def test_it_says_how_long_to_wait_half_a_minute_at_most(later: str, seconds: float) -> None:
    assert PatientRetry(retry_after_max=30).parse_retry_after(later) == seconds


def test_a_proxy_gets_the_user_and_password_of_its_url() -> None:
    with answering([OK]) as wire:
        proxy = wire.url.replace("//", "//us%40er:p%3Aw@")
        assert asks(pool_for(SOMEWHERE, {"http": proxy}), SOMEWHERE) == ["200"]

    ((head,),) = wire.asked
    assert b"proxy-authorization: Basic " + base64.b64encode(b"us@er:p:w") in head.replace(b"Proxy-A", b"proxy-a")


def test_a_password_does_not_stay_where_errors_could_show_it() -> None:
    pool = pool_for(SOMEWHERE, {"http": "http://user:secret@proxy:8080"})

    assert str(pool.proxy) == "http://proxy:8080"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_this_computer_is_reached_without_a_proxy(host: str) -> None:
    assert pool_for(f"http://{host}:1", {"http": "http://proxy:8080"}).proxy is None


def test_so_is_who_is_named_in_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "exchange.invalid")

    assert pool_for(SOMEWHERE, {"http": "http://proxy:8080"}).proxy is None


def test_a_proxy_may_be_given_as_host_and_port() -> None:
    with answering([OK]) as wire:
        assert asks(pool_for(SOMEWHERE, {"http": wire.url.removeprefix("http://")}), SOMEWHERE) == ["200"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_refuses_user_and_password_is_named_without_them(scheme: str) -> None:
    url = f"{scheme}://exchange.invalid"
    with answering([response("407 Proxy Authentication Required")]) as wire:
        place = wire.url.removeprefix("http://")
        (said,) = asks(pool_for(url, {scheme: f"http://user:secret@{place}"}), url)

    assert said.startswith(f"The proxy {place} refuses user and password, or wants some (407).")
    assert "secret" not in said


def test_a_proxy_that_lets_nothing_through_is_named() -> None:
    with answering([response("403 Forbidden")]) as wire:
        url = "https://exchange.invalid"
        (said,) = asks(pool_for(url, {"https": wire.url}), url)

    assert said.startswith(f"The proxy {wire.url.removeprefix('http://')} lets nothing through to URL.")


@pytest.mark.parametrize("proxy", ["socks5://user:secret@host:1", "http://user:secret@host:port", "http://:8080"])
def test_a_proxy_that_cannot_be_used_is_said_without_its_password(proxy: str) -> None:
    with pytest.raises(ExchangeError, match="must be written as http://host:port") as caught:
        pool_for(SOMEWHERE, {"http": proxy})

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["exchange.example", "ftp://exchange.example", "https://", "https://user:secret@example:x"]
)
def test_a_url_that_is_none_is_said(url: str) -> None:
    with pytest.raises(ExchangeError, match="must begin with https://") as caught:
        pool_for(url, {})

    assert "secret" not in str(caught.value)


def test_what_http_cannot_say_is_refused_without_being_shown() -> None:
    for secret in ("line\nfeed", "no\u200bsuch"):
        with answering() as wire, pytest.raises(ExchangeError, match="cannot be sent") as caught:
            ask(pool_for(wire.url, {}), wire.url, advice="", body=b"", headers={"Authorization": secret})
        assert secret not in str(caught.value)


def exchange(wire: Wire, gives: str = "t", end_user: str = "kring") -> Exchange:
    return Exchange(wire.url + "/", token=lambda *_: gives, http=pool_for(wire.url, {}), end_user=end_user)


QUESTION: dict[str, Any] = {"asker": INFINO, "question": Question(Purpose.SOCIAL_SUPPLEMENT)}


@pytest.mark.parametrize("token", ["", "aaa.bbb\nccc", "aaa.bbb ccc", "aaa.bbb\u200b", "aaa.bbb\n", '"aaa.bbb"'])
def test_a_token_that_is_none_is_refused_without_being_shown(token: str) -> None:
    with answering() as wire, pytest.raises(ExchangeError, match="access token is none") as caught:
        exchange(wire, token).get(ANNA, **QUESTION)

    assert "bbb" not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize("end_user", ["", "an peeters", "an\npeeters", "x" * 65])
def test_an_end_user_that_is_none_is_refused(end_user: str) -> None:
    with answering() as wire, pytest.raises(ExchangeError, match="end user must be"):
        exchange(wire, end_user=end_user)


def about(*numbers: str) -> bytes:
    return b",".join(
        person(number, 1).model_dump_json(by_alias=True, exclude_unset=True).encode() for number in numbers
    )


REGISTERED = b'{"insz": "%s", "resultaat": "geregistreerd"}' % ANNA.encode()
TERM = Term(date(2025, 1, 1))


@pytest.mark.parametrize(
    ("body", "call"),
    [
        (about(BRAM), lambda there: there.get(ANNA, **QUESTION)),
        (b'{"items": [%s]}' % about(BRAM, ANNA), lambda there: there.query([ANNA, BRAM], **QUESTION)),
        (b'{"items": [%s]}' % about(ANNA), lambda there: there.query([ANNA, BRAM], **QUESTION)),
        (b'{"items": [%s]}' % REGISTERED, lambda there: list(there.register([BRAM], registrar=INFINO, term=TERM))),
        (b'{"items": [%s]}' % about(ANNA, ANNA), lambda there: there.query([ANNA], **QUESTION)),
    ],
)
def test_an_answer_about_somebody_else_is_refused(body: bytes, call: Callable[[Exchange], object]) -> None:
    with (
        answering([response("200 OK", body)]) as wire,
        pytest.raises(ExchangeError, match="did not answer about the persons") as caught,
    ):
        call(exchange(wire))

    assert ANNA not in str(caught.value)
    assert BRAM not in str(caught.value)


def test_each_answer_is_given_to_who_was_asked_about() -> None:
    with answering([response("200 OK", b'{"items": [%s]}' % about(ANNA, BRAM))]) as wire:
        assert [item.insz for item in exchange(wire).lookup([ANNA, BRAM], **QUESTION)] == [ANNA, BRAM]

    ((head,),) = wire.asked
    assert head.startswith(b"POST /v1/verrichtingen/query HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        ("401 Unauthorized", b"{}", r"token was not accepted \(401\)"),
        ("502 Bad Gateway", b"<html>", "answered 502 without saying why"),
        ("200 OK", b"<html>", "is not as agreed"),
        ("200 OK", about(ANNA).replace(b"[]", b'[{"fiscaalJaar": 1}]', 1), "is not as agreed"),
    ],
)
def test_other_answers_are_errors_in_words(status: str, body: bytes, words: str) -> None:
    with answering([response(status, body)]) as wire, pytest.raises(ExchangeError, match=words):
        exchange(wire).get(ANNA, **QUESTION)


def test_a_refusal_of_one_person_is_that_persons_and_any_other_is_everybodys() -> None:
    def refusal(code: str) -> bytes:
        return response("403 Forbidden", b'{"status": 403, "code": "%s"}' % code.encode())

    with answering([refusal("40003"), refusal("40006")]) as wire:
        there = exchange(wire)
        (item,) = there.lookup([ANNA], **QUESTION)
        assert (item.insz, item.model_dump()["problem"]["code"]) == (ANNA, "40003")
        with pytest.raises(ProblemError, match="40006"):
            list(there.lookup([ANNA], **QUESTION))
