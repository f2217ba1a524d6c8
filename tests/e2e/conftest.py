"""The local stack for end-to-end tests: the deployed template with IAM enforced, and tokens for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jbplus_local.stack import LocalStack, Settings
from tests.e2e.api import Api
from tests.e2e.exchange import Exchange
from tests.e2e.publishing import publish_first
from tests.e2e.tokens import Tokens

ROOT = Path(__file__).parents[2]


def settings_in(folder: Path, project: Path = ROOT, *, dropserver: bool = False) -> Settings:
    """Give the settings of a stack with data of its own; the layer's libraries are fetched once for all runs."""
    python = ROOT / ".venv-emulator" / "bin" / "python"
    cache = ROOT / ".local" / "cache"
    return Settings(project=project, folder=folder, cache=cache, python=python, dropserver=dropserver)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A running local stack that takes test numbers."""
    with LocalStack(settings_in(tmp_path_factory.mktemp("stack"))) as running:
        yield running


@pytest.fixture(scope="session")
def tokens(stack: LocalStack) -> Tokens:
    """Makes good and bad tokens."""
    return Tokens(stack.mint)


@pytest.fixture(scope="session")
def api(stack: LocalStack) -> Iterator[Api]:
    """The API of the running stack."""
    caller = Api(stack.endpoints.api)
    yield caller
    caller.http.clear()


@pytest.fixture(scope="session")
def exchange(stack: LocalStack, api: Api, tokens: Tokens) -> Exchange:
    """The running stack as its users see it."""
    return Exchange(stack, api, tokens)


@pytest.fixture(scope="session")
def published(exchange: Exchange) -> Exchange:
    """The exchange after its first publication; a test that has it publish must come after that too."""
    publish_first(exchange)
    return exchange
