"""The options that several commands of the source share."""

from pathlib import Path
from typing import Annotated, Final

import typer

from jbplus.protocol.parties import WEWIS

FOLDER: Final = "From_Vip"
"""Where mutation files go, where nobody says another folder."""
REPORTS: Final = f"To_Vip/{WEWIS.kbo}"
"""Where reports lie, where nobody says another folder."""
State = Annotated[
    Path,
    typer.Option(
        "--state",
        metavar="FOLDER",
        envvar="JBPLUS_SOURCE_STATE",
        file_okay=False,
        help="The series: its last number, what is to be sent and what was. It holds personal data.",
    ),
]
TestNumbers = Annotated[
    bool, typer.Option("--allow-test-numbers", help="Take test persons, whose numbers no citizen can have.")
]
DecimalComma = Annotated[bool, typer.Option("--decimal-comma", help="Take amounts written as 600,00.")]
DayFirst = Annotated[bool, typer.Option("--day-first", help="Take days written as 31/12/2025.")]
ReportsFolder = Annotated[
    str, typer.Option("--reports-folder", metavar="NAME", help="Where reports lie on the dropserver.")
]
