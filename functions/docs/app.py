"""Serves what is open to all: health, the API's document and its page. It has no right to any data."""

from pathlib import Path
from typing import Any

from jbplus.api.site import Answer, Site

site = Site(Path(__file__).parent / "site")


def handler(event: dict[str, Any], _: object) -> Answer:
    """Answer one call."""
    return site.answer(event)
