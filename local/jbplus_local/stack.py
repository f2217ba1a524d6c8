"""The local stack: the emulator, the token issuer and the deployed template, together."""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from mypy_boto3_logs import CloudWatchLogsClient

from jbplus_local.aws import REGION, Aws
from jbplus_local.containers import NAME
from jbplus_local.deploy import Deployment, deploy
from jbplus_local.dropserver import Dropserver
from jbplus_local.dropserver_place import DropserverPlace, place_of
from jbplus_local.emulator import Emulator
from jbplus_local.errors import LocalStackError
from jbplus_local.issuer import Issuer, Mint
from jbplus_local.layer import Builder

ENDPOINTS = "endpoints.json"
FUNCTIONS = "functions.json"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the parts listen on the loopback interface; 0 is any free port.

    Attributes:
        api: the emulator: the API and AWS.
        tokens: the token issuer.
        dropserver: FTPS.
    """

    api: int = 0
    tokens: int = 0
    dropserver: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """What the local stack needs to know.

    Attributes:
        project: the repository's folder, which has template.yaml.
        folder: keeps the data and `endpoints.json`.
        cache: keeps the layer's libraries; may be shared.
        python: interpreter of the emulator's environment.
        test_numbers: whether test person numbers are taken.
        name: name of the stack.
        audience: claim `aud` of the access tokens.
        parameters: further parameters of the template.
        dropserver: whether a dropserver of its own belongs to it.
        ports: where its parts listen.
    """

    project: Path
    folder: Path
    cache: Path
    python: Path
    test_numbers: bool = True
    name: str = "jbplus"
    audience: str = "jbplus"
    parameters: dict[str, str] = field(default_factory=dict)
    dropserver: bool = False
    ports: Ports = Ports()

    @classmethod
    def of_project(cls, project: Path, ports: Ports) -> Self:
        """Give the settings of `make run`: everything under .local and .venv-emulator in the project."""
        local = project / ".local"
        python = project / ".venv-emulator" / "bin" / "python"
        return cls(project, local, local / "cache", python, dropserver=True, ports=ports)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the local stack answers, as `endpoints.json` has it.

    Attributes:
        api: URL of the API, without a slash at the end.
        aws: URL of the emulator.
        issuer: URL of the token issuer.
        bucket: name of the bucket for the files.
        region: AWS region.
        stack: name of the stack.
        dropserver: the dropserver that belongs to it, if any.
    """

    api: str
    aws: str
    issuer: str
    bucket: str
    region: str
    stack: str
    dropserver: DropserverPlace | None = None


