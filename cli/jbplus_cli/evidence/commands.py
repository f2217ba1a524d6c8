"""`jbplus evidence`: one folder that shows what the exchange does for a party, and did in a period (Article 6)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from jbplus.privacy_log.service import LogQuestion
from jbplus.privacy_log.wire import LogItem
from jbplus.protocol.parties import RECIPIENTS, Party
from jbplus_cli.checkpoints.proofs import Proof as SealProof
from jbplus_cli.checkpoints.proofs import Proofs, extract
from jbplus_cli.evidence import protocol, settings
from jbplus_cli.evidence.deeds import Deeds
from jbplus_cli.evidence.folder import PAGE, Folder, Row, Table
from jbplus_cli.evidence.settings import Settings
from jbplus_cli.privacy_log import records
from jbplus_cli.screen import looks
from jbplus_cli.screen.options import EndUser, Json, PartyOption, Stack, read_day
from jbplus_cli.screen.screen import Screen
from jbplus_cli.stack.aws import aws_errors, outputs_of
from jbplus_cli.stack.surroundings import Surroundings, surroundings_of
from jbplus_cli.stack.target import Target
from jbplus_recipient.errors import ExchangeError

EXTRACT = "extract.json"
_MEASURES = ("article", "point", "asks", "held by", "how", "by what", "shown by")


def evidence(
    ctx: typer.Context,
    *,
    party: PartyOption,
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="First day, in Brussels.")],
    last: Annotated[str, typer.Option("--to", metavar="DAY", help="Last day, inclusive.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="A new folder for it.")],
    enduser: EndUser = None,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Make a folder that proves measures and deeds: of one party, over a period (Article 6).

    Markdown to read, CSV for spreadsheets, JSON for programs. No person's number is in it. The log is asked with the
    party's own token, and that is logged. What could not be read is said in the folder, and ends with 1.
    """
    world = surroundings_of(ctx)
    if party not in RECIPIENTS:
        raise typer.BadParameter(f"{party.name} receives nothing, so there is nothing to prove", param_hint="--party")
    proof = Proof(party, read_day(first), read_day(last), enduser)
    if proof.last < proof.first:
        raise typer.BadParameter("the last day lies before the first", param_hint="--to")
    with Screen(as_json=as_json) as screen:
        target = world.target(stack)
        folder = Folder.new(output)
        counts = {}
        for table in proof.tables(world, target, output / EXTRACT):
            with screen.waiting(f"Reading: {table.title.lower()}"):
                counts[table.name] = folder.add(table)
        folder.finish(proof.head(target, world.now()))
        said = ", ".join(looks.counted(count, "row") + f" of {name}" for name, count in counts.items())
        screen.result(
            {"folder": str(output), "rows": dict(counts), "missing": list(folder.missing)},
            Text(f"{output / PAGE}: {said}."),
        )
        for words in folder.missing:
            screen.fall_short(f"Not in the folder: {words}")


