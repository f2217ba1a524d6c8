"""A page for a person's file, in Dutch and to be printed: what is deducted, why, and as of when."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from html import escape
from typing import Final

from jbplus.protocol.parties import Party
from jbplus_recipient.answers import Person
from jbplus_recipient.deductions import Deduction, deductions, last_day
from jbplus_recipient.dutch import day, euro, moment
from jbplus_recipient.standing import Known

_INSTALMENTS: Final = {"1": "eerste", "2": "tweede"}

_STYLE: Final = """
  :root { color-scheme: light; font: 11pt/1.45 system-ui, "Segoe UI", Arial, sans-serif; color: #1a1a1a; }
  body { margin: 0 auto; padding: 1.5rem; max-width: 44rem; background: #fff; }
  article + article { break-before: page; margin-top: 3rem; }
  h1 { font-size: 1.5rem; line-height: 1.2; margin: 0 0 1rem; }
  h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; break-after: avoid; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.5rem; margin: 0 0 1.25rem; }
  dt { color: #555; } dd { margin: 0; }
  .wide { overflow-x: auto; }
  table { border-collapse: collapse; width: 100%; }
  th, td { padding: .35rem .6rem; text-align: left; border-bottom: 1px solid #ccc; }
  th { border-bottom: 2px solid #1a1a1a; vertical-align: bottom; }
  thead { display: table-header-group; } tr { break-inside: avoid; }
  tbody th { border-bottom: 1px solid #ccc; } td { white-space: nowrap; }
  .amount { text-align: right; font-variant-numeric: tabular-nums; }
  .result { font-weight: 700; }
  .mind { border-left: 4px solid #b00020; padding: .5rem .8rem; margin: 0 0 1rem; }
  footer { margin-top: 1.5rem; color: #555; font-size: .9rem; }
  @media (max-width: 30rem) {
    body { padding: 1rem; } th, td { padding: .35rem .3rem; }
    dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; }
  }
  @media print { body { padding: 0; max-width: none; } @page { size: A4; margin: 18mm; } }
"""

_WHY: Final = (
    "Een jobbonus plus telt niet mee als inkomen bij de sociale toeslag en de selectieve participatietoeslag. Daarom "
    "gaat per inkomensjaar het nettobedrag van het inkomen af: wat WEWIS betaalde, min wat WEWIS terugvorderde. Is dat "
    "minder dan nul, dan gaat er niets af. De factor 100/80 voor zelfstandigen is hier niet toegepast."
)


def statement(persons: Iterable[Known], party: Party, now: datetime) -> str:
    """Write the pages, one a person, as one HTML document that needs nothing else.

    Args:
        persons: whom they are about.
        party: whose statement it is.
        now: when it is made.
    """
    pages = "\n".join("\n".join(("<article>", *_page(person, party, now), "</article>")) for person in persons)
    return (
        '<!doctype html>\n<html lang="nl">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Jobbonus plus: wat van het inkomen afgaat</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{pages}\n</main>\n</body>\n</html>\n"
    )


def _page(known: Known, party: Party, now: datetime) -> Iterator[str]:
    answer = known.answer
    rows = [] if answer is None else deductions(answer)
    yield "<h1>Jobbonus plus: wat van het inkomen afgaat</h1>"
    yield "<dl>"
    yield _fact("Persoon (INSZ)", known.insz)
    yield _fact("Uitbetaler", party.name)
    yield _fact("Opgevraagd op", "" if known.asked is None else moment(known.asked))
    if answer is not None:
        yield _fact("Laatste bestand van WEWIS", "" if answer.volgnummer is None else f"nummer {answer.volgnummer}")
        last = last_day(answer)
        yield _fact("Te bewaren tot en met", "" if last is None else day(last))
    yield "</dl>"
    yield from (f'<p class="mind"><strong>Let op.</strong> {escape(words)}</p>' for words in _warnings(known))
    if rows:
        yield from _totals(rows)
    elif known.asked is None:
        yield "<p>Er is geen antwoord: deze pagina zegt niet of er iets van het inkomen afgaat.</p>"
    else:
        yield "<p>Er is geen jobbonus plus bekend: er gaat niets van het inkomen af.</p>"
    yield f"<h2>Waarom</h2>\n<p>{_WHY}</p>"
    if answer is not None:
        yield from _payments(answer)
    yield f"<footer>Gemaakt op {moment(now)}. Bron: WEWIS, via de uitwisseling jobbonus plus.</footer>"


def _warnings(known: Known) -> Iterator[str]:
    if known.refused is not None:
        yield f"De uitwisseling weigerde een antwoord over deze persoon (code {known.refused})."
    if known.is_due:
        yield "Deze persoon moet nog opgevraagd worden. Doe dat voor u deze pagina gebruikt."
    if known.in_doubt:
        yield "WEWIS onderzoekt een melding over deze gegevens. De bedragen kunnen nog wijzigen."


def _totals(rows: Iterable[Deduction]) -> Iterator[str]:
    heads = ("Betaald", "Teruggevorderd", "Netto", "Gaat van het inkomen af")
    yield '<div class="wide"><table>\n<thead><tr><th scope="col">Inkomensjaar</th>'
    yield "".join(f'<th scope="col" class="amount">{head}</th>' for head in heads) + "</tr></thead>\n<tbody>"
    for row in rows:
        amounts = "".join(f'<td class="amount">{euro(one)}</td>' for one in (row.paid, row.reclaimed, row.net))
        deducted = f'<td class="amount result">{euro(row.deducted)}</td>'
        yield f'<tr><th scope="row">{row.fiscal_year}</th>{amounts}{deducted}</tr>'
    yield "</tbody></table></div>"


def _payments(answer: Person) -> Iterator[str]:
    yield "<h2>Betalingen en terugvorderingen</h2>"
    yield '<div class="wide"><table>\n<thead><tr>'
    yield "".join(f'<th scope="col">{head}</th>' for head in ("Datum", "Inkomensjaar", "Schijf", "Referte van WEWIS"))
    yield '<th scope="col" class="amount">Bedrag</th></tr></thead>\n<tbody>'
    for one in answer.verrichtingen:
        instalment = _INSTALMENTS.get(one.bedragtype, one.bedragtype)
        words = (day(one.effectieve_verrichtingsdatum), str(one.fiscaal_jaar), instalment, one.referte)
        cells = "".join(f"<td>{escape(word)}</td>" for word in words)
        yield f'<tr>{cells}<td class="amount">{euro(one.verrichtingbedrag)}</td></tr>'
    yield "</tbody></table></div>"


def _fact(name: str, value: str) -> str:
    return f"<dt>{name}</dt><dd>{escape(value)}</dd>" if value else ""