class LocalStack:
    """A local stack in a folder, whose data survive from one run to the next.

    Use it in a `with` statement; whatever happens inside, all of it is stopped in order at the end.

    Args:
        settings: what to run, and where.
        tell: is told what is being done, a step at a time.
    """

    def __init__(self, settings: Settings, tell: Callable[[str], None] = lambda _step: None) -> None:
        self.settings = settings
        self._tell = tell
        self._parts = ExitStack()
        self._running: _Running | None = None

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    def start(self) -> Endpoints:
        """Start everything and deploy the template.

        Returns:
            Where the stack answers.

        Raises:
            LocalStackError: it cannot start; nothing is left running then.
        """
        with ExitStack() as parts:
            self._running = self._start(parts)
            self._parts = parts.pop_all()
        return self._running.endpoints

    def beside(self, name: str) -> dict[str, str]:
        """Deploy the template once more, as a stack of another name with nothing in it and no dropserver.

        Returns:
            The other stack's outputs by name.
        """
        deployment = self._deployment(self._up.endpoints.issuer, {}, self._up.layer)
        return deploy(self.aws, replace(deployment, stack=name))

    def publish(self) -> None:
        """Write `functions.json` and `endpoints.json`: the stack is ready for others."""
        folder = self.settings.folder
        self._parts.enter_context(_published(folder / FUNCTIONS, _variables(self.aws, self._up.endpoints)))
        self._parts.enter_context(_published(folder / ENDPOINTS, asdict(self._up.endpoints)))

    def wait(self) -> None:
        """Wait until something interrupts.

        Raises:
            LocalStackError: the emulator ended, though nobody stopped it.
        """
        self._up.emulator.wait()

    def stop(self) -> None:
        """Stop everything and remove `endpoints.json`; the data stay. Do nothing when nothing runs."""
        self._running = None
        self._parts.close()

    @property
    def endpoints(self) -> Endpoints:
        """Where the stack answers."""
        return self._up.endpoints

    @property
    def outputs(self) -> Mapping[str, str]:
        """The outputs of the CloudFormation stack by name; ApiUrl is the address on AWS, see `endpoints`."""
        return self._up.outputs

    @property
    def dropserver(self) -> Dropserver:
        """The dropserver that belongs to it."""
        if self._up.dropserver is None:
            raise LocalStackError("The local stack has no dropserver: it was started without.")
        return self._up.dropserver

    @property
    def aws(self) -> Aws:
        """Clients of the emulator, as its root user."""
        return self._up.emulator.aws

    @property
    def mint(self) -> Mint:
        """Signs good and bad tokens of the issuer."""
        return self._up.mint

    def log_lines(self) -> Iterator[str]:
        """Give every line that the functions ever logged, and all that the emulator printed in this run."""
        logs = self.aws.logs()
        for groups in logs.get_paginator("describe_log_groups").paginate():
            for group in groups["logGroups"]:
                yield from _messages(logs, group["logGroupName"])
        with self._up.emulator.log.open(encoding="utf-8", errors="replace") as lines:
            yield from lines

    @property
    def _up(self) -> "_Running":
        if self._running is None:
            raise LocalStackError("The local stack does not run: call start first.")
        return self._running

    def _start(self, parts: ExitStack) -> "_Running":
        settings = self.settings
        self._tell("Starting the emulator of AWS")
        emulator = Emulator(settings.python, settings.folder / "emulator", settings.ports.api)
        parts.callback(emulator.stop)
        emulator.start()
        for name in (ENDPOINTS, FUNCTIONS):
            (settings.folder / name).unlink(missing_ok=True)  # left by a run that was killed
        issuer = Issuer(settings.audience, settings.ports.tokens)
        parts.callback(issuer.stop)
        dropserver = self._dropserver(parts)
        parameters = {} if dropserver is None else _parameters_of(dropserver, emulator.aws, settings.name)
        self._tell("Deploying template.yaml: functions, tables, API")
        layer = self._layer()
        outputs = deploy(emulator.aws, self._deployment(issuer.url, parameters, layer))
        endpoints = Endpoints(
            api=f"{emulator.aws.url}/_aws/execute-api/{_api_id(outputs)}/$default",
            aws=emulator.aws.url,
            issuer=issuer.url,
            bucket=outputs["BucketName"],
            region=REGION,
            stack=settings.name,
            dropserver=None if dropserver is None else place_of(dropserver, settings.folder / "dropserver" / "access"),
        )
        return _Running(endpoints, outputs, emulator, issuer.mint, dropserver, layer)

    def _dropserver(self, parts: ExitStack) -> Dropserver | None:
        if not self.settings.dropserver:
            return None
        dropserver = Dropserver(self.settings.folder / "dropserver" / "files", port=self.settings.ports.dropserver)
        parts.callback(dropserver.stop)
        return dropserver

    def _deployment(self, issuer: str, more: Mapping[str, str], layer: str) -> Deployment:
        settings = self.settings
        parameters = {
            "Issuer": issuer,
            "Audience": settings.audience,
            "TestNumbersAllowed": str(settings.test_numbers).lower(),
            "SuccessionAllowed": "true",
            **more,
            **settings.parameters,
        }
        return Deployment(settings.project / "template.yaml", settings.name, parameters, self._build, layer)

    def _build(self, folder: Path) -> bytes:
        return self._builder(folder).build()

    def _layer(self) -> str:
        """Build the layer where functions find it; none of them runs yet."""
        builder = self._builder(self.settings.project / "layers" / "jbplus")
        package = self.settings.folder / "layer"
        shutil.rmtree(package, ignore_errors=True)
        builder.package(package)
        return os.pathsep.join(str(each / "python") for each in (builder.libraries(), package))

    def _builder(self, folder: Path) -> Builder:
        return Builder(folder, self.settings.python, self.settings.cache)


@dataclass(frozen=True, slots=True)
class _Running:
    endpoints: Endpoints
    outputs: Mapping[str, str]
    emulator: Emulator
    mint: Mint
    dropserver: Dropserver | None
    layer: str


def _parameters_of(dropserver: Dropserver, aws: Aws, stack: str) -> dict[str, str]:
    """Give the template's parameters for a dropserver; what lets the exchange in goes into a secret."""
    access = dropserver.access()
    said = {name: getattr(access, name) for name in ("user", "password", "certificate", "key", "ca")}
    secrets, name, content = aws.secrets(), f"{stack}-dropserver", json.dumps(said)
    try:
        arn = secrets.create_secret(Name=name, SecretString=content)["ARN"]
    except secrets.exceptions.ResourceExistsException:
        arn = secrets.put_secret_value(SecretId=name, SecretString=content)["ARN"]
    return {
        "DropserverHost": access.host,
        "DropserverPort": str(access.port),
        "DropserverSecret": arn,
        "DropserverSettle": "1",
        "DropserverSchedule": "rate(1 minute)",
    }


def _api_id(outputs: Mapping[str, str]) -> str:
    """Take the identifier out of the address that the API would have on AWS."""
    return urlsplit(outputs["ApiUrl"]).netloc.partition(".")[0]


def _variables(aws: Aws, endpoints: Endpoints) -> dict[str, dict[str, str]]:
    """Give the variables of each function by logical id, as a container that `sam local` makes needs them."""
    url = urlsplit(endpoints.aws)._replace(netloc=f"{NAME}:{urlsplit(endpoints.aws).port}").geturl()
    functions = aws.functions()
    return {
        each["LogicalResourceId"]: {
            **functions.get_function_configuration(FunctionName=each["PhysicalResourceId"])["Environment"]["Variables"],
            "AWS_ENDPOINT_URL": url,
        }
        for each in aws.cloudformation().describe_stack_resources(StackName=endpoints.stack)["StackResources"]
        if each["ResourceType"] == "AWS::Lambda::Function"
    }


def _messages(logs: CloudWatchLogsClient, group: str) -> Iterator[str]:
    for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
        for event in page["events"]:
            yield event["message"]


@contextmanager
def _published(path: Path, content: Mapping[str, object]) -> Iterator[None]:
    # Complete or absent: whoever waits for the file never reads half of it.
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    unfinished.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
