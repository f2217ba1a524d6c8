"""The work of each function on a running stack, a piece at a time; a piece fails when anything of it was not done."""

import hashlib
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING, Any

from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_lambda import LambdaClient
from mypy_boto3_s3 import S3Client

from jbplus.checkpoints.verify import name_of
from jbplus.ftps.client import connect
from jbplus.ftps.server import upload
from jbplus.protocol.parties import PARTIES, PAYMENT_ACTORS, WEWIS
from jbplus_local.stack import LocalStack
from tests.e2e.exchange import INFINO, OPGROEIEN, Exchange
from tests.support.files import record, succession, succession_file
from tests.support.people import person_number
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from jbplus.aws.dynamodb import Item

PARENTIA = "0686764255"
# Over this size a file of the dropserver comes by pieces.
_PIECE = 8 * 1024 * 1024
# With less than 90 seconds left an invocation of the intake does one chunk of 1,000 records, and hands over.
_SHORT, _LONG = 90, 900
# So many persons are read at a time when their ends are computed anew.
_PAGE = 1_000

Taken = Callable[[str, str, str], Any]
"""Takes a right away for a while: of a function, an action on a resource that ends so."""


@dataclass
class Works:
    """Has functions do their work.

    Attributes:
        stack: a running stack with a dropserver, whose bucket tells nobody and whose clock stands still.
        exchange: the same as its users see it.
        without: takes a right away.
    """

    stack: LocalStack
    exchange: Exchange
    without: Taken
    _serial: Iterator[int] = field(default_factory=lambda: count(1))
    _succession_numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _names: dict[str, str] = field(default_factory=dict)

    # ---------------------------------------------------------------------------------------------------- the intake

    def takes_in(self) -> None:
        """A file with a good and a bad record."""
        content = self.exchange.next_file([record(self._person()), record(self._person(), verrichtingbedrag="0.00")])
        stem, version = self._incoming(content)
        self._run("IntakeFunction", self._event(stem, version))
        self._assert_taken(stem, content, bad=True)

    def takes_in_without_version(self) -> None:
        """An event that tells no version, as `sam local` and emulators do."""
        content = self.exchange.next_file([record(self._person())])
        stem, _ = self._incoming(content)
        self._run("IntakeFunction", self._event(stem, None))
        self._assert_taken(stem, content)

    def takes_in_after_a_death(self) -> None:
        """A file whose first try died when its records were applied."""
        content = self.exchange.next_file([record(self._person())])
        stem, version = self._incoming(content)
        event = self._event(stem, version)
        with self.without("Intake", "s3:PutObject", "/voortgang/*"):
            self._fails("IntakeFunction", event)
        with self.without("Intake", "s3:PutObject", "/aangekondigd/*"):
            self._fails("IntakeFunction", event)
        self._run("IntakeFunction", event)
        self._assert_taken(stem, content)

    def takes_in_what_is_gone(self) -> None:
        """An event that comes again when its file is done with."""
        content = self.exchange.next_file([record(self._person())])
        stem, version = self._incoming(content)
        event = self._event(stem, version)
        self._run("IntakeFunction", event)
        self._run("IntakeFunction", event)
        self._assert_taken(stem, content)

    def takes_in_a_long_file(self) -> None:
        """A file that one invocation does not finish."""
        person = [self._person() for _ in range(11)]
        records = [record(person[n % 11], f"JBP-{n}") for n in range(1_001)]
        content = self.exchange.next_file(records)
        stem, version = self._incoming(content)
        functions, name = self._functions, self._name("IntakeFunction")
        functions.update_function_configuration(FunctionName=name, Timeout=_SHORT)
        try:
            self._run("IntakeFunction", self._event(stem, version))
            wait_for(lambda: not self._keys(f"inkomend/{stem}"), "the file is taken in")
        finally:
            functions.update_function_configuration(FunctionName=name, Timeout=_LONG)
        self._assert_taken(stem, content)

    def takes_in_successions(self) -> None:
        """A number that another replaces, and then does not any more."""
        old, new = self._person(), self._person()
        for type_ in ("01", "03"):
            assert self._links(succession(old, new, type_=type_))["toegepast"] == 1

    def _links(self, said: Mapping[str, Any]) -> dict[str, int]:
        """Take a succession file in, and give the counts of its report."""
        content = succession_file([said], next(self._succession_numbers), referte=str(uuid.uuid4()))
        stem, version = self._incoming(content, "werk.publiceernummeropvolging-0100")
        self._run("IntakeFunction", self._event(stem, version))
        counts: dict[str, int] = json.loads(self._read(max(self._keys(f"verslagen/{stem}"))))["aantallen"]
        return counts

    def _assert_taken(self, stem: str, content: bytes, *, bad: bool = False) -> None:
        own = f"{stem}.{hashlib.sha256(content).hexdigest()[:8]}"
        assert json.loads(self._read(f"verslagen/{own}.json"))["aantallen"]["toegepast"] > 0
        assert self._read(f"uitgaand/{WEWIS.kbo}/{own}.json")
        assert self._keys(f"verwerkt/{own}")
        assert bool(self._keys(f"quarantaine/{own}")) is bad
        number = f"{self.exchange.volgnummer:016d}."
        assert self._keys(f"toegepast/{number}")
        assert self._keys(f"aangekondigd/{number}")
        assert not self._keys(f"inkomend/{stem}")

    # ------------------------------------------------------------------------------------------- the quarantine

    def releases(self) -> None:
        """A part of two records, of which one is good now."""
        name = self._mended("0.00", "75.00")
        assert self._run("IntakeReleaseFunction", {"name": name})["geweigerd"] == 1
        assert len(self._read(f"quarantaine/{name}.ndjson").splitlines()) == 1 + 1

    def releases_all(self) -> None:
        """A part whose records are all good now."""
        name = self._mended("75.00")
        assert self._run("IntakeReleaseFunction", {"name": name})["toegepast"] == 1
        assert not self._keys(f"quarantaine/{name}")

    def releases_after_a_death(self) -> None:
        """A part whose first try died when its records were applied."""
        name = self._mended("75.00")
        with self.without("IntakeRelease", "s3:PutObject", "/aangekondigd/*"):
            self._fails("IntakeReleaseFunction", {"name": name})
        assert self._run("IntakeReleaseFunction", {"name": name})["toegepast"] == 1

    def releases_a_succession(self) -> None:
        """A number that is not replaced any more, which was said wrongly."""
        old, new = self._person(), self._person()
        assert self._links(succession(old, new))["toegepast"] == 1
        before = set(self._keys("quarantaine/"))
        assert self._links(succession(old, new, type_="09"))["geweigerd"] == 1
        (key,) = set(self._keys("quarantaine/")) - before
        text = self._read(key).decode().replace('"type": "09"', '"type":"03"', 1)
        self._s3.put_object(Bucket=self.stack.endpoints.bucket, Key=key, Body=text.encode())
        name = key.removeprefix("quarantaine/").removesuffix(".ndjson")
        assert self._run("IntakeReleaseFunction", {"name": name})["toegepast"] == 1

    def _mended(self, *amounts: str) -> str:
        """Have bad records quarantined, and put others in their place."""
        people = [self._person() for _ in amounts]
        bad = [record(person, verrichtingbedrag="0.00") for person in people]
        content = self.exchange.next_file([record(self._person()), *bad])
        stem, version = self._incoming(content)
        self._run("IntakeFunction", self._event(stem, version))
        (key,) = self._keys(f"quarantaine/{stem}")
        text = self._read(key).decode()
        for amount in amounts:
            text = text.replace('"verrichtingbedrag": "0.00"', f'"verrichtingbedrag":"{amount}"', 1)
        self._s3.put_object(Bucket=self.stack.endpoints.bucket, Key=key, Body=text.encode())
        return key.removeprefix("quarantaine/").removesuffix(".ndjson")

    # ------------------------------------------------------------------------------------------- clocks and orders

    def watches(self) -> None:
        """A look at the ledger, of which what is kept beside the claims is put right, and at what waits."""
        table, dynamodb = self.stack.outputs["LedgerTable"], self._dynamodb
        key: Item = {"series": {"S": "reeks#volgnummer"}, "number": {"N": "0"}}
        dynamodb.put_item(TableName=table, Item=key | {"runs": {"S": "0"}})
        self._run("IntakeWatchFunction", {})
        assert dynamodb.get_item(TableName=table, Key=key)["Item"]["runs"]["S"].startswith("[")

    def recomputes(self) -> None:
        """Another term, over more persons than a page has."""
        name, s3 = self._name("PersonsRecomputingFunction"), self._s3
        functions = self._functions
        variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        # Another than the last two, of which one may be what is stored.
        years = str(5 + (int(variables["RETENTION_YEARS"]) - 5 + 1) % 5)
        functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": {**variables, "RETENTION_YEARS": years}}
        )
        # What an earlier run would have left: of another term, so that it counts for nothing.
        left = json.dumps({"years": 9, "seen": 0, "changed": 0, "after": None})
        s3.put_object(Bucket=self.stack.endpoints.bucket, Key="voortgang/bewaartermijn.json", Body=left.encode())
        self._fill_a_page()
        assert self._run("PersonsRecomputingFunction", {})["changed"] > 0
        assert not self._keys("voortgang/bewaartermijn")

    def _fill_a_page(self) -> None:
        """See that there are more persons than a page has."""
        table = self.stack.outputs["PersonsTable"]
        if self._dynamodb.scan(TableName=table, Select="COUNT")["Count"] > _PAGE:
            return
        person = self._person()
        self._announce(person)
        (item,) = (each for each in self._dynamodb.scan(TableName=table)["Items"][:1])
        for first in range(0, _PAGE + 1, 25):
            puts: list[Any] = [
                {"PutRequest": {"Item": {**item, "person": {"S": f"{first + n:064x}"}}}} for n in range(25)
            ]
            self._dynamodb.batch_write_item(RequestItems={table: puts})

    def tells(self) -> None:
        """A file, told to all that registered its person."""
        person = self._person()
        for party in PAYMENT_ACTORS:
            assert self.exchange.register(person, party=party.kbo).status == 200
        self._announce(person)
        self._run("NoticesFunction", {})
        for party in PAYMENT_ACTORS:
            told = self._keys(f"uitgaand/{party.kbo}/werk.publiceermutatiesnotificaties")
            assert person in self._read(max(told)).decode()
        number = f"{self.exchange.volgnummer:016d}."
        assert not self._keys(f"aangekondigd/{number}")
        assert not self._keys(f"toegepast/{number}")
        assert not [key for key in self._keys("wachtend/") if number in key]

    def lets_a_party_go(self, party: str) -> None:
        """Have the function that deletes what is left of parties take one for gone; the others do not."""
        name, functions = self._name("EndedPartiesFunction"), self._functions
        variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": {**variables, "PARTY_ENDS": f"{party}=2020-01-01"}}
        )

    def forgets_a_party(self) -> None:
        """A party that left, of which a registration and a part of its queue are there."""
        person = self._person()
        assert self.exchange.register(person, party=PARENTIA).status == 200
        body = {"partij": PARENTIA, "stromen": ["mutaties"], "reden": "proef"}
        made = self.exchange.post("/v1/schorsingen", body, WEWIS.kbo, "jbplus:bron")
        try:
            self._announce(person)
            self._run("NoticesFunction", {})
            self._run("EndedPartiesFunction", {})
            assert not self._keys(f"wachtend/{PARENTIA}/")
            assert not self._registered(PARENTIA)
        finally:
            self.exchange.post(f"/v1/schorsingen/{made.body['id']}/opheffing", {}, WEWIS.kbo, "jbplus:bron")

    def opens_a_stand(self) -> None:
        """A range of it, of somebody who is registered."""
        (made,) = self.exchange.register(self._person()).body["items"]
        asked = {"bereiken": [made["handle"][:3]]}
        answer = self.exchange.post("/v1/stand/query", asked, INFINO, "jbplus:inschrijving")
        assert made["handle"] in [each["handle"] for each in answer.body["items"]]

    def puts_a_stand_out(self) -> None:
        """That of each payment actor."""
        for party in PAYMENT_ACTORS:
            self._run("StandPublishingFunction", {"party": party.kbo})
            assert self._keys(f"uitgaand/{party.kbo}/werk.publiceerstandjobbonusplus")

    def puts_the_source_s_stand_out(self) -> None:
        """All that is live."""
        self._run("SourceStandFunction", {})
        assert self._keys(f"uitgaand/{WEWIS.kbo}/werk.publiceerbronstandjobbonusplus")

    def publishes(self) -> None:
        """The closed months, of which none is published."""
        table, dynamodb = self.stack.outputs["StatisticsTable"], self._dynamodb
        for item in dynamodb.scan(TableName=table)["Items"]:
            dynamodb.delete_item(TableName=table, Key={name: item[name] for name in ("fiscalYear", "month")})
        self._run("StatisticsPublishingFunction", {})
        assert dynamodb.scan(TableName=table)["Items"]
        assert not self._keys("telling/")

    def seals(self) -> None:
        """A record of the log, sealed, and the checkpoint of it for every party."""
        self.exchange.look_up(self._person())
        self._run("CheckpointsFunction", {})
        bucket, pages = self.stack.outputs["SegmentsBucket"], self._s3.get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=bucket, Prefix="controlepunten/")
        name = name_of(sum(page["KeyCount"] for page in found))
        for party in PARTIES:
            assert self._keys(f"uitgaand/{party.kbo}/{name}")

    # --------------------------------------------------------------------------------------------- the dropserver

    def takes(self) -> None:
        """A small file."""
        self._assert_visited(self._on_server(b"{}"))

    def takes_a_large_file(self) -> None:
        """A file that comes by pieces."""
        self._assert_visited(self._on_server(b"{}".ljust(_PIECE + 9)))

    def goes_on_with_a_large_file(self) -> None:
        """A file of which an earlier visit brought a piece."""
        content = b"{}".ljust(_PIECE + 9)
        name = self._on_server(content)
        self._begin(content[:_PIECE])
        self._assert_visited(name)

    def gives_a_large_file_up(self) -> None:
        """A file of which there is more than the server has."""
        name = self._on_server(b"{}".ljust(_PIECE + 9))
        self._begin(b" " * (_PIECE + 99))
        self._fails("DropserverFunction", {})
        assert not self._uploads()
        self._assert_visited(name)

    def takes_what_stands_there(self) -> None:
        """A file that an earlier visit took and could not remove from the server."""
        content = b"{}"
        name = self._on_server(content)
        self._s3.put_object(
            Bucket=self.stack.endpoints.bucket,
            Key=f"inkomend/{name}",
            Body=content,
            Metadata={"sha256": hashlib.sha256(content).hexdigest()},
        )
        self._visit()
        self._assert_visited(name)

    def sends(self) -> None:
        """A file for a party."""
        self._clear()
        name = f"proef-{uuid.uuid4().hex}.json"
        key = f"uitgaand/{INFINO}/{name}"
        self._s3.put_object(Bucket=self.stack.endpoints.bucket, Key=key, Body=b"{}")
        self._visit()
        with connect(self.stack.dropserver.access("infino")) as server:
            assert name in [file.name for file in server.files(".", "*")]
        assert self._keys(f"verzonden/{INFINO}/{name}")
        assert not self._keys(key)

    def sends_again(self) -> None:
        """A file that was sent, and still stands there."""
        self._clear()
        name = f"proef-{uuid.uuid4().hex}.json"
        key = f"uitgaand/{INFINO}/{name}"
        s3, bucket = self._s3, self.stack.endpoints.bucket
        for _ in range(2):
            s3.put_object(Bucket=bucket, Key=key, Body=b"{}")
            self._visit()
        assert not self._keys(key)

    def _clear(self) -> None:
        """Take away what an earlier work left half done."""
        bucket = self.stack.endpoints.bucket
        for each in self._s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
            self._s3.abort_multipart_upload(Bucket=bucket, Key=each["Key"], UploadId=each["UploadId"])
        for key in (*self._keys("bezoek/stukken/"), *self._keys("uitgaand/")):
            self._s3.delete_object(Bucket=bucket, Key=key)
        with connect(self.stack.dropserver.access(WEWIS.key)) as server:
            for file in server.files("From_Vip", "*"):
                server.remove("From_Vip", file.name)

    def _on_server(self, content: bytes) -> str:
        self._clear()
        name = f"werk.publiceermutatiejobbonusplus-0100_{uuid.uuid4().int % 10**17:017d}.json"
        with connect(self.stack.dropserver.access(WEWIS.key)) as server:
            upload(server, "From_Vip", name, BytesIO(content), len(content))
        return name

    def _assert_visited(self, name: str) -> None:
        if not self._keys(f"inkomend/{name}"):
            self._visit()
        assert self._keys(f"inkomend/{name}")
        assert not self._keys("bezoek/stukken/")
        assert not self._uploads()
        with connect(self.stack.dropserver.access(WEWIS.key)) as server:
            assert server.look("From_Vip", name) is None

    def _visit(self) -> None:
        self._run("DropserverFunction", {})

    def _begin(self, piece: bytes) -> None:
        """Leave what a visit leaves that died after a piece of the only file on the server."""
        s3, bucket = self._s3, self.stack.endpoints.bucket
        with self.without("Dropserver", "s3:PutObject", "/inkomend/*"):
            self._fails("DropserverFunction", {})
        (key,) = self._keys("bezoek/stukken/")
        s3.delete_object(Bucket=bucket, Key=key)
        made = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        s3.upload_part(Bucket=bucket, Key=key, UploadId=made, PartNumber=1, Body=piece)

    def _uploads(self) -> list[str]:
        found = self._s3.list_multipart_uploads(Bucket=self.stack.endpoints.bucket)
        return [each["Key"] for each in found.get("Uploads", [])]

    # ------------------------------------------------------------------------------------------------- the API

    def registers(self) -> None:
        """A new person, registered, read and deleted."""
        person = self._person()
        assert self.exchange.register(person).status == 200
        for path, status in (("get", 200), ("delete", 204)):
            answer = self.exchange.post(f"/v1/inschrijvingen/{path}", {"insz": person}, INFINO, "jbplus:inschrijving")
            assert answer.status == status

    def looks_up(self) -> None:
        """A person."""
        assert self.exchange.look_up(self._registered_person()).status == 200

    def reports(self) -> None:
        """A flaw, reported, listed and answered."""
        path, body = "/v1/kwaliteitsmeldingen", {"insz": self._registered_person(), "aard": "foutief"}
        made = self.exchange.post(path, body, INFINO, "jbplus:melding")
        assert made.status == 201
        assert self.exchange.post(f"{path}/query", {}, OPGROEIEN, "jbplus:melding").status == 200
        reply = {"status": "gecorrigeerd", "antwoord": "komt morgen"}
        answered = self.exchange.post(f"{path}/{made.body['id']}/antwoord", reply, WEWIS.kbo, "jbplus:bron")
        assert answered.status == 200

    def suspends(self) -> None:
        """A party, suspended and let in again."""
        body = {"partij": INFINO, "stromen": ["consultatie"], "reden": uuid.uuid4().hex}
        made = self.exchange.post("/v1/schorsingen", body, WEWIS.kbo, "jbplus:bron")
        assert made.status == 201
        lifted = self.exchange.post(f"/v1/schorsingen/{made.body['id']}/opheffing", {}, WEWIS.kbo, "jbplus:bron")
        assert lifted.status == 200

    def shows_the_log(self) -> None:
        """Who looked a person up, and whom a party looked up in a period."""
        for body in ({"insz": self._person()}, {"van": "2026-01-01", "tot": "2026-01-02"}):
            assert self.exchange.post("/v1/privacylog/query", body, INFINO, "jbplus:privacylog").status == 200

    def shows_figures(self) -> None:
        """What was published."""
        headers = {
            "x-correlation-id": "test-1",
            "X-Magda-Enduser-ID": "tester",
            "Authorization": f"Bearer {self.exchange.tokens.good(OPGROEIEN, 'jbplus:statistiek')}",
        }
        address = f"{self.exchange.api.url}/v1/statistieken"
        assert self.exchange.api.http.request("GET", address, headers=headers).status == 200

    def serves_the_page(self) -> None:
        """The API's page."""
        assert self.exchange.api.http.request("GET", f"{self.exchange.api.url}/v1/doc").status == 200

    # ---------------------------------------------------------------------------------------------------- plumbing

    def _person(self) -> str:
        serial = next(self._serial)
        return person_number(serial % 900 + 1, year=60 + serial // 900, month=66)

    def _registered_person(self) -> str:
        person = self._person()
        assert self.exchange.register(person).status == 200
        return person

    def _registered(self, party: str) -> list[Mapping[str, Any]]:
        table = self.stack.outputs["RegistrationsTable"]
        items = self._dynamodb.scan(TableName=table)["Items"]
        return [each for each in items if each["party"]["S"] == party and "begin" in each]

    def _announce(self, person: str) -> None:
        content = self.exchange.next_file([record(person)])
        stem, version = self._incoming(content)
        self._run("IntakeFunction", self._event(stem, version))

    def _incoming(self, content: bytes, kind: str = "werk.publiceermutatiejobbonusplus-0100") -> tuple[str, str]:
        stem = f"{kind}_{uuid.uuid4().int % 10**17:017d}"
        put = self._s3.put_object(Bucket=self.stack.endpoints.bucket, Key=f"inkomend/{stem}.json", Body=content)
        return stem, put["VersionId"]

    def _event(self, stem: str, version: str | None) -> dict[str, Any]:
        told = {"key": f"inkomend/{stem}.json"} | ({"versionId": version} if version else {})
        return {"Records": [{"s3": {"bucket": {"name": self.stack.endpoints.bucket}, "object": told}}]}

    def _keys(self, prefix: str) -> list[str]:
        pages = self._s3.get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self.stack.endpoints.bucket, Prefix=prefix)
        return [item["Key"] for page in found for item in page.get("Contents", [])]

    @cached_property
    def _s3(self) -> S3Client:
        return self.stack.aws.s3()

    @cached_property
    def _functions(self) -> LambdaClient:
        return self.stack.aws.functions()

    @cached_property
    def _dynamodb(self) -> DynamoDBClient:
        return self.stack.aws.dynamodb()

    def _read(self, key: str) -> bytes:
        return self._s3.get_object(Bucket=self.stack.endpoints.bucket, Key=key)["Body"].read()

    def _name(self, function: str) -> str:
        if not self._names:
            found = self.stack.aws.cloudformation().describe_stack_resources(StackName=self.stack.endpoints.stack)
            self._names = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found["StackResources"]}
        return self._names[function]

    def _run(self, function: str, event: Mapping[str, Any]) -> Any:
        answer = self._invoked(function, event)
        assert "FunctionError" not in answer, answer["said"]
        return answer["said"]

    def _fails(self, function: str, event: Mapping[str, Any]) -> None:
        """Run a function that must fail."""
        answer = self._invoked(function, event)
        assert "FunctionError" in answer, answer["said"]

    def _invoked(self, function: str, event: Mapping[str, Any]) -> dict[str, Any]:
        content = json.dumps(event).encode()
        answer = self._functions.invoke(FunctionName=self._name(function), Payload=content)
        return {**answer, "said": json.loads(answer["Payload"].read() or b"null")}


