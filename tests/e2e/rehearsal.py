"""`make rehearsal`: persons are damaged, named by `jbplus fsck`, set back by `jbplus restore`, and agree again.

Then a new stack is filled with what this one had at the moment, and has since.

The emulator has point-in-time recovery in name: a table that it restores is a copy of what is there. So the copies of
the moment are made at that moment; `jbplus restore` finds them there, as when it is begun again.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jbplus.persons.pseudonym import KeyRing
from jbplus.persons.state import version_of
from jbplus.persons.table import DynamoStanding, StandingItem
from jbplus_cli.keys.rotation import LONGEST_CALL
from jbplus_cli.stack.aws import target_of
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Target
from jbplus_local.stack import LocalStack
from tests.cli.checks.rate import records_per_second
from tests.e2e.api import Api
from tests.e2e.conftest import settings_in
from tests.e2e.exchange import Exchange
from tests.e2e.rights import Keys, Limited, policy, user_with, user_without_rights
from tests.e2e.tokens import Tokens
from tests.support import command
from tests.support.engine import all_items
from tests.support.fakes import no_sleep
from tests.support.files import record
from tests.support.people import person_number

Json = dict[str, Any]
DAY = 86_400
NEW = "jbplus-drill"
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What a rehearsal took.

    Attributes:
        records: in the files that were compared.
        compared: seconds of comparing all.
        restored: seconds of setting back, and of having in again what came since.
    """

    records: int
    compared: float
    restored: float


