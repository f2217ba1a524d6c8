"""What `make run` shows: a sample day is taken in, persons are registered, and lookups are answered or refused."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console, RenderableType
from rich.rule import Rule

from jbplus.access import Purpose
from jbplus.calendar import brussels_day
from jbplus.parties import PAYMENT_ACTORS, Party
from jbplus_cli import render
from jbplus_cli.answers import Refused
from jbplus_cli.client import END_USER, Question, Term
from jbplus_cli.errors import ProblemError
from jbplus_cli.surroundings import Surroundings
from jbplus_cli.target import Target

SAMPLE_DAY = Path("events") / "werk.publiceermutatiejobbonusplus-0100_20250304183000000.json"
# Test numbers: nobody has them.
ORDINARY, TWO_INSTALMENTS, RECOVERY = "12642599819", "05691199737", "91703020436"

_INFINO, _KIDSLIFE = (party for party in PAYMENT_ACTORS if party.key in {"infino", "kidslife"})
_SECONDS_FOR_THE_REPORT = 120.0


@dataclass(frozen=True, slots=True)
class Tour:
    """Shows the exchange at work.

    Attributes:
        world: reaches the stack as the operator's command does.
        target: the stack.
        project: the repository's folder.
        console: shows it.
    """

    world: Surroundings
    target: Target
    project: Path
    console: Console

    def show(self) -> None:
        """Show it all.

        Raises:
            ExchangeError: something did not work.
        """
        self._send()
        self._register()
        self._look_up("An ordinary case", _INFINO, ORDINARY)
        self._look_up("Two instalments, of two fiscal years", _INFINO, TWO_INSTALMENTS)
        self._look_up("A recovery: less to deduct", _INFINO, RECOVERY)
        self._look_up("Refused: this payment actor has no file on the person", _KIDSLIFE, ORDINARY)

    def _send(self) -> None:
        self._title("WEWIS drops the mutation file of a day, and gets its report")
        mailbox = self.world.mailbox(self.target)
        answered = mailbox.wait(mailbox.deliver(self.project / SAMPLE_DAY), _SECONDS_FOR_THE_REPORT)
        self._print(render.report(answered.report, earlier=answered.earlier))

    def _register(self) -> None:
        self._title(f"{_INFINO.name} registers the persons it has a file on")
        exchange = self.world.exchange(self.target, END_USER)
        term = Term(brussels_day(self.world.now()))
        numbers = (ORDINARY, TWO_INSTALMENTS, RECOVERY)
        self._print(render.registrations(list(exchange.register(numbers, registrar=_INFINO, term=term))))

    def _look_up(self, title: str, asker: Party, number: str) -> None:
        self._title(f"{title}: {asker.name} looks up {number}")
        exchange = self.world.exchange(self.target, END_USER)
        try:
            answer = exchange.get(number, asker=asker, question=Question(Purpose.SOCIAL_SUPPLEMENT))
        except ProblemError as error:
            self._print(render.refused(Refused(insz=number, problem=error.problem)))
        else:
            self._print(render.person(answer))

    def _title(self, text: str) -> None:
        self._print("", Rule(text, align="left"))

    def _print(self, *shown: RenderableType) -> None:
        self.console.print(*shown, sep="\n")
