"""Which stack the command talks to: the local one, or one on AWS by its outputs."""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from jbplus_cli.errors import ExchangeError

ENDPOINTS = Path(".local") / "endpoints.json"


class Endpoints(BaseModel):
    """What the local stack writes about itself when it is up."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    api: str
    aws: str
    issuer: str
    bucket: str
    region: str


class Target(BaseModel):
    """A stack.

    Attributes:
        name: `local`, or the stack's name on AWS.
        api: URL of the API, without a slash at its end.
        bucket: name of the exchange bucket.
        issuer: URL of who issues the tokens, without a slash at its end.
        region: AWS region.
        emulator: URL of the embedded emulator; None on AWS.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    api: str
    bucket: str
    issuer: str
    region: str
    emulator: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether it is the stack on this computer."""
        return self.emulator is not None

    @property
    def advice_when_unreachable(self) -> str:
        """What to do when it gives no answer."""
        return (
            "Is the local stack running? Start it with: make run"
            if self.is_local
            else "Check the network, the proxy settings and the name of the stack."
        )

    @classmethod
    def local(cls, endpoints: Endpoints) -> Self:
        """Make the target of the local stack."""
        return cls(
            name="local",
            api=endpoints.api.rstrip("/"),
            bucket=endpoints.bucket,
            issuer=endpoints.issuer.rstrip("/"),
            region=endpoints.region,
            emulator=endpoints.aws,
        )


def find_local(folder: Path) -> Target:
    """Find the local stack through the nearest `.local/endpoints.json`, from a folder upwards.

    Raises:
        ExchangeError: there is none, or it cannot be read.
    """
    for candidate in (folder, *folder.parents):
        path = candidate / ENDPOINTS
        if path.is_file():
            return _read(path)
    raise ExchangeError(
        "No local stack is running here. Start it with: make run (and run jbplus inside the project's folder), "
        "or name a stack on AWS with --stack."
    )


def _read(path: Path) -> Target:
    try:
        return Target.local(Endpoints.model_validate_json(path.read_bytes()))
    except (OSError, ValidationError) as error:
        raise ExchangeError(
            f"{path} cannot be read or is not complete. Stop the local stack and start it with: make run"
        ) from error


Output = Literal["ApiUrl", "BucketName", "Issuer"]
OUTPUTS: tuple[Output, ...] = ("ApiUrl", "BucketName", "Issuer")


def of_stack(name: str, region: str, outputs: dict[str, str]) -> Target:
    """Make the target of a stack on AWS from its CloudFormation outputs.

    Raises:
        ExchangeError: an output is missing: it is another stack, or still being made.
    """
    missing = [output for output in OUTPUTS if output not in outputs]
    if missing:
        raise ExchangeError(
            f"Stack {name} has no output {', '.join(missing)}. Is it a jbplus stack, and is its deployment done?"
        )
    return Target(
        name=name,
        api=outputs["ApiUrl"].rstrip("/"),
        bucket=outputs["BucketName"],
        issuer=outputs["Issuer"].rstrip("/"),
        region=region,
    )
