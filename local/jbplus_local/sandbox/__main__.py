"""`make sandbox`: write the page of the sandbox anew, from what a local stack answers."""

import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from jbplus_cli.files.delivery import Deliveries
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Endpoints, Target
from jbplus_local.sandbox.page import page
from jbplus_local.sandbox.stories import SAMPLE_DAY
from jbplus_local.sandbox.world import Sandbox
from jbplus_local.signals import ending_in_order
from jbplus_local.stack import LocalStack, Ports, Settings

_PROJECT = Path(__file__).parents[3]
_SECONDS = 120.0


def written(stack: LocalStack) -> str:
    """Write the page of a new stack: send it the sample day, prepare the sandbox, and ask."""
    target = Target.local(Endpoints.model_validate(stack.endpoints, from_attributes=True))
    deliveries = Deliveries.of(Surroundings.real(), target)
    deliveries.wait(deliveries.deliver(_PROJECT / SAMPLE_DAY), _SECONDS)
    sandbox = Sandbox(stack)
    sandbox.prepare()
    return page(sandbox.answers())


def main() -> None:
    """Write the page to the file that the command line names."""
    with ending_in_order(), TemporaryDirectory() as folder:
        settings = replace(Settings.of_project(_PROJECT, Ports()), folder=Path(folder), dropserver=False)
        with LocalStack(settings) as stack:
            Path(sys.argv[1]).write_text(written(stack), encoding="utf-8")


if __name__ == "__main__":
    main()
