"""Which stack the command talks to: the local one, or one on AWS by its outputs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import override

from jbplus_recipient.errors import ExchangeError

ENDPOINTS = Path(".local") / "endpoints.json"


class DropserverUser(BaseModel):
    """A party's account on the local dropserver.

    Attributes:
        user: its name.
        password: its password.
        certificate: the file with its client certificate, in PEM.
        key: the file with the certificate's key, in PEM.
        folder: the folder that is its own.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    user: str
    password: Annotated[str, Field(repr=False)]
    certificate: Path
    key: Path
    folder: str


class LocalDropserver(BaseModel):
    """The dropserver of the local stack.

    Attributes:
        host: where it listens.
        port: at which port.
        ca: the file with the certificate of who vouches for it, in PEM.
        users: the accounts, by the key of their party.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    host: str
    port: int
    ca: Path
    users: dict[str, DropserverUser]

    @override
    def __hash__(self) -> int:
        """Tell servers apart: clients are kept for each target."""
        return hash((self.host, self.port))


class Endpoints(BaseModel):
    """What the local stack writes about itself when it is up."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    api: str
    aws: str
    issuer: str
    bucket: str
    region: str
    stack: str
    dropserver: LocalDropserver | None = None


class Target(BaseModel):
    """A stack.

    Attributes:
        name: its name in CloudFormation.
        api: URL of the API, without a slash at its end.
        bucket: name of the exchange bucket.
        issuer: URL of who issues the tokens, without a slash at its end.
        region: AWS region.
        emulator: URL of the embedded emulator; None on AWS.
        dropserver: the local stack's own dropserver; None on AWS.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    api: str
    bucket: str
    issuer: str
    region: str
    emulator: str | None = None
    dropserver: LocalDropserver | None = None

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
            name=endpoints.stack,
            api=endpoints.api.rstrip("/"),
            bucket=endpoints.bucket,
            issuer=endpoints.issuer.rstrip("/"),
            region=endpoints.region,
            emulator=endpoints.aws,
            dropserver=endpoints.dropserver,
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


def of_stack(name: str, region: str, outputs: Mapping[str, str]) -> Target:
    """Make the target of a stack on AWS from its CloudFormation outputs.

    Raises:
        ExchangeError: an output is missing: it is another stack, or still being made.
    """
    _demand(name, outputs, OUTPUTS)
    return Target(
        name=name,
        api=outputs["ApiUrl"].rstrip("/"),
        bucket=outputs["BucketName"],
        issuer=outputs["Issuer"],
        region=region,
    )


class Resources(BaseModel):
    """What operators work with besides the bucket and the API.

    Attributes:
        alarm_topic: ARN of the topic that alarms are published to.
        failure_queue: URL of the queue of events that failed for good.
        ledger_table: name of the table of files.
        suspensions_table: name of the table of suspensions.
        intake_function: name of the function that takes files in.
        intake_release_function: name of the function that hands quarantined records in again.
        persons_recomputing_function: name of the function that has a changed retention term reach what is stored.
        notices_function: name of the function that tells recipients.
        dropserver_function: name of the function that visits the dropserver; None when the stack has none.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    alarm_topic: Annotated[str, Field(alias="AlarmTopic")]
    failure_queue: Annotated[str, Field(alias="FailureQueue")]
    ledger_table: Annotated[str, Field(alias="LedgerTable")]
    suspensions_table: Annotated[str, Field(alias="SuspensionsTable")]
    intake_function: Annotated[str, Field(alias="IntakeFunction")]
    intake_release_function: Annotated[str, Field(alias="IntakeReleaseFunction")]
    persons_recomputing_function: Annotated[str, Field(alias="PersonsRecomputingFunction")]
    notices_function: Annotated[str, Field(alias="NoticesFunction")]
    dropserver_function: Annotated[str | None, Field(alias="DropserverFunction")] = None


def resources_of_stack(name: str, outputs: Mapping[str, str]) -> Resources:
    """Find a stack's resources by its CloudFormation outputs.

    Raises:
        ExchangeError: an output is missing.
    """
    _demand(name, outputs, [field.alias or "" for field in Resources.model_fields.values() if field.is_required()])
    return Resources.model_validate(outputs)


def _demand(name: str, outputs: Mapping[str, str], wanted: Sequence[str]) -> None:
    missing = [output for output in wanted if output not in outputs]
    if missing:
        raise ExchangeError(
            f"Stack {name} has no output {', '.join(missing)}. Is it a jbplus stack, and is its deployment done?"
        )
