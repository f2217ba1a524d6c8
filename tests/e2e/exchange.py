"""What an end-to-end test does with a running stack: drop files, wait for reports, register and look up."""

import gzip
import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from jbplus_local.stack import LocalStack
from tests.e2e.api import Answer, Api
from tests.e2e.tokens import Tokens
from tests.support.files import mutation_file
from tests.support.waiting import wait_for

INFINO, KIDSLIFE, VUTG, OPGROEIEN = "0685540471", "0687467902", "0692793497", "0886886638"


def lines_with(stack: LocalStack, *words: str) -> list[str]:
    """Give each line that functions logged, when one holds each of these words: logs are there a moment later."""

    def lines() -> list[str]:
        found = list(stack.log_lines())
        return found if all(any(word in line for line in found) for word in words) else []

    return wait_for(lines, f"lines with {', '.join(words)}")


@dataclass
class Exchange:
    """A running stack as its users see it."""

    stack: LocalStack
    api: Api
    tokens: Tokens
    volgnummer: int = 100
    answers: list[Answer] = field(default_factory=list)

    def next_file(self, records: Sequence[object], **changes: Any) -> bytes:
        """Make the next file of the series."""
        self.volgnummer += 1
        return mutation_file(records, self.volgnummer, **{"referte": str(uuid.uuid4()), **changes})

    def drop(self, content: bytes, name: str | None = None) -> dict[str, Any]:
        """Drop a file under `inkomend/`, and wait until it is done with; give its report."""
        usual = f"werk.publiceermutatiejobbonusplus-0100_{uuid.uuid4().int % 10**17:017d}"
        return self._drop(content, name or f"{usual}.json", "bestand" if name else usual)

    def drop_named(self, content: bytes, stem: str) -> dict[str, Any]:
        """Drop a file of a usual name, given without its ending."""
        return self._drop(content, f"{stem}.json", stem)

    def _drop(self, content: bytes, name: str, own: str) -> dict[str, Any]:
        plain = gzip.decompress(content) if name.endswith(".gz") else content
        key = f"verslagen/{own}.{hashlib.sha256(plain).hexdigest()[:8]}.json"
        s3, bucket = self.stack.aws.s3(), self.stack.endpoints.bucket
        s3.put_object(Bucket=bucket, Key=f"inkomend/{name}", Body=content)
        wait_for(lambda: not self.object_keys(f"inkomend/{name}"), f"{name} is done with")
        wait_for(lambda: s3.list_objects_v2(Bucket=bucket, Prefix=key).get("Contents"), f"the report {key}")
        report: dict[str, Any] = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        return report

    def register(self, *numbers: str, party: str = INFINO, recht: str = "lopend", **periode: str) -> Answer:
        """Register persons at a payment actor."""
        items = [{"insz": number, "periode": {"begin": "2025-01-01", **periode}, "recht": recht} for number in numbers]
        return self.post("/v1/inschrijvingen", {"items": items}, party, "jbplus:inschrijving")

    def look_up(self, number: str, party: str = INFINO, doel: str = "socialeToeslag", **more: Any) -> Answer:
        """Look a person up with the scope that the purpose takes."""
        scope = {"socialeToeslag": "dossierbeheer", "selectieveParticipatietoeslag": "dossierbeheer"}.get(doel, doel)
        body = {"insz": number, "doel": doel, **more}
        return self.post("/v1/verrichtingen/get", body, party, f"jbplus:{scope}")

    def query(self, *numbers: str, party: str = INFINO, doel: str = "socialeToeslag", **more: Any) -> Answer:
        """Look several persons up for a supplement."""
        body = {"inszLijst": list(numbers), "doel": doel, **more}
        return self.post("/v1/verrichtingen/query", body, party, "jbplus:dossierbeheer")

    def post(self, path: str, body: object, party: str, scope: str, **headers: str) -> Answer:
        """Call the API, and remember the answer."""
        given = {"x-correlation-id": f"test-{uuid.uuid4()}", "X-Magda-Enduser-ID": "tester", **headers}
        answer = self.api.post(path, body, self.tokens.good(party, scope), given)
        self.answers.append(answer)
        return answer

    def object_keys(self, prefix: str = "") -> list[str]:
        """List the bucket's keys, of every version."""
        pages = self.stack.aws.s3().get_paginator("list_object_versions")
        versions = pages.paginate(Bucket=self.stack.endpoints.bucket, Prefix=prefix)
        return sorted({item["Key"] for page in versions for item in page.get("Versions", [])})

    def go_round(self) -> None:
        """Make the notices that can be made, as the clock would; fail when the function does."""
        answer = self.stack.aws.functions().invoke(FunctionName=self.stack.outputs["NoticesFunction"], Payload=b"{}")
        assert "FunctionError" not in answer, answer["Payload"].read()

    def notices(self, party: str) -> list[tuple[str, str]]:
        """Give the notices that a recipient can fetch, by name, in their order."""
        prefix = f"uitgaand/{party}/werk.publiceermutatiesnotificaties"
        found = self.stack.aws.s3().list_objects_v2(Bucket=self.stack.endpoints.bucket, Prefix=prefix)
        return [(item["Key"], self.read(item["Key"]).decode()) for item in found.get("Contents", [])]

    def read(self, key: str) -> bytes:
        """Read an object."""
        return self.stack.aws.s3().get_object(Bucket=self.stack.endpoints.bucket, Key=key)["Body"].read()
