"""`jbplus recipient`: a payment actor's end of the exchange, through the command."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from jbplus.ftps.access import Access
from jbplus.ftps.server import DropserverError, Server
from jbplus.protocol.calendar import brussels_day
from jbplus.stand.document import FILE_NAME, Stand
from jbplus.stand.rules import Pair, ranges_of
from jbplus_cli.samples.persons import TestPersons
from jbplus_recipient.deductions import CSV_NAME, JSON_LINES_NAME
from tests.cli.backstage import Json
from tests.cli.world import NOW, World, problem
from tests.recipient.fakes import MemoryServer, notice_bytes, notice_name, person

ANNA, BRAM, CELINE = sorted(TestPersons(8).number(index) for index in range(3))
PARTY = ("--party", "infino")
FOLDER = "infino-folder"
MISSING = (
    "{} missing: ask the exchange's operators to send what is missing again. Until it comes, what it tells is not in "
    "the deductions."
)


@dataclass
class Dropserver:
    """A dropserver in memory, and who came to it."""

    server: MemoryServer = field(default_factory=MemoryServer)
    came: list[Access] = field(default_factory=list)
    fails: bool = False

    @contextmanager
    def connect(self, access: Access) -> Iterator[Server]:
        self.came.append(access)
        if self.fails:
            raise DropserverError("dropserver.example refuses the certificate. Ask for a new one.")
        yield self.server

    def drop(self, number: int, *told: tuple[str, int], folder: str = FOLDER) -> None:
        self.server.held[folder, notice_name(number)] = notice_bytes(number, told)


@pytest.fixture
def drop(local: World, tmp_path: Path) -> Dropserver:
    """The local stack's dropserver, of which `.local/endpoints.json` tells."""
    there = Dropserver()
    for name in ("ca", "certificate", "key"):
        (tmp_path / f"{name}.pem").write_text(f"the {name}")
    endpoints = tmp_path / ".local" / "endpoints.json"
    user = {"user": "infino", "password": "secret", "folder": FOLDER}
    pems = {name: str(tmp_path / f"{name}.pem") for name in ("certificate", "key")}
    server = {"host": "127.0.0.1", "port": 990, "ca": str(tmp_path / "ca.pem"), "users": {"infino": user | pems}}
    endpoints.write_text(json.dumps(json.loads(endpoints.read_text()) | {"dropserver": server}))
    dropserver: Any = there.connect
    connect: type[AbstractContextManager[Server]] = dropserver
    local.surroundings = replace(local.surroundings, dropserver=connect)
    return there


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def knows(world: World, insz: str, volgnummer: int, net: str, **more: Any) -> None:
    world.api.persons[insz] = person(insz, volgnummer, net, **more).wire()


def read(world: World, *words: object) -> Json:
    said: Json = json.loads(world.run("recipient", *words, *PARTY, "--json").stdout)
    return said


def test_from_registering_to_deductions(local: World, drop: Dropserver, state: Path) -> None:
    knows(local, ANNA, 3, "600.00")
    knows(local, BRAM, 17, "-25.50")
    drop.drop(1, (BRAM, 17))

    added = local.run("recipient", "add", ANNA, *PARTY, "--state", state)
    synced = local.run("recipient", "sync", *PARTY, "--state", state)
    shown = local.run("recipient", "show", *PARTY, "--state", state, columns=200)

    assert (added.exit_code, synced.exit_code, shown.exit_code) == (0, 0, 0)
    assert f"│ {ANNA} │ geregistreerd" in added.stdout
    assert [(asked.json.get("insz"), asked.json.get("naarAanleidingVanMutatie")) for asked in looked_up(local)] == [
        (BRAM, True),
        (ANNA, None),
    ]
    for words in (ANNA, "600.00", BRAM, "-25.50", "Infino Vlaanderen: to be deducted"):
        assert words in shown.stdout
    assert (state / CSV_NAME).read_text().splitlines()[1:] == [
        f"{ANNA},2024,600.00,0.00,600.00,600.00,3,nee",
        f"{BRAM},2024,0.00,-25.50,-25.50,0.00,17,nee",
    ]
    assert drop.server.names(FOLDER) == []


