"""A fake stack for the operator's command, and the command run against it."""

import json
import threading
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from botocore.config import Config
from typer.testing import Result
from typing_extensions import override

from jbplus.intake.bucket import S3Bucket
from jbplus.intake.incoming import IncomingFile
from jbplus.mutation_file.report import Counts, Report, ReportedError, Status, own_name
from jbplus.protocol.parties import PARTIES
from jbplus_cli.files.delivery import fingerprint
from jbplus_cli.stack.surroundings import Surroundings
from jbplus_cli.stack.target import Target
from tests.cli.backstage import BUCKET, Backstage, Json
from tests.support import command
from tests.support.calling import Calling
from tests.support.events import claims
from tests.support.files import mutation_file, record
from tests.support.people import ANNA, BRAM

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REGION: Final = "eu-central-1"
# Botocore's own account of who calls is composed anew for each request.
BRIEF: Final = Config(user_agent="tests")
# 23:30 in UTC is the next day in Brussels.
NOW = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)

USUAL = "werk.publiceermutatiejobbonusplus-0100_20250304183000000.json"
ZERO = record(ANNA, "JBP-2", verrichtingbedrag="0.00")
NAMED_AFTER_A_PERSON = record(BRAM, BRAM, verrichtingbedrag="123.45")

_KBO = {party.key: party.kbo for party in PARTIES}

Answer = tuple[int, Mapping[str, str], bytes]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that the fake got."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        content: Json = json.loads(self.body)
        return content

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


def problem(status: int, kind: str, **more: object) -> Json:
    return {"type": f"urn:problem-type:belgif:{kind}", "status": status, "title": kind, **more}


NOT_REGISTERED = problem(
    403,
    "missingPermission",
    code="40003",
    detail="No registration",
    instance="urn:uuid:0b0e8d5e-6f0c-4a39-9a53-0d8d5a7b1c11",
)


