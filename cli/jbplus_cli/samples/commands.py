"""`jbplus make-file`: makes a mutation file about test persons."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue
from rich.console import RenderableType
from rich.text import Text

from jbplus_cli.samples.files import Made, Order, OrderError, moment_of, write_file
from jbplus_cli.samples.records import LARGEST_VOLGNUMMER
from jbplus_cli.screen import looks
from jbplus_cli.screen.options import Json, read_moment
from jbplus_cli.screen.screen import Screen


def make_file(
    *,
    persons: Annotated[int, typer.Option(min=0, metavar="N", help="Number of test persons.")],
    volgnummer: Annotated[int, typer.Option(min=1, max=LARGEST_VOLGNUMMER, metavar="K", help="The file's number.")],
    seed: Annotated[int, typer.Option(metavar="S", help="Decides who the persons are, and what happens to them.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", dir_okay=False, metavar="FILE", help="Where to; .gz compresses.")
    ],
    bad: Annotated[float, typer.Option(min=0, max=1, metavar="P", help="Share of bad records, 0 to 1.")] = 0.0,
    tijdstip: Annotated[
        str | None,
        typer.Option(metavar="MOMENT", help="The file's moment.", show_default="follows from the volgnummer"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Invent a mutation file about test persons, whose numbers no citizen can have.

    Of payments that you have in a table, one is made with: jbplus source make.
    The same arguments give the same bytes; the same seed, the same persons.
    """
    moment = read_moment(tijdstip) if tijdstip else moment_of(volgnummer)
    try:
        order = Order(persons, volgnummer, seed, moment, bad)
    except OrderError as error:
        raise typer.BadParameter(str(error)) from error
    with Screen(as_json=as_json) as screen:
        with screen.records_done("Writing", order.plan.count()) as advance:
            made = write_file(order, output, advance)
        screen.result(_document(made), _shown(made))


def _document(made: Made) -> dict[str, JsonValue]:
    return {
        "file": str(made.path),
        "volgnummer": made.volgnummer,
        "tijdstip": made.tijdstip.isoformat(),
        "persons": made.persons,
        "records": made.records,
        "bad": made.bad,
        "size": made.size,
    }


def _shown(file: Made) -> RenderableType:
    table = looks.fields()
    table.add_row("File", Text(str(file.path)))
    table.add_row("Volgnummer", str(file.volgnummer))
    table.add_row("Tijdstip", file.tijdstip.isoformat())
    table.add_row("Persons", str(file.persons))
    table.add_row("Records", str(file.records))
    table.add_row("Bad records", str(file.bad))
    table.add_row("Size", f"{file.size} bytes")
    return table