Work = Callable[[Works], None]

WORK: dict[str, tuple[Work, ...]] = {
    "Intake": (
        Works.takes_in,
        Works.takes_in_without_version,
        Works.takes_in_after_a_death,
        Works.takes_in_what_is_gone,
        Works.takes_in_a_long_file,
        Works.takes_in_successions,
    ),
    "IntakeRelease": (
        Works.releases,
        Works.releases_all,
        Works.releases_after_a_death,
        Works.releases_a_succession,
    ),
    "IntakeWatch": (Works.watches,),
    "PersonsRecomputing": (Works.recomputes,),
    "EndedParties": (Works.forgets_a_party,),
    "Notices": (Works.tells,),
    "Checkpoints": (Works.seals,),
    "Dropserver": (
        Works.takes,
        Works.takes_a_large_file,
        Works.goes_on_with_a_large_file,
        Works.gives_a_large_file_up,
        Works.takes_what_stands_there,
        Works.sends,
        Works.sends_again,
    ),
    "Consultation": (Works.looks_up,),
    "Registrations": (Works.registers,),
    "PrivacyLog": (Works.shows_the_log,),
    "Suspensions": (Works.suspends,),
    "Quality": (Works.reports,),
    "Stand": (Works.opens_a_stand,),
    "StandPublishing": (Works.puts_a_stand_out,),
    "SourceStand": (Works.puts_the_source_s_stand_out,),
    "Statistics": (Works.shows_figures,),
    "StatisticsPublishing": (Works.publishes,),
    "Docs": (Works.serves_the_page,),
}
"""The work of each function; what it does beside is done by others."""