class FakeApi:
    """Answers as the exchange does: knows some persons, refuses the others; may be told what to say first.

    Attributes:
        room: the calls of a room itself, which then answer instead.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.persons: dict[str, Json] = {}
        self.handles: dict[str, str] = {}
        self.says_first: deque[tuple[int, Mapping[str, str], Json | bytes]] = deque()
        self.room: Calling | None = None
        self._granted: dict[str, Mapping[str, str]] = {}
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.do_POST()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                asked = Asked(self.command, self.path, dict(self.headers.items()), body)
                fake.asked.append(asked)
                status, headers, content = fake.answer(asked)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            @override
            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def calls(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/token":
            token = f"token-of-{asked.form['client_id']}"
            self._granted[f"Bearer {token}"] = claims(_KBO[asked.form["client_id"]], asked.form["scope"])
            return 200, {}, json.dumps({"access_token": token}).encode()
        if self.says_first:
            status, headers, content = self.says_first.popleft()
            return status, headers, content if isinstance(content, bytes) else json.dumps(content).encode()
        if self.room is not None:
            who = self._granted[asked.headers["Authorization"]]
            answered = self.room.send(asked.method, asked.path, who, asked.body.decode() or None)
            return answered.status, answered.headers, answered.body.encode()
        status, answer = self._exchange(asked)
        return status, {"Content-Type": "application/json"}, json.dumps(answer).encode()

    def _exchange(self, asked: Asked) -> tuple[int, Json]:
        body = asked.json
        match asked.path:
            case "/v1/verrichtingen/get":
                known = self.persons.get(body["insz"])
                return (200, known) if known else (403, NOT_REGISTERED)
            case "/v1/verrichtingen/query":
                items = [self.persons.get(n, {"insz": n, "problem": NOT_REGISTERED}) for n in body["inszLijst"]]
                return 200, {"items": items}
            case "/v1/inschrijvingen":
                return 200, {"items": [self._registered(each["insz"]) for each in body["items"]]}
            case "/v1/inschrijvingen/get":
                known = {"periode": {"begin": "2025-01-01"}, "recht": "lopend"} if body["insz"] in self.handles else {}
                return 200, {"insz": body["insz"], **known}
            case "/v1/stand/query":
                pairs = [(self.handles[n], self.persons[n]["versie"]) for n in self.handles if n in self.persons]
                return 200, {"items": [{"handle": handle, "versie": version} for handle, version in pairs]}
        return 404, problem(404, "resourceNotFound")

    def _registered(self, insz: str) -> Json:
        handle = {"handle": self.handles[insz]} if insz in self.handles else {}
        return {"insz": insz, "resultaat": "geregistreerd", **handle}


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Delivered:
    """A file that was delivered, and is gone from `inkomend/`."""

    content: bytes
    tag: str


@dataclass
class World:
    """The fake stack, and the command run against it."""

    surroundings: Surroundings
    api: FakeApi
    behind: Backstage
    slept: list[float]
    delivered: dict[str, Delivered] = field(default_factory=dict)
    while_sleeping: Callable[[], object] = _nothing

    @property
    def s3(self) -> "S3Client":
        """A client of the stack's bucket."""
        return self.behind.s3

    def run(self, *args: object, stdin: str | None = None, columns: int = 120, **env: str) -> Result:
        """Run `jbplus` as an operator would."""
        return command.run(args, self.surroundings, stdin, COLUMNS=str(columns), **env)

    def read(self, *words: str) -> Json:
        """Run a command, and read what it tells programs."""
        said: Json = json.loads(self.run(*words, "--json").stdout)
        return said

    def quarantined(self) -> str:
        """Give the name of the one thing that is in quarantine."""
        (item,) = self.read("quarantine", "list")["items"]
        return str(item["name"])

    def on_aws(self, **environment: str) -> None:
        """Have `--stack prod` find this stack as if it were on AWS."""
        target = Target(name="prod", api=self.api.url, bucket=BUCKET, issuer="https://issuer.example", region=REGION)
        self.surroundings = replace(self.surroundings, environment=environment, find_stack={"prod": target}.__getitem__)

    def report(self, file: Path, status: Status, *errors: ReportedError, name: str | None = None) -> Callable[[], None]:
        """Make the intake's answer to a file that was delivered, or once was; by its own code for the bucket."""
        sha256 = fingerprint(file)
        counts = Counts(gelezen=5, toegepast=5 - len(errors), geweigerd=len(errors))
        said = Report(status=status, bestand=name or file.name, sha256=sha256, aantallen=counts, fouten=errors)

        def publish() -> None:
            bucket = S3Bucket(self.s3, BUCKET)
            waiting = self._waiting()
            earlier = IncomingFile(file.name, f"inkomend/{file.name}", uuid.uuid4().hex, NOW)
            for each in waiting or [earlier]:
                bucket.publish_report(own_name(said.bestand, sha256), said.to_json(), each)
            for each in waiting:
                bucket.remove(each)

        return publish

    def _waiting(self) -> list[IncomingFile]:
        found = []
        for key in self.keys("inkomend/"):
            entry = self.s3.get_object(Bucket=BUCKET, Key=key)
            self.delivered[key] = Delivered(entry["Body"].read(), entry["ETag"])
            found.append(S3Bucket(self.s3, BUCKET).incoming(key, entry["VersionId"]))
        return found

    def before_the_next_answer(self, happens: Callable[[], None]) -> None:
        """Have something happen between the next upload and its answer."""
        self.s3.meta.events.register("after-call.s3.PutObject", lambda **_: self._once(happens), unique_id="upload")

    def _once(self, happens: Callable[[], None]) -> None:
        # What happens may itself put objects.
        self.s3.meta.events.unregister("after-call.s3.PutObject", unique_id="upload")
        happens()

    def object(self, key: str) -> bytes:
        return self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def keys(self, prefix: str) -> list[str]:
        return [entry["Key"] for entry in self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])]


def with_part(world: World) -> str:
    """Take a file in of which two records go to quarantine; give the part's name."""
    world.behind.drop(mutation_file([record(ANNA), ZERO, NAMED_AFTER_A_PERSON]), USUAL)
    return world.quarantined()