def looked_up(world: World) -> list[Any]:
    return world.api.calls("/v1/verrichtingen/get") + world.api.calls("/v1/verrichtingen/query")


def test_programs_are_told_all_of_it(local: World, drop: Dropserver, state: Path, tmp_path: Path) -> None:
    knows(local, ANNA, 17, "600.00", inOnderzoek=True)
    drop.drop(2, (ANNA, 17), (BRAM, 16))
    drop.server.held[FOLDER, notice_name(3)] = b"[]"
    drop.drop(4, (ANNA, 17))
    drop.server.unreadable[notice_name(4)] = DropserverError("not allowed (550)")
    output = tmp_path / "deductions"

    synced = read(local, "sync", "--state", state, "--output", output)
    shown = read(local, "show", "--state", state)

    standing = {
        "persons": 2,
        "due": [],
        "refused": [{"insz": BRAM, "code": "40003"}],
        "inDoubt": [ANNA],
        "missingNotices": [{"van": 1, "tot": 1}],
        "missingSuccessionNotices": [],
        "lastNotice": 2,
        "lastVolgnummer": 17,
        "inStep": False,
        "stand": None,
    }
    reason = "it is not as agreed"
    assert synced == {
        "taken": 1,
        "malformed": [{"name": notice_name(3), "reason": reason}],
        "unread": [{"name": notice_name(4), "reason": "not allowed (550)"}],
        "lookedUp": 2,
        "expired": 0,
        "rows": 1,
        "changes": 1,
        "standing": standing,
        "differed": [],
        "healed": 0,
        "unfinished": [
            f"{notice_name(4)} could not be taken in or put away: not allowed (550). Run sync again.",
            f"{notice_name(3)} is no notice for Infino Vlaanderen: {reason}. It was left where it is.",
            MISSING.format("Notice 1 is"),
        ],
    }
    assert shown["standing"] == standing
    assert shown["deductions"] == [json.loads((output / JSON_LINES_NAME).read_text())]


def test_who_cannot_be_looked_up_now_is_by_the_next_sync(local: World, drop: Dropserver, state: Path) -> None:
    knows(local, ANNA, 17, "600.00")
    drop.drop(1, (ANNA, 17))
    local.api.says_first.append((403, {}, problem(403, "missingPermission", code="40006", title="Suspended")))

    refused = local.run("recipient", "sync", *PARTY, "--state", state)
    waiting = local.run("recipient", "show", *PARTY, "--state", state)
    mended = local.run("recipient", "sync", *PARTY, "--state", state)

    assert refused.exit_code == 1
    assert "40006" in refused.stderr
    assert f"Still to be looked up: {ANNA}" in waiting.stdout
    assert mended.exit_code == 0
    assert ANNA in (state / CSV_NAME).read_text()


def test_a_store_of_the_exchange_that_is_busy_is_asked_again(local: World, drop: Dropserver, state: Path) -> None:
    knows(local, ANNA, 17, "600.00")
    drop.drop(1, (ANNA, 17))
    busy = (503, {"Retry-After": "0"}, problem(503, "serviceUnavailable"))
    local.api.says_first.extend([busy, busy])

    assert local.run("recipient", "sync", *PARTY, "--state", state).exit_code == 0
    assert len(looked_up(local)) == 3


def test_earlier_notices_are_not_missed_by_who_begins_later(local: World, drop: Dropserver, state: Path) -> None:
    drop.drop(40, (ANNA, 17))
    knows(local, ANNA, 17, "600.00")

    result = local.run("recipient", "sync", *PARTY, "--state", state, "--first-notice", "40", "--keep")

    assert (result.exit_code, drop.server.names(FOLDER)) == (0, [notice_name(40)])


