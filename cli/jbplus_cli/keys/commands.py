"""The commands with which operators rotate the key of the pseudonyms, and hand WEWIS the key of its stands."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from jbplus.errors import UnavailableError
from jbplus.persons.pseudonym import InvalidKeysError
from jbplus.persons.rotation import Phase, Standing
from jbplus.source_stand.rules import mark_of_key
from jbplus_cli.keys.rotation import LONGEST_CALL, Rotation
from jbplus_cli.keys.stack import Functions, Resources, SecretKeys
from jbplus_cli.keys.tables import DynamoKeyedTable, DynamoStandings
from jbplus_cli.screen.options import Json, Stack
from jbplus_cli.screen.screen import Screen
from jbplus_cli.stack.surroundings import Surroundings, surroundings_of
from jbplus_cli.stack.target import Target
from jbplus_recipient.atomic import written_whole
from jbplus_recipient.errors import ExchangeError

# What the longest invocation of a function takes on AWS; on a laptop files are small.
_LONGEST_ON_AWS: Final = 900.0
_LONGEST_ON_A_LAPTOP: Final = LONGEST_CALL


def rekey(
    ctx: typer.Context,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Begin without asking.")] = False,
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Rotate the key of the pseudonyms: a new key, and all that is kept under the old one comes under the new.

    Calls are answered meanwhile; files wait until it is done, on AWS for half an hour and more, and their events in the
    failure queue until they are replayed. It may be interrupted anywhere: run it again, and it goes on.
    """
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        try:
            rotation = _rotation(world, world.target(stack), screen)
            standing = rotation.standings.read()
            if standing.phase is Phase.SETTLED and not yes and not _is_wanted(standing):
                raise ExchangeError("Nothing was done.")
            becomes = rotation.run()
        except UnavailableError as error:
            raise ExchangeError(f"{error}. Run jbplus rekey again: it goes on from here.") from error
        words = f"The tables are at version {becomes.version} of the key. Files are taken in again."
        screen.result(
            {"version": becomes.version},
            Text(f"{words} What failed meanwhile waits in the failure queue: jbplus replay."),
        )


def stand_key(
    ctx: typer.Context,
    *,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", dir_okay=False, help="The file that gets it.")
    ],
    stack: Stack = None,
    as_json: Json = False,
) -> None:
    """Write the key with which WEWIS compares its books with the stand (source compare), to be handed over to it.

    Who has it and a stand can try which amount stands under a referte. It stays the same when keys are rotated, and
    opens no table.
    """
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        target = world.target(stack)
        aws = world.aws(target)
        resources = Resources.of(target.name, aws.cloudformation(), target.advice_when_unreachable)
        secret = SecretKeys(aws.secrets(), resources.output("PseudonymSecret"))
        try:
            key = secret.ring().pseudonyms.key_of_source_stand()
        except (UnavailableError, InvalidKeysError) as error:
            raise ExchangeError(f"The keys cannot be read: {error}.") from error
        try:
            output.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with written_whole(output) as file:
                file.write(key.hex().encode())
        except OSError as error:
            raise ExchangeError(f"{output} cannot be written ({error.strerror}).") from error
        mark = mark_of_key(key)
        words = f"The key is in {output}. Hand it over as a secret is handed over; stands made with it say {mark}."
        screen.result({"file": str(output), "sleutel": mark}, Text(words))


def _is_wanted(standing: Standing) -> bool:
    question = (
        f"The tables are at version {standing.version} of the key. Make version {standing.version + 1}, and let files "
        "wait until all is under it?"
    )
    return typer.confirm(question, err=True)


def _rotation(world: Surroundings, target: Target, screen: Screen) -> Rotation:
    aws = world.aws(target)
    resources = Resources.of(target.name, aws.cloudformation(), target.advice_when_unreachable)
    persons, registrations = resources.output("PersonsTable"), resources.output("RegistrationsTable")
    dynamodb = aws.dynamodb()
    return Rotation(
        tables=[
            DynamoKeyedTable(dynamodb, persons, "persons", world.sleep),
            DynamoKeyedTable(dynamodb, registrations, "registrations", world.sleep),
        ],
        standings=DynamoStandings.of(dynamodb, persons, registrations, world.sleep),
        secret=SecretKeys(aws.secrets(), resources.output("PseudonymSecret")),
        halted=Functions.of(aws.functions(), resources),
        longest=_LONGEST_ON_A_LAPTOP if target.is_local else _LONGEST_ON_AWS,
        progress=screen.records_done,
        sleep=world.sleep,
        monotonic=world.clock,
    )
