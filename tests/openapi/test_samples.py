"""The samples of each call ask what its first example asks, as a shell and as Python read them."""

import json
import shlex
from types import SimpleNamespace
from typing import Any

import pytest

from jbplus_openapi.samples import BASE
from jbplus_openapi.whole import WORDS, all_calls, whole

DOCUMENT = whole()
CALLS = {call.route: call for call in all_calls()}
FIRST = {route: next((each.value for each in words.requests.values()), None) for route, words in WORDS.items()}


def sample(route: str, label: str) -> str:
    call = CALLS[route]
    made = DOCUMENT["paths"][call.path][call.method.lower()]["x-codeSamples"]
    (found,) = (each["source"] for each in made if each["label"] == label)
    return str(found)


@pytest.mark.parametrize("route", CALLS)
def test_curl_asks_what_the_first_example_asks(route: str) -> None:
    words = shlex.split(sample(route, "curl").replace("\\\n", ""))

    assert words[0] == "curl"
    assert (CALLS[route].method == "POST") is (words[1:3] == ["--request", "POST"])
    url = words[3] if CALLS[route].method == "POST" else words[1]
    assert url.startswith(f"{BASE}/v1/")
    assert "{" not in url
    headers = [words[at + 1].split(":")[0] for at, word in enumerate(words) if word == "--header"]
    assert headers[:3] == ["Authorization", "x-correlation-id", "X-Magda-Enduser-ID"]
    sent = json.loads(words[words.index("--data") + 1]) if "--data" in words else None
    assert sent == FIRST[route]


@pytest.mark.parametrize("route", CALLS)
def test_python_asks_the_same(route: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[tuple[str, str, Any, Any]] = []

    def request(method: str) -> Any:
        def send(url: str, *, headers: Any, timeout: int, json: Any = None) -> SimpleNamespace:
            asked.append((method, url, json, headers))
            return SimpleNamespace(status_code=200, text=f"answered within {timeout} s")

        return send

    monkeypatch.setenv("TOKEN", "a-token")
    source = sample(route, "Python").replace("import requests\n", "")
    fake = SimpleNamespace(post=request("POST"), get=request("GET"))
    exec(compile(source, route, "exec"), {"requests": fake})  # noqa: S102 - our own words

    ((method, url, body, headers),) = asked
    assert (method, body) == (CALLS[route].method, FIRST[route])
    assert f"'{url}'" in sample(route, "curl")
    assert headers.pop("Authorization") == "Bearer a-token"
    assert headers == {"x-correlation-id": "2b1f6a52-7a3e-4a57-9a0e-0f3f5e6a9b11", "X-Magda-Enduser-ID": "an.peeters"}
    assert capsys.readouterr().out.startswith("200 ")
