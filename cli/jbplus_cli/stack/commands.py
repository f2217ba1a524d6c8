"""`jbplus token`: an access token of the local issuer."""

from typing import Annotated

import typer

from jbplus.protocol.purposes import MATRIX, ROLES_BY_SCOPE
from jbplus_cli.screen.options import Json, PartyOption, beginning
from jbplus_cli.screen.screen import Screen
from jbplus_cli.stack.surroundings import surroundings_of


def _scopes(incomplete: str) -> list[str]:
    return beginning(incomplete, sorted({*ROLES_BY_SCOPE, *(rule.scope for rule in MATRIX.values())}))


def token(
    ctx: typer.Context,
    *,
    party: PartyOption,
    scope: Annotated[list[str], typer.Option(autocompletion=_scopes, help="A scope; may be given more than once.")],
    as_json: Json = False,
) -> None:
    """Print an access token of the local issuer, for trying the API by hand. Local stack only."""
    world = surroundings_of(ctx)
    with Screen(as_json=as_json) as screen:
        issued = world.tokens(world.target(None)).token(party, scope)
        screen.line({"access_token": issued}, issued)
