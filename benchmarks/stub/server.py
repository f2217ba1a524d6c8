"""The server: `python -m benchmarks.stub.server SETUP` prints its port, and serves until its standard input ends.

Then it prints what it was asked, as JSON. The setup is the JSON of `Setup`.
"""

import asyncio
import json
import ssl
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.stub.objects import Answer, Objects
from benchmarks.stub.tables import Table, Tables

_JSON = {"Content-Type": "application/x-amz-json-1.0"}


@dataclass
class Server:
    """Answers DynamoDB, Secrets Manager and S3.

    Attributes:
        tables: DynamoDB.
        objects: S3.
        secret: what every secret holds.
        shown: the folder whose objects are shown in what is recorded.
        delay: how long an answer takes, in seconds.
        calls: how often each operation was called.
        busy: how many calls are being answered.
        busiest: how many were at most.
    """

    tables: Tables
    objects: Objects
    secret: str
    shown: str
    delay: float
    calls: Counter[str]
    busy: int = 0
    busiest: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until the caller closes it."""
        try:
            while line := await reader.readline():
                method, target, _ = line.decode().split(" ", 2)
                headers: dict[str, str] = {}
                while (line := await reader.readline()) not in (b"\r\n", b""):
                    name, _, value = line.decode().partition(":")
                    headers[name.strip().lower()] = value.strip()
                if headers.get("expect") == "100-continue":
                    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.busy += 1
                self.busiest = max(self.busy, self.busiest)
                answer = self._answer(method, target, headers, body)
                if self.delay:
                    await asyncio.sleep(self.delay)
                self.busy -= 1
                head = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
                start = f"HTTP/1.1 {answer.status} X\r\n{head}Content-Length: {len(answer.body)}\r\n\r\n"
                writer.write(start.encode() + (b"" if method == "HEAD" else answer.body))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        service, _, operation = headers.get("x-amz-target", "").partition(".")
        if not service:
            self.calls[f"S3 {method}"] += 1
            return self.objects.answer(method, target, headers, body)
        self.calls[operation] += 1
        if operation == "GetSecretValue":
            answer: dict[str, Any] = {"SecretString": self.secret}
        else:
            answer = self.tables.answer(operation, json.loads(body))
        return Answer(200, _JSON, json.dumps(answer).encode())

    def recorded(self) -> dict[str, Any]:
        """Say what was asked."""
        return {
            "calls": self.calls,
            "busiest": self.busiest,
            "reads": self.tables.reads,
            "writes": self.tables.writes,
            "written": {name: [list(key) for key in table.written] for name, table in self.tables.tables.items()},
            "times": {name: table.written.total() for name, table in self.tables.tables.items()},
            "objects": sorted(self.objects.objects),
            "shown": [
                content.decode()
                for key, (content, _) in sorted(self.objects.objects.items())
                if self.shown and key.startswith(self.shown)
            ],
        }


async def main(setup: dict[str, Any]) -> None:
    """Serve until the standard input ends."""
    tables = {name: _table(each) for name, each in setup["tables"].items()}
    server = Server(
        Tables(tables), _objects(setup["objects"]), setup["secret"], setup["shown"], setup["delay"], Counter()
    )
    context = None
    if setup["certificate"]:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(setup["certificate"])
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=context, limit=2**20)
    print(listening.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - what it is for
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    json.dump(server.recorded(), sys.stdout)


def _objects(files: dict[str, str]) -> Objects:
    return Objects({key: (Path(path).read_bytes(), {}) for key, path in files.items()})


def _table(setup: dict[str, Any]) -> Table:
    table = Table(tuple(setup["key"]), setup["everyone"], setup["keeps"])
    for item in setup["items"]:
        table.items[table.name_of(item)] = item
    return table


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
