"""Samples of a call in curl and Python, as the document bears them (`x-codeSamples`) and its page shows them."""

import json
import shlex
from typing import Final

from jbplus.api.calls import Call
from jbplus.api.gateway import CORRELATION, END_USER
from jbplus_openapi.operations import Operation
from jbplus_openapi.schemas import Json

BASE: Final = "https://exchange.example"
"""What stands for the API's address; the page puts the reader's own in its place."""
_HEADERS = {CORRELATION: "2b1f6a52-7a3e-4a57-9a0e-0f3f5e6a9b11", END_USER: "an.peeters"}


def samples(call: Call, words: Operation) -> list[Json]:
    """Write the samples of a call: its first example, or without a body."""
    path = call.path
    for name in words.path:
        path = path.replace(f"{{{name}}}", "5f0a3f0e-8b51-5a0e-9f61-6a0f0a8f2f10")
    body = next((example.value for example in words.requests.values()), None)
    return [
        {"lang": "Shell", "label": "curl", "source": _curl(call.method, path, body)},
        {"lang": "Python", "label": "Python", "source": _python(call.method, path, body)},
    ]


def _curl(method: str, path: str, body: object) -> str:
    # In quotes, whatever the reader's own address holds.
    lines = [f"curl {'' if method == 'GET' else '--request POST '}'{BASE}{path}'"]
    lines.append('--header "Authorization: Bearer $TOKEN"')
    lines += [f"--header {shlex.quote(f'{name}: {value}')}" for name, value in _HEADERS.items()]
    if body is not None:
        lines += ["--header 'Content-Type: application/json'", f"--data {shlex.quote(_json(body, indent=None))}"]
    return " \\\n  ".join(lines)


def _python(method: str, path: str, body: object) -> str:
    headers = "".join(f'        "{name}": "{value}",\n' for name, value in _HEADERS.items())
    # JSON and Python write true and false differently.
    said = _json(body).replace(": true", ": True").replace(": false", ": False").replace("\n", "\n    ")
    sent = "" if body is None else f"    json={said},\n"
    return f"""import os

import requests

answer = requests.{method.lower()}(
    "{BASE}{path}",
    headers={{
        "Authorization": "Bearer " + os.environ["TOKEN"],
{headers}    }},
{sent}    timeout=30,
)
print(answer.status_code, answer.text)
"""


def _json(value: object, indent: int | None = 4) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)
