"""The page of the sandbox, made of the answers that a stack really gave."""

import json
import re
from collections.abc import Iterable

from jbplus_local.sandbox.stories import CLIENT, Story
from jbplus_local.sandbox.world import Answer

_TRACE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_SHOWN_TRACE = "9f0e5f0c-3c39-4f0d-8a5e-5a4d7c1b2e60"
_MARK = re.compile(r'("(?:handle|versie)": ")[0-9a-f]{32}')
_SHOWN_MARK = "5f1d7c0a9be24c3786d0e1f2a3b4c5d6"
_SHOWN_HEADERS = ("Retry-After",)

_HEAD = f"""# Sandbox

For whoever builds a payment actor's client: test persons with a story each, on your own machine, without AWS and without an account. The persons belong to nobody; the answers below are what the local stack really gives (`make sandbox` asks for them anew, and a test compares).

```sh
make run RUN_ARGS="--api-port 4566 --tokens-port 4567"     # once; it prints the API's address, and stays up
```

## A token

As with the real issuer: OAuth 2.0 client credentials (RFC 6749). The client is the short name of a party, `{CLIENT}` in all that follows; its secret here is `sandbox`. Any OAuth library does, with the client's secret in the header or in the form; it finds the rest at `/.well-known/openid-configuration` of the issuer. A token lasts an hour: keep it as long. The real issuer gives no scope that is not yours.

```sh
API='http://127.0.0.1:4566/_aws/execute-api/…/$default'    # as make run prints it
TOKENS='http://127.0.0.1:4567'

TOKEN=$(curl --silent --user {CLIENT}:sandbox "$TOKENS/token" \\
  --data grant_type=client_credentials --data scope=jbplus:dossierbeheer |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')

curl --silent "$API/v1/verrichtingen/get" --header "Authorization: Bearer $TOKEN" \\
  --header 'x-correlation-id: first-try' --header 'X-Magda-Enduser-ID: an.peeters' \\
  --header 'Content-Type: application/json' --data '{{"insz": "12642599819", "doel": "socialeToeslag"}}'
```

## Stories

`{CLIENT}` has registered the persons where a story does not say otherwise. Each request is a POST below the API's address, with the headers above; where no scope is named, the token's is `jbplus:dossierbeheer`. References (`instance`) and marks (`versie`) differ each time.
"""  # noqa: E501 - paragraphs of the page


def page(answers: Iterable[tuple[Story, Answer]]) -> str:
    """Write the page."""
    return "\n".join([_HEAD, *(_told(story, answer) for story, answer in answers)])


def _told(story: Story, answer: Answer) -> str:
    scope = "no token" if story.scope is None else f"scope `{story.scope}`"
    asked = "" if story.scope == "jbplus:dossierbeheer" else f", {scope}"
    headers = "".join(f", `{name}: {answer.headers[name]}`" for name in _SHOWN_HEADERS if name in answer.headers)
    return f"""### {story.title}

{story.told}

`{story.path}`{asked}

```json
{json.dumps(story.body, ensure_ascii=False)}
```

{answer.status}{headers}

```json
{_without_chance(json.dumps(answer.body, ensure_ascii=False, indent=2))}
```
"""


def _without_chance(text: str) -> str:
    return _MARK.sub(rf"\g<1>{_SHOWN_MARK}", _TRACE.sub(_SHOWN_TRACE, text))