def test_the_dropservers_words_are_shown(local: World, drop: Dropserver, state: Path) -> None:
    drop.fails = True

    result = local.run("recipient", "sync", *PARTY, "--state", state, columns=200)

    assert result.exit_code == 1
    assert "Error: dropserver.example refuses the certificate. Ask for a new one." in result.stderr


def test_the_local_stacks_dropserver_is_used_with_the_partys_own_account(
    local: World, drop: Dropserver, state: Path
) -> None:
    local.run("recipient", "sync", *PARTY, "--state", state)

    assert drop.came == [
        Access("127.0.0.1", 990, "infino", "secret", ca="the ca", certificate="the certificate", key="the key")
    ]


def options(tmp_path: Path) -> list[object]:
    pems = [part for name in ("ca", "certificate", "key") for part in (f"--{name}", tmp_path / f"{name}.pem")]
    return ["--dropserver", "drop.example:21", "--user", "someone", *pems]


def test_another_dropserver_is_named_by_options(local: World, drop: Dropserver, state: Path, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("from a file\n")
    password = ("--password-file", tmp_path / "password")
    drop.drop(1, (ANNA, 17), folder="mine")

    result = local.run("recipient", "sync", *PARTY, "--state", state, *options(tmp_path), *password, "--folder", "mine")

    (access,) = drop.came
    assert (access.host, access.port, access.user, access.password) == ("drop.example", 21, "someone", "from a file")
    assert (result.exit_code, drop.server.names("mine")) == (0, [])


def test_another_dropserver_is_named_by_the_environment(
    local: World, drop: Dropserver, state: Path, tmp_path: Path
) -> None:
    said: dict[str, Any] = {
        f"JBPLUS_DROPSERVER_{name.upper()}": str(tmp_path / f"{name}.pem") for name in ("ca", "certificate", "key")
    }
    said |= {"JBPLUS_DROPSERVER": "drop.example:21", "JBPLUS_DROPSERVER_USER": "someone"}
    local.surroundings = replace(local.surroundings, environment={"JBPLUS_DROPSERVER_PASSWORD": "from outside"})

    local.run("recipient", "sync", *PARTY, JBPLUS_RECIPIENT_STATE=str(state), **said)

    (access,) = drop.came
    assert (access.host, access.user, access.password, access.key) == (
        "drop.example",
        "someone",
        "from outside",
        "the key",
    )


def test_without_a_password_nobody_is_called(local: World, drop: Dropserver, state: Path, tmp_path: Path) -> None:
    result = local.run("recipient", "sync", *PARTY, "--state", state, *options(tmp_path), columns=200)

    assert result.exit_code == 1
    assert "JBPLUS_DROPSERVER_PASSWORD" in result.stderr
    assert drop.came == []


def test_a_party_without_an_account_is_told_what_to_say(local: World, drop: Dropserver, state: Path) -> None:
    result = local.run("recipient", "sync", "--party", "kidslife", "--state", state, columns=300)

    assert result.exit_code == 1
    assert "--dropserver HOST:PORT" in result.stderr
    assert drop.came == []


@pytest.mark.parametrize(
    "wrong",
    [
        ("--dropserver", "nowhere"),
        ("--dropserver", "host:0"),
        ("--dropserver", "host:21"),
        ("--doel", "audit"),
        ("--keep", "--moved-to", "done"),
        ("--first-notice", "0"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    local: World, drop: Dropserver, state: Path, wrong: tuple[str, ...]
) -> None:
    assert local.run("recipient", "sync", *PARTY, "--state", state, *wrong).exit_code == 2
    assert not drop.came
    assert not local.api.asked


def test_a_registration_that_is_refused_fails_the_command(local: World, state: Path) -> None:
    bad = {"insz": ANNA, "problem": problem(400, "badRequest", code="20002")}
    local.api.says_first.append((200, {}, {"items": [bad]}))

    result = local.run("recipient", "add", ANNA, *PARTY, "--state", state)
    shown = local.run("recipient", "show", *PARTY, "--state", state)

    assert result.exit_code == 1
    assert "20002" in result.stdout
    assert "20002" in shown.stdout


@pytest.mark.usefixtures("drop")
def test_what_add_could_not_finish_is_finished_by_sync(local: World, state: Path) -> None:
    knows(local, ANNA, 3, "600.00")
    local.api.says_first.append((502, {}, b""))

    added = local.run("recipient", "add", "-", *PARTY, "--state", state, "--recht", "geschorst", stdin=ANNA)
    synced = local.run("recipient", "sync", *PARTY, "--state", state)

    assert (added.exit_code, synced.exit_code) == (1, 0)
    first, second = (asked.json for asked in local.api.calls("/v1/inschrijvingen"))
    assert first == second == {"items": [{"insz": ANNA, "periode": {"begin": "2026-04-01"}, "recht": "geschorst"}]}
    assert ANNA in (state / CSV_NAME).read_text()


def test_nothing_to_deduct_is_said_in_words(local: World, state: Path) -> None:
    result = local.run("recipient", "show", *PARTY, "--state", state)

    assert (result.exit_code, "nothing to deduct" in result.stdout) == (0, True)


def test_what_changed_since_a_day_is_shown(local: World, drop: Dropserver, state: Path) -> None:
    knows(local, ANNA, 17, "600.00")
    drop.drop(1, (ANNA, 17))
    local.run("recipient", "sync", *PARTY, "--state", state)
    local.surroundings = replace(local.surroundings, now=lambda: NOW + timedelta(days=1))
    knows(local, ANNA, 18, "900.00", inOnderzoek=True)
    drop.drop(2, (ANNA, 18))
    local.run("recipient", "sync", *PARTY, "--state", state)

    said = read(local, "show", "--state", state, "--since", "2026-04-02")
    shown = local.run("recipient", "show", *PARTY, "--state", state, "--since", "2026-04-01", columns=100)
    quiet = local.run("recipient", "show", *PARTY, "--state", state, "--since", "2026-04-03")

    assert said["changes"] == [
        {
            "insz": ANNA,
            "fiscaalJaar": 2024,
            "aftrekVoorheen": "600.00",
            "aftrek": "900.00",
            "inOnderzoekVoorheen": False,
            "inOnderzoek": True,
        }
    ]
    for words in (ANNA, "0.00", "900.00", "yes", "deductions that changed since"):
        assert words in shown.stdout
    assert "no deduction changed since 2026-04-03" in quiet.stdout
    assert "looks into a quality report on 1 of the persons" in shown.stderr


def test_the_column_of_doubt_is_there_for_who_is_in_doubt(local: World, drop: Dropserver, state: Path) -> None:
    shown = {}
    for number, told in enumerate([{}, {"inOnderzoek": True}], start=1):
        knows(local, ANNA, 16 + number, "600.00", **told)
        drop.drop(number, (ANNA, 16 + number))
        local.run("recipient", "sync", *PARTY, "--state", state)
        shown[number] = local.run("recipient", "show", *PARTY, "--state", state, columns=80).stdout

    row = next(line for line in shown[1].splitlines() if ANNA in line)
    assert all(cell in row for cell in ("2024", "0.00", "600.00", "17"))
    assert ["In doubt" in each for each in shown.values()] == [False, True]


def test_a_statement_is_written_for_nobody_else(local: World, drop: Dropserver, state: Path) -> None:
    knows(local, ANNA, 17, "600.00")
    drop.drop(1, (ANNA, 17))
    local.run("recipient", "sync", *PARTY, "--state", state)

    result = local.run("recipient", "statement", "-", *PARTY, "--state", state, stdin=ANNA, columns=20)

    path = state / "statement.html"
    assert (result.exit_code, result.stdout) == (0, f"{path}\n")
    assert "€\N{NO-BREAK SPACE}600,00" in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_statement_of_somebody_unknown_is_an_error_without_the_number(local: World, state: Path) -> None:
    result = local.run("recipient", "statement", "-", *PARTY, "--state", state, stdin=BRAM, columns=200)

    assert result.exit_code == 1
    assert "1 of 1 are not among Infino Vlaanderen's persons here" in result.stderr
    assert BRAM not in result.stderr
    assert not (state / "statement.html").exists()


def test_a_statement_that_cannot_be_written_is_an_error_in_words(local: World, drop: Dropserver, state: Path) -> None:
    knows(local, ANNA, 17, "600.00")
    drop.drop(1, (ANNA, 17))
    local.run("recipient", "sync", *PARTY, "--state", state)

    result = local.run(
        "recipient", "statement", ANNA, *PARTY, "--state", state, "-o", state / "none" / "page.html", columns=300
    )

    assert result.exit_code == 1
    assert "cannot be written (No such file or directory)" in result.stderr


@pytest.mark.parametrize("columns", [30, 50, 66, 79, 200])
def test_no_figure_is_cut_however_narrow_the_screen(local: World, drop: Dropserver, state: Path, columns: int) -> None:
    knows(local, ANNA, 17, "123456789.78")
    drop.drop(1, (ANNA, 17))
    local.run("recipient", "sync", *PARTY, "--state", state)

    for since in ((), ("--since", "2026-04-01")):
        shown = local.run("recipient", "show", *PARTY, "--state", state, *since, columns=columns).stdout
        assert ANNA in shown
        assert "123456789.78" in shown
        assert "…" not in shown


HANDLE = "0f3" + "1" * 29


def put_out_stand(drop: Dropserver, *pairs: tuple[str, str], days: int = 0) -> None:
    """Have a stand lie in the folder, of a night so many days later."""
    ranges = ranges_of(Pair(*pair) for pair in pairs)
    content = Stand.of("0685540471", NOW + timedelta(days=days), ranges).to_json()
    drop.server.held[FOLDER, FILE_NAME] = content


def test_being_in_step_is_said_and_what_differed(local: World, drop: Dropserver, state: Path) -> None:
    local.api.handles[ANNA] = HANDLE
    knows(local, ANNA, 3, "600.00", versie="a" * 32)
    local.run("recipient", "add", ANNA, *PARTY, "--state", state)
    put_out_stand(drop, (HANDLE, "a" * 32))

    first = local.run("recipient", "sync", *PARTY, "--state", state, columns=200)
    knows(local, ANNA, 4, "25.00", versie="b" * 32)
    put_out_stand(drop, (HANDLE, "b" * 32), days=1)
    second = local.run("recipient", "sync", *PARTY, "--state", state, columns=200)
    said = read(local, "show", "--state", state)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert f"proven by the stand of {brussels_day(NOW)}, of 1 registration\n" in first.stdout
    assert f"│ {ANNA} │ outdated │ yes │" in " ".join(second.stdout.split())
    assert "1 mended" in second.stdout
    assert said["standing"]["inStep"] is True
    assert said["standing"]["stand"]["differed"] == [{"name": ANNA, "kind": "outdated", "healed": True}]
    assert drop.server.names(FOLDER) == []


def test_who_is_missing_here_is_found_from_the_own_list(
    local: World, drop: Dropserver, state: Path, tmp_path: Path
) -> None:
    local.api.handles[ANNA] = HANDLE
    knows(local, ANNA, 3, "600.00", versie="a" * 32)
    put_out_stand(drop, (HANDLE, "a" * 32))
    without = local.run("recipient", "sync", *PARTY, "--state", state, columns=200)
    put_out_stand(drop, (HANDLE, "a" * 32), days=1)
    own = tmp_path / "own.txt"
    own.write_text(f"{BRAM}\n{ANNA}\n")

    found = read(local, "sync", "--state", state, "--own", own)

    assert without.exit_code != 0
    assert "Not in step with the exchange: 1 of what differs could not be mended. Give your own list" in " ".join(
        without.stderr.split()
    )
    assert (found["differed"], found["healed"]) == ([{"name": ANNA, "kind": "not here", "healed": True}], 1)
    assert found["standing"]["inStep"] is True