@dataclass
class Rehearsal:
    """Damages the persons of a running stack, and has them mended by who has the rights for it, and no others.

    Attributes:
        exchange: the stack.
        folder: where its address is written down.
        sleep: how the commands wait.
        say: is told each step.
    """

    exchange: Exchange
    folder: Path
    sleep: Callable[[float], None] = time.sleep
    say: Callable[[str], None] = lambda _step: None
    refused: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        stack = self.exchange.stack
        (self.folder / ".local").mkdir()
        (self.folder / ".local" / "endpoints.json").write_text(json.dumps(asdict(stack.endpoints)))
        self.keys = {role: user_with(stack, role) for role in ("checker", "restorer")}
        self.dynamodb = stack.aws.dynamodb()
        self.persons, self.ledger = stack.outputs["PersonsTable"], stack.outputs["LedgerTable"]

    def run(self, records: int) -> Figures:
        """Go through it all.

        Args:
            records: how many the file has that came before the moment.
        """
        exchange, known = self.exchange, [person_number(n, year=70 + n // 900) for n in range(1, 4)]
        exchange.register(known[0])
        self.say(f"A file of {records} records comes, and then the moment to which all is set back")
        others = [person_number(1 + n % 900, year=73 + n // 900) for n in range(records - len(known))]
        exchange.drop(exchange.next_file([record(number, f"R-{n}") for n, number in enumerate([*known, *others])]))
        moment = self.moment(self.persons, self.ledger)
        exchange.drop(exchange.next_file([record(known[0], "R-0", verrichtingbedrag="450.00")]))
        exchange.go_round()
        answered = exchange.look_up(known[0]).body
        before = self.compare()

        self.say("Three persons are damaged: one is lost, one has another amount, one ends a day later")
        self.damage(*known)
        found = {_place(each) for each in self.compare()["differences"]} - {_place(d) for d in before["differences"]}
        assert {kind for kind, _ in found} == {"recordMissing", "recordDiffers", "endWrong"}, found

        self.say("Persons and ledger are set back, and the file since comes in again")
        begun = time.monotonic()
        result = self.command("restorer", "restore", moment.isoformat(), "--set-back", "--yes")
        restored = time.monotonic() - begun
        assert exchange.volgnummer in result["since"]
        assert result["refused"] == []
        assert self.refused == [HTTPStatus.SERVICE_UNAVAILABLE]

        after = self.compare()
        assert after["differences"] == before["differences"]
        assert self._looked_up_again(known[0]) == answered
        return Figures(after["checked"]["records"], after["seconds"], restored)

    def fill(self) -> float:
        """Fill a new stack with what this one has; give how many seconds it took."""
        stack = self.exchange.stack
        self.say(f"A new stack is deployed, and filled with what {stack.endpoints.stack} has")
        outputs = stack.beside(NEW)
        keys = user_without_rights(stack, "filler")
        rights = policy("filler", stack, Stack=NEW, Origin=stack.endpoints.stack)
        # The emulator puts the stack's name before that of a secret.
        both = f'{stack.outputs["PseudonymSecret"]}", "{outputs["PseudonymSecret"]}'
        rights = rights.replace(stack.outputs["PseudonymSecret"], both)
        stack.aws.iam().put_user_policy(UserName="filler", PolicyName="filler", PolicyDocument=rights)
        self.keys["filler"] = keys
        begun = time.monotonic()
        moment = self.moment(*(value for name, value in stack.outputs.items() if name.endswith("Table")))
        words = ("restore", moment.isoformat(), "--of", stack.endpoints.stack, "--stack", NEW, "--yes")
        result = self.command("filler", *words)
        took = time.monotonic() - begun
        assert result["refused"] == []
        for name in ("PersonsTable", "RegistrationsTable", "NoticesTable"):
            assert self._persons_in(outputs[name]) == self._persons_in(stack.outputs[name]), name
        return took

    def _persons_in(self, table: str) -> list[str]:
        """Give the items of a table, but for those that tell of the table itself."""
        items = map(str, all_items(self.dynamodb, table))
        return sorted(item for item in items if "'person': {'S': '#" not in item)

    def _looked_up_again(self, number: str) -> Json:
        """Look a person up when the functions know that it is over: they read where it stands every ten seconds."""
        until = time.monotonic() + 2 * LONGEST_CALL
        while True:
            answer = self.exchange.look_up(number)
            if answer.status != HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() > until:
                return dict(answer.body)
            time.sleep(0.2)

    def moment(self, *tables: str) -> datetime:
        """Have the copies of this moment made, and give it."""
        moment = (datetime.now(UTC) - timedelta(seconds=1)).replace(microsecond=0)
        for table in tables:
            target = f"{table}-{moment:%Y%m%dT%H%M%SZ}"
            self.dynamodb.restore_table_to_point_in_time(SourceTableName=table, TargetTableName=target)
        return moment

    def compare(self) -> Json:
        """Run `jbplus fsck`."""
        return self.command("checker", "fsck")

    def damage(self, lost: str, changed: str, prolonged: str) -> None:
        """Damage the items of three persons."""
        secret = self.exchange.stack.aws.secrets().get_secret_value(
            SecretId=self.exchange.stack.outputs["PseudonymSecret"]
        )
        pseudonyms = KeyRing.from_secret(secret["SecretString"]).pseudonyms

        def key(number: str) -> Json:
            return {"person": {"S": pseudonyms(number)}}

        self.dynamodb.delete_item(TableName=self.persons, Key=key(lost))
        item = self.dynamodb.get_item(TableName=self.persons, Key=key(changed))["Item"]
        text = item["state"]["S"].replace("600.00", "601.00")
        self.dynamodb.put_item(
            TableName=self.persons, Item=item | {"state": {"S": text}, "version": {"S": version_of(text)}}
        )
        item = self.dynamodb.get_item(TableName=self.persons, Key=key(prolonged))["Item"]
        later = str(int(item["expiresAt"]["N"]) + DAY)
        self.dynamodb.put_item(TableName=self.persons, Item=item | {"expiresAt": {"N": later}})

    def command(self, role: str, *words: str) -> Json:
        """Run `jbplus` with the rights of a role."""

        def clients(target: Any) -> Limited:
            return Limited(target, self._keys(role))

        world = replace(
            Surroundings.real(), folder=self.folder, aws=clients, sleep=self._wait, find_stack=self._stack_of
        )
        result = command.run([*words, "--json"], world)
        said: Json = json.loads(result.stdout) if result.stdout else {}
        assert "error" not in said, said
        assert said, result.output
        return said

    def _stack_of(self, name: str) -> Target:
        stack = self.exchange.stack
        return target_of(name, stack.aws.cloudformation()).model_copy(update={"emulator": stack.endpoints.aws})

    def _keys(self, role: str) -> Keys:
        return self.keys[role]

    def _wait(self, seconds: float) -> None:
        """Wait as the command does; while persons are set back, nobody is answered."""
        if not self.refused and self._is_closed():
            until = time.monotonic() + PATIENCE
            while (status := self.exchange.look_up(person_number(1, year=70)).status) == HTTPStatus.OK:
                assert time.monotonic() < until, "lookups are answered while persons are set back"
                time.sleep(0.5)
            self.refused.append(status)
        self.sleep(seconds)

    def _is_closed(self) -> bool:
        return DynamoStanding(self.dynamodb, [StandingItem.of_persons(self.persons)], no_sleep).read().is_closed


def _place(difference: Json) -> tuple[str, str]:
    return difference["kind"], json.dumps(difference, sort_keys=True)


def main() -> None:
    """Rehearse on a local stack of its own, and tell what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=5000, help="how many come before the moment; at most 20000")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "stack").mkdir()
        with LocalStack(settings_in(folder / "stack"), _say) as stack:
            api = Api(stack.endpoints.api)
            exchange = Exchange(stack, api, Tokens(stack.mint), volgnummer=0)
            begun = time.monotonic()
            rehearsal = Rehearsal(exchange, folder, say=_say)
            figures, filled = rehearsal.run(given.records), rehearsal.fill()
            api.http.clear()
            took = time.monotonic() - begun
    rate = figures.records / figures.compared
    _say(f"{figures.records} records compared in {figures.compared:.1f} s: {rate:.0f} a second")
    _say(f"without the emulator: {records_per_second(50_000):.0f} records a second of one processor")
    _say(f"set back and taken in again in {figures.restored:.0f} s, a new stack filled in {filled:.0f} s")
    _say(f"the rehearsal took {took:.0f} s")


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
