"""What `make run` shows: the whole circle, from WEWIS's file on the dropserver to what a recipient deducts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console, RenderableType
from rich.rule import Rule
from rich.text import Text

from jbplus.ftps.access import Access
from jbplus.ftps.client import connect
from jbplus.ftps.server import DropserverError, upload
from jbplus.protocol.calendar import BRUSSELS, brussels_day
from jbplus.protocol.parties import PAYMENT_ACTORS, WEWIS, Party
from jbplus.protocol.purposes import Purpose, Right
from jbplus.registrations.rules import Registration
from jbplus_cli.files import render as files_render
from jbplus_cli.files.delivery import Deliveries
from jbplus_cli.lookups import render
from jbplus_cli.operating.clockwork import Clockwork
from jbplus_cli.recipient import render as render_recipient
from jbplus_cli.samples.files import Order, write_file
from jbplus_cli.screen.looks import counted
from jbplus_cli.stack.functions import Function, FunctionFailedError
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Target
from jbplus_local.sandbox.stories import ORDINARY, RECOVERY, SAMPLE_DAY, TWO_INSTALMENTS
from jbplus_recipient.answers import Refused
from jbplus_recipient.client import Outcome, Recipient
from jbplus_recipient.errors import ExchangeError, ProblemError
from jbplus_recipient.exchange import Question
from jbplus_recipient.mailbox import Mailbox
from jbplus_recipient.service import PartyService
from jbplus_recipient.store import Store

_INFINO, _KIDSLIFE = (party for party in PAYMENT_ACTORS if party.key in {"infino", "kidslife"})
# A day with enough persons for figures of which nobody can be made out.
_MANY = Order(persons=300, volgnummer=2, seed=7, tijdstip=datetime(2025, 3, 5, 18, 30, tzinfo=BRUSSELS))
_MANY_NAME = "werk.publiceermutatiejobbonusplus-0100_20250305183000000.json"
_SECONDS_FOR_THE_REPORT = 120.0
_INCOMING = "From_Vip"


@dataclass(frozen=True, slots=True)
class Tour:
    """Shows the exchange at work.

    Attributes:
        world: reaches the stack as the operator's command does.
        target: the stack.
        publishing: name of the function that publishes the statistics of closed months.
        access: lets a party in on the dropserver, by its short name.
        project: the repository's folder.
        folder: keeps what the recipient remembers.
        console: shows it.
    """

    world: Surroundings
    target: Target
    publishing: str
    access: Callable[[str], Access]
    project: Path
    folder: Path
    console: Console

    def show(self) -> None:
        """Show it all.

        Raises:
            ExchangeError: something did not work.
        """
        try:
            with Store.opened(self.folder / _INFINO.key, _INFINO) as store:
                self._circle(store)
            self._asks_too(_KIDSLIFE)
            self._publish()
        except DropserverError as error:
            raise ExchangeError(str(error)) from error

    def _circle(self, store: Store) -> None:
        exchange = self.world.exchange(self.target, None)
        service = PartyService(exchange, store.party, Question(Purpose.SOCIAL_SUPPLEMENT))
        recipient = Recipient(store, service, now=self.world.now)
        self._register(recipient)
        self._title("WEWIS drops the mutation file of a day on the dropserver, and gets its report")
        self._send(self.project / SAMPLE_DAY)
        self._tell()
        self._sync(recipient, store)

    def _register(self, recipient: Recipient) -> None:
        self._title(f"{_INFINO.name} registers the persons it has a file on")
        today = brussels_day(self.world.now())
        numbers = (ORDINARY, TWO_INSTALMENTS, RECOVERY)
        self._print(render.registrations(recipient.add(numbers, Registration(today, None, Right.RUNNING))))
        self._fetch(recipient)

    def _send(self, path: Path) -> None:
        deliveries = Deliveries.of(self.world, self.target)
        expected = deliveries.expect(path)
        with connect(self.access(WEWIS.key)) as server, path.open("rb") as content:
            upload(server, _INCOMING, path.name, content, path.stat().st_size)
        self._visit()
        self._print(files_render.report(deliveries.wait(expected, _SECONDS_FOR_THE_REPORT)))

    def _tell(self) -> None:
        self._title("The exchange tells each recipient which persons to look up again")
        Clockwork.of(self.world, self.target).tell()
        self._visit()

    def _visit(self) -> None:
        visited = Clockwork.of(self.world, self.target).visit()
        self._print(Text(f"Dropserver: {counted(visited.taken, 'file')} taken, {counted(visited.sent, 'file')} sent."))

    def _sync(self, recipient: Recipient, store: Store) -> None:
        self._title(f"{_INFINO.name} fetches its notice, and looks those persons up")
        outcome = self._fetch(recipient)
        self._print(render_recipient.outcome(outcome, self.folder / _INFINO.key))
        self._print(render_recipient.deductions(list(store.deductions()), _INFINO))

    def _fetch(self, recipient: Recipient) -> Outcome:
        mailbox = Mailbox(partial(connect, self.access(_INFINO.key)), ".")
        return recipient.sync(mailbox, output=self.folder / _INFINO.key)

    def _asks_too(self, party: Party) -> None:
        """Have another party ask; at a second start it may have registered the person meanwhile."""
        self._title(f"{party.name} asks about the same person")
        with connect(self.access(party.key)) as server:
            self._print(Text(f"Notices for {party.name}: {len(server.files('.', '*'))}"))
        exchange = self.world.exchange(self.target, None)
        try:
            answer = exchange.get(ORDINARY, asker=party, question=Question(Purpose.SOCIAL_SUPPLEMENT))
        except ProblemError as error:
            self._print(render.refused(Refused(insz=ORDINARY, problem=error.problem)))
            self._print(Text(f"{party.name} has not registered it: it gets no answer."))
        else:
            self._print(render.person(answer))
            self._print(Text(f"{party.name} registered it in an earlier run, and is answered."))

    def _publish(self) -> None:
        self._title(f"The next day: {_MANY.persons} persons more, and the figures of closed months")
        with TemporaryDirectory() as folder:
            self._send(write_file(_MANY, Path(folder) / _MANY_NAME).path)
        advice = self.target.advice_when_unreachable
        function = Function(self.world.aws(self.target).functions(), self.publishing, advice)
        try:
            function.run(b"{}", "publish the statistics")
        except FunctionFailedError as error:
            raise ExchangeError(f"The statistics could not be published ({error.kind}).") from error
        self._print(Text("Published. See them with: jbplus statistics"))

    def _title(self, text: str) -> None:
        self._print("", Rule(text, align="left"))

    def _print(self, *shown: RenderableType) -> None:
        self.console.print(*shown, sep="\n", crop=False)
