"""WEWIS's end of the exchange for tests: its folder, and a dropserver that is a folder too."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from typer.testing import Result

from jbplus_cli.stack.surroundings import Surroundings
from tests.recipient.folder_server import FolderServer
from tests.support import command

NOW = datetime(2026, 3, 5, 12, 30, 15, 123456, tzinfo=UTC)
HEADER = "referte,insz,fiscaalJaar,bedragtype,bedrag,datum"


def _nowhere(_where: object) -> Any:
    raise AssertionError("nothing but the dropserver is called")


@dataclass
class Source:
    """The command, run by WEWIS."""

    root: Path
    now: datetime = NOW

    def __post_init__(self) -> None:
        (self.root / ".local").mkdir()
        (self.root / "pem").write_text("PEM")
        pem = str(self.root / "pem")
        user = {"user": "wewis", "password": "secret", "folder": "From_Vip", "certificate": pem, "key": pem}
        server = {"host": "127.0.0.1", "port": 1, "ca": pem, "users": {"wewis": user}}
        there = dict.fromkeys(("api", "aws", "issuer", "bucket", "region", "stack"), "-")
        (self.root / ".local" / "endpoints.json").write_text(json.dumps(there | {"dropserver": server}))
        (self.root / "server").mkdir()
        self.server = FolderServer(self.root / "server")

    @property
    def state(self) -> Path:
        return self.root / "state"

    def run(self, *words: object, state: bool = True, **surroundings: Any) -> Result:
        world: dict[str, Any] = {
            "folder": self.root,
            "environment": {},
            "now": lambda: self.now,
            "clock": _nowhere,
            "sleep": _nowhere,
            "http": _nowhere,
            "aws": _nowhere,
            "find_stack": _nowhere,
            "dropserver": self.server.connect,
        }
        args = ["source", *words, *(("--state", self.state) if state else ())]
        return command.run(args, Surroundings(**world | surroundings))

    def make(self, csv: Path, *words: object) -> Result:
        return self.run("make", csv, "--allow-test-numbers", *words)

    def check(self, file: Path, *words: object) -> Result:
        return self.run("check", file, "--allow-test-numbers", *words, state=False)

    def csv(self, *rows: str, name: str = "payments.csv", header: str = HEADER) -> Path:
        path = self.root / name
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return path

    def made(self) -> list[Path]:
        """List the outbox."""
        return sorted((self.state / "outbox").iterdir())

    def arrived(self) -> dict[str, Any]:
        """Read what is on the dropserver."""
        folder = self.root / "server" / "From_Vip"
        return (
            {path.name: json.loads(path.read_bytes()) for path in sorted(folder.iterdir())} if folder.exists() else {}
        )
