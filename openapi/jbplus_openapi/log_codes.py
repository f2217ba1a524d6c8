"""The page of log codes, made from their catalogue; `python -m jbplus_openapi.log_codes FILE` writes it."""

import sys
from pathlib import Path

from jbplus.logs import LogCode

_HEAD = """# Log codes

Each log line begins with a code. No line holds a person's number, an amount, or anything that a caller sent but its `x-correlation-id`, as `correlation`; `trace` is the `BelGov-Trace-Id` that the caller has too. [Reading logs](runbooks/reading-logs.md) says how to find them.

This page is made from the code: `make log-codes`.

| code | message | what happened | what to do |
|---|---|---|---|
"""  # noqa: E501 - a paragraph of the page


def page() -> str:
    """Write the page."""
    rows = (f"| `{code.number}` | {_message(code)} | {code.cause} | {code.remedy} |\n" for code in LogCode)
    return _HEAD + "".join(rows)


def _message(code: LogCode) -> str:
    return code.removeprefix(code.number).strip()


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