@dataclass(frozen=True, slots=True)
class Proof:
    """What is to be proven.

    Attributes:
        party: whom it is about.
        first: the first day, in Brussels.
        last: the last day, inclusive.
        end_user: who asks, for the privacy log.
    """

    party: Party
    first: date
    last: date
    end_user: str | None

    def head(self, target: Target, now: datetime) -> str:
        """Write the beginning of the page."""
        return (
            f"# Proof of measures: {self.party.name}\n\n"
            f"What the exchange of jobbonus plus payments holds to and did for {self.party.name} "
            f"({self.party.kbo}), from {self.first} to {self.last}, both included, days in Brussels. Made at "
            f"{now.isoformat(timespec='seconds')} from stack {target.name} in {target.region}, by jbplus "
            f"{version('jbplus')}. Persons are named by a pseudonym of this party alone, never by their number.\n"
        )

    def tables(self, world: Surroundings, target: Target, path: Path) -> Iterator[Table]:
        """Give the parts, each read when it is written; beside the log, an extract of it with proofs."""
        yield Table(
            "measures",
            "Measures",
            "Every obligation of the protocol of 4 March 2025, who holds to it, by what, and which tests show it.",
            _MEASURES,
            _measures(),
        )
        reading = Settings(world.aws(target), target)
        yield Table(
            "settings",
            "Settings",
            "The stack as AWS tells it at this moment: terms, encryption, backups, limits, alarms and versions.",
            settings.COLUMNS,
            reading.rows(),
            reading.missing,
        )
        unproven: list[str] = []
        yield Table(
            "log",
            "Privacy log",
            "Every question that the party asked about a person in the period, and to this log itself. Written before "
            "the answer left; nobody can take a record away or change it by the rights of any function. Whoever trusts "
            f"nobody holds [{EXTRACT}]({EXTRACT}) against the checkpoints that each of the seven organisations has: it "
            "carries a proof for each record that is sealed, and what is newer than the last checkpoint has none yet.",
            records.COLUMNS,
            self._log(world, target, path, unproven),
            unproven,
        )
        yield from self._deeds(world, target)

    def _deeds(self, world: Surroundings, target: Target) -> Iterator[Table]:
        outputs: dict[str, str] = {}
        deeds = Deeds(world, target, outputs, self.party, self.first, self.last)

        def read(rows: Iterator[Row]) -> Iterator[Row]:
            # Where the tables are is asked once, and may fail as any part may.
            if not outputs:
                with aws_errors(f"read the outputs of stack {target.name}", target.advice_when_unreachable):
                    outputs.update(outputs_of(target.name, world.aws(target).cloudformation()))
            yield from rows

        for name, title, words, columns, rows in (
            (
                "registrations",
                "Registrations",
                "How many persons the party has registered at this moment, by the state of their right.",
                Deeds.REGISTRATIONS,
                deeds.registrations(),
            ),
            (
                "new-registrations",
                "New registrations",
                "How many new persons it registered on each day of the period; counted for a year.",
                Deeds.NEW,
                deeds.new_registrations(),
            ),
            (
                "suspensions",
                "Suspensions",
                "Suspensions of the party that held in the period (Article 8).",
                Deeds.SUSPENSIONS,
                deeds.suspensions(),
            ),
            (
                "notices",
                "Notices",
                "Notices that were given to the party in the period, by the number of WEWIS's file that each tells of.",
                Deeds.NOTICES,
                deeds.notices(),
            ),
            (
                "quality",
                "Quality reports",
                "What the party reported as wrong in the period, and how far it came (Article 7): no person, no text.",
                Deeds.QUALITY,
                deeds.quality(),
            ),
            ("files", "Files", "WEWIS's files that were taken in, in the period.", Deeds.FILES, deeds.files()),
            (
                "reports",
                "Reports",
                "What became of each delivery of a file that was reported in the period; kept for a year.",
                Deeds.REPORTS,
                deeds.reports(),
            ),
        ):
            yield Table(name, title, words, columns, read(rows))

    def _log(self, world: Surroundings, target: Target, path: Path, unproven: list[str]) -> Iterator[Row]:
        exchange = world.exchange(target, self.end_user)
        question = LogQuestion(None, self.first, self.last, None)
        proof_of = self._prover(world, target, unproven)
        with extract(path, self.party, question) as add:
            for item in records.ask(exchange, question, asker=self.party):
                add(item, proof_of(item))
                yield records.row(item)

    def _prover(
        self, world: Surroundings, target: Target, unproven: list[str]
    ) -> Callable[[LogItem], SealProof | None]:
        """Give what proves records; when something of it fails, that is said once, and the others have no proof."""
        proofs: Proofs | None = None

        def proof_of(item: LogItem) -> SealProof | None:
            nonlocal proofs
            if unproven:
                return None
            try:
                proofs = proofs or Proofs.of_stack(world, target, self.party)
                return proofs.of(item)
            except ExchangeError as error:
                unproven.append(f"Proofs from {item.moment.isoformat()} on. {error}")
                return None

        return proof_of


def _measures() -> Iterator[Row]:
    for part in protocol.read():
        for each in part.obligations:
            cells = (
                part.article,
                each.point,
                each.says,
                f"{each.held}: {each.by}" if each.by else each.held,
                each.how,
                ", ".join(each.code),
                ", ".join(each.tests),
            )
            yield dict(zip(_MEASURES, cells, strict=True))
