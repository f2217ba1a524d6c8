"""The map of the protocol as a page; `python -m jbplus_cli.evidence.page FILE` writes it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from jbplus_cli.evidence.protocol import Holder, Obligation, Part, read

_HEAD: Final = """# Map of the protocol

Every obligation of the protocol of 4 March 2025 between WEWIS, Opgroeien regie, VUTG and the private payment actors, in the order of its text: what it asks, who holds to it, by what, and which tests show it. It is for auditors and lawyers as much as for engineers.

- **Held by** says whether the product holds to it by itself (*the exchange*), a party does outside of it (*a party*), or a party does with what the exchange gives it (*both*). What a party does itself, no test of ours can show.
- **By what** names the code. Modules stand below `layers/jbplus/jbplus/` unless their folder is named; what stands in `template.yaml` is a resource or a parameter of the stack.
- **Shown by** names tests below `tests/`. `make test` runs them all.

A test holds this page to the code: every article and point is here, every name of code exists, and every test that is named is one that runs. The page is made of `protocol.toml` in the folder of the command: `make protocol-map`. `jbplus evidence` puts the same measures in the folder of proof that it makes of a party.
"""  # noqa: E501 - paragraphs of the page
_HELD: Final = {Holder.SYSTEM: "the exchange", Holder.PARTY: "a party", Holder.BOTH: "both"}
_BELOW: Final = "layers/jbplus/jbplus/"
_TREES: Final = ("cli/", "deploy/", "docs/", "recipient/")


def page(parts: tuple[Part, ...]) -> str:
    """Write the page."""
    return _HEAD + "".join(line for part in parts for line in _part(part))


def path_of(code: str) -> str:
    """Give the path of a piece of code in the repository."""
    path = code.partition("::")[0]
    in_the_layer = "/" in path and not path.startswith(_TREES)
    return f"{_BELOW}{path}" if in_the_layer else path


def _part(part: Part) -> Iterator[str]:
    yield f"\n## {part.article}: {part.title}\n\n"
    yield "| point | what it asks | held by | how | by what | shown by |\n|---|---|---|---|---|---|\n"
    for each in part.obligations:
        yield f"| {' | '.join(_cells(each))} |\n"


def _cells(obligation: Obligation) -> Iterator[str]:
    yield obligation.point
    yield obligation.says
    yield _HELD[obligation.held] + (f": {obligation.by}" if obligation.by else "")
    yield obligation.how
    yield "<br>".join(f"`{code.replace('::', '` `')}`" for code in obligation.code)
    yield "<br>".join(f"`{test}`" for test in obligation.tests)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(read()), encoding="utf-8")
