"""The page of examples; `python -m tests.examples.page FILE` writes it."""

import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from tests.examples.examples import stories
from tests.examples.story import Story

_HEAD = """# Voorbeelden

Wat de uitwisseling doet, per artikel van het protocol van 4 maart 2025, met data die een jurist kan narekenen. Elk voorbeeld is een test: de gebeurtenissen worden echt uitgevoerd, en wat vet staat is wat de code antwoordde. Deze bladzijde wordt daaruit gemaakt met `make examples`; een test kijkt na dat zij klopt.

De artikelen 1, 10 en 11 laten de code niets beslissen, en hebben geen voorbeeld. Anna en Bram zijn verzonnen. Dagen zijn dagen in Brussel. De termen staan in de [woordenlijst](glossary.md), de regels in [principles](principles.md).
"""  # noqa: E501 - paragraphs of the page


def page(told: Iterable[tuple[str, Story]]) -> str:
    """Write the page of examples that were run."""
    written = [_HEAD]
    for article, found in groupby(told, key=lambda each: each[0]):
        written += [f"\n## {article}\n", *(_example(story) for _, story in found)]
    return "".join(written)


def _example(story: Story) -> str:
    lines = (f"   - **{line.text}**\n" if line.is_outcome else f"1. {line.text}\n" for line in story.lines)
    return f"\n### {story.title}\n\n" + "".join(lines)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(stories()), encoding="utf-8")
