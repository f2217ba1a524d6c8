"""Visits to servers that do things in their own way: what is there comes in, what waits goes out, nothing is lost."""

import io
import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from jbplus.dropserver.round import Counts, Round, RoundFailedError
from jbplus.dropserver.sending import Parcel
from jbplus.ftps.access import Access
from jbplus.ftps.client import connect
from jbplus.ftps.server import ConnectionLostError, DropserverError, RemoteFile, upload
from tests.dropserver.fakes import FakeBucket, FakeServer, Site
from tests.dropserver.odd import Ways, odd, usual_facts
from tests.support.known import INFINO

STEM = "werk.publiceermutatiejobbonusplus-0100_2025030418300000"
NAME, OTHER = f"{STEM}0.json", f"{STEM}1.json"
A = Parcel(INFINO, "a.json")
NLST_ONLY = {"FEAT": "211-\r\n SIZE\r\n MDTM\r\n211 end"}
LATIN_1 = "accès accordé à la boîte"  # sent as Latin-1


def site_of(access: Access, bucket: FakeBucket) -> tuple[Site, Round]:
    site = Site(FakeServer(), bucket, bucket)
    made = site.round()
    return site, Round(lambda: connect(access), made.taking, made.sending, made.logger, made.metrics)


def visit(access: Access, bucket: FakeBucket) -> Counts:
    return site_of(access, bucket)[1].run(lambda: 900.0)


def failing_visit(access: Access, bucket: FakeBucket) -> list[str]:
    """Do a round that fails; give the reasons in its log."""
    site, made = site_of(access, bucket)
    with pytest.raises(RoundFailedError):
        made.run(lambda: 900.0)
    lines = [json.loads(line) for line in site.written.getvalue().splitlines()]
    return [line["reason"] for line in lines if line["level"] == "ERROR"]


WAYS = {
    "as the standards have it": Ways(),
    "says that it is not ready yet": Ways(before_greeting=b"120 in a minute\r\n"),
    "greets in several lines, in Latin-1": Ways(before_greeting=f"220-{LATIN_1}\r\n".encode("latin-1")),
    "speaks Latin-1 after the login": Ways({"PASS": f"230 {LATIN_1}"}),
    "speaks Latin-1 after a transfer": Ways(complete=f"226 {LATIN_1}"),
    "speaks Latin-1 at the end": Ways({"QUIT": f"221 {LATIN_1}"}),
    "hangs up at the end": Ways({"QUIT": "hang up"}),
    "is content with the certificate": Ways({"USER": "232 logged in by certificate"}),
    "wants no PBSZ": Ways({"PBSZ": "503 not needed"}),
    "tells no features": Ways({"FEAT": "500 unknown"}),
    "refuses PWD": Ways({"PWD": "550 permission denied"}),
    "puts no quotes around its folder": Ways({"PWD": "257 / is the current directory"}),
    "knows no PASV": Ways({"PASV": "500 unknown"}),
    "answers PASV with no address": Ways({"PASV": "227 entering passive mode"}),
    "knows MLST, and no MLSD": Ways({"MLSD": "500 unknown"}),
    "allows no MLSD": Ways({"MLSD": "550 permission denied"}),
    "knows MLSD alone": Ways({**NLST_ONLY, "NLST": "502 unknown"}),
    "knows LIST alone": Ways({**NLST_ONLY, "NLST": "502 unknown", "MLSD": "500 unknown"}),
    "knows NLST alone": Ways({**NLST_ONLY, "MLSD": "500 unknown"}),
    "knows no SIZE": Ways({"SIZE": "502 unknown"}),
    "knows no SIZE and no MLSD": Ways({**NLST_ONLY, "SIZE": "502 unknown", "MLSD": "500 unknown"}),
    "tells a size that is none": Ways({"SIZE": "213 many"}),
    "allows no MDTM": Ways({**NLST_ONLY, "MDTM": "550 permission denied"}),
    "allows neither SIZE nor MDTM": Ways({**NLST_ONLY, "MDTM": "550 no", "SIZE": "550 no"}),
    "tells a time with MDTM and another with MLSD": Ways({"MDTM": "213 20250304193000"}),
    "lists names with a dot": Ways(NLST_ONLY, listed_name=lambda _, name: f"./{name}"),
    "lists names with the folder": Ways(NLST_ONLY, listed_name=lambda folder, name: f"{folder[1:]}/{name}"),
    "lists whole paths": Ways(NLST_ONLY, listed_name=lambda folder, name: f"{folder}/{name}"),
    "lists paths as Windows has them": Ways(NLST_ONLY, listed_name=lambda folder, name: f"{folder[1:]}\\{name}"),
    "lists times that are none": Ways(facts=lambda name, size: f"type=file;size={size};modify=00000000000000; {name}"),
    "lists no times": Ways(facts=lambda name, size: f"type=file;size={size}; {name}"),
    "lists no sizes": Ways(facts=lambda name, _: f"type=file;modify=20250304183000; {name}"),
    "lists no types": Ways(facts=lambda name, size: f"size={size};modify=20250304183000; {name}"),
    "lists no facts": Ways(facts=lambda name, _: f" {name}"),
    "ends facts without a semicolon": Ways(facts=lambda name, size: f"type=file;size={size} {name}"),
    "lists links": Ways(facts=lambda name, size: f"type=OS.unix=slink:/x;size={size}; {name}"),
    "answers MLSD as if it were LIST": Ways(facts=lambda name, size: f"-rw-r--r-- 1 us us {size} Mar 4 18:30 {name}"),
    "does not say farewell in TLS": Ways(farewell=False),
    "has TLS from the first byte": Ways(implicit=True),
}


@pytest.mark.parametrize("ways", WAYS.values(), ids=WAYS.keys())
def test_a_file_comes_and_a_file_goes(ways: Ways) -> None:
    bucket = FakeBucket(outgoing={A: b"a notice"})

    with odd({f"/From_Vip/{NAME}": b"[1]"}, ways) as server:
        assert visit(server.access, bucket) == Counts(taken=1, sent=1)

    assert bucket.arrived == [(NAME, b"[1]")]
    assert server.files == {f"/To_Vip/{INFINO}/a.json": b"a notice"}
    assert server.stored == 1


EMPTY = {
    "sends nothing": Ways(),
    "refuses with 550": Ways({**NLST_ONLY, "MLSD": "500 unknown"}, nothing_to_list="550 No files found"),
    "refuses with 450": Ways({**NLST_ONLY, "MLSD": "500 unknown"}, nothing_to_list="450 No files found"),
    "refuses MLSD too": Ways(nothing_to_list="550 The system cannot find the file specified."),
    "says that all is done already": Ways(nothing_to_list="226 nothing to send"),
}


@pytest.mark.parametrize("ways", EMPTY.values(), ids=EMPTY.keys())
def test_an_empty_folder_is_no_failure(ways: Ways) -> None:
    with odd({}, ways) as server:
        assert visit(server.access, FakeBucket()) == Counts()


@pytest.mark.parametrize("answer", ["550 Permission denied", "550 not allowed", "451 failed", "530 log in"])
def test_a_folder_that_may_not_be_listed_is_not_an_empty_one(answer: str) -> None:
    ways = Ways(dict.fromkeys(("MLSD", "NLST", "LIST"), answer))

    with odd({f"/From_Vip/{NAME}": b"[1]"}, ways) as server:
        (reason,) = failing_visit(server.access, FakeBucket())

    assert "listing From_Vip: " in reason
    assert answer[:3] in reason


def test_a_folder_among_names_is_no_file() -> None:
    """NLST does not tell folders from files."""
    ways = Ways({**NLST_ONLY, "MLSD": "500 unknown"}, folder=NAME)
    bucket = FakeBucket()

    with odd({f"/From_Vip/{OTHER}": b"[1]"}, replace(ways, listed_name=lambda _, name: f"{name}\r\n{NAME}")) as server:
        assert visit(server.access, bucket) == Counts(taken=1)

    assert bucket.arrived == [(OTHER, b"[1]")]


def test_one_odd_line_does_not_keep_the_others() -> None:
    def facts(name: str, size: int) -> str:
        return usual_facts(name, size) if name == OTHER else f"type=file;size=no;modify=never;; {name}"

    bucket = FakeBucket()
    with odd({f"/From_Vip/{NAME}": b"[1]", f"/From_Vip/{OTHER}": b"[2]"}, Ways(facts=facts)) as server:
        assert visit(server.access, bucket) == Counts(taken=2)

    assert sorted(bucket.arrived) == [(NAME, b"[1]"), (OTHER, b"[2]")]


@pytest.mark.parametrize("name", [f"{STEM}\x07.json", f"{STEM}\udce9.json"])
def test_a_name_that_cannot_be_said_is_told(name: str) -> None:
    bucket = FakeBucket()
    with odd({f"/From_Vip/{name}": b"[1]", f"/From_Vip/{NAME}": b"[2]"}) as server:
        (reason,) = failing_visit(server.access, bucket)

    assert "holds a character that FTP cannot say" in reason
    assert bucket.arrived == [(NAME, b"[2]")]


def test_a_file_that_cannot_be_read_is_told_and_the_others_come() -> None:
    bucket = FakeBucket(outgoing={A: b"a notice"})
    with odd({f"/From_Vip/{NAME}": b"[1]"}, Ways({"RETR": "550 permission denied"})) as server:
        (reason,) = failing_visit(server.access, bucket)

    assert "fetching from From_Vip: it is not there, or not allowed" in reason
    assert bucket.outgoing == {}


def test_a_confirmation_that_comes_too_late_is_not_another_upload() -> None:
    bucket = FakeBucket(outgoing={A: b"a notice"})
    ways = Ways(complete="say nothing")
    with odd({}, ways) as server:
        reasons = failing_visit(replace(server.access, timeout=0.5, patience=0.5), bucket)
        assert "did not confirm a file within 0.5 s" in reasons[0]
        ways.complete = "226 complete"
        assert visit(server.access, bucket) == Counts(sent=1)

    assert server.stored == 1
    assert server.files == {f"/To_Vip/{INFINO}/a.json": b"a notice"}


def test_implicit_tls_is_not_tried_on_a_server_that_waits_for_auth() -> None:
    with odd() as server:
        (reason,) = failing_visit(replace(server.access, implicit=True), FakeBucket())

    assert "no TLS is spoken there" in reason


def test_a_server_that_waits_for_tls_is_told_as_one() -> None:
    with odd({}, Ways(implicit=True)) as server:
        (reason,) = failing_visit(replace(server.access, implicit=False, timeout=0.5), FakeBucket())

    assert "it must be reached with implicit TLS" in reason


@pytest.mark.parametrize("ignores_rest", [False, True])
def test_a_file_goes_on_where_it_is_told_to_or_is_not_taken_for_whole(*, ignores_rest: bool) -> None:
    content = b"0123456789"
    file = RemoteFile("a.json", len(content), datetime(2025, 3, 4, tzinfo=UTC))
    into = io.BytesIO()

    with odd({"/From_Vip/a.json": content}, Ways(ignores_rest=ignores_rest)) as server, connect(server.access) as ours:
        if ignores_rest:
            with pytest.raises(DropserverError, match="14 bytes came of a file of 10"):
                ours.fetch("From_Vip", file, into, start=4)
        else:
            ours.fetch("From_Vip", file, into, start=4)
            assert into.getvalue() == content[4:]


def test_an_upload_over_a_file_that_may_not_be_written_over_takes_its_place() -> None:
    with odd({f"/To_Vip/{INFINO}/a.json": b"older"}) as server, connect(server.access) as ours:
        upload(ours, f"To_Vip/{INFINO}", "a.json", io.BytesIO(b"newer"), 5)

    assert server.files == {f"/To_Vip/{INFINO}/a.json": b"newer"}


def test_the_end_of_the_servers_certificate_is_told_and_remembered() -> None:
    bucket = FakeBucket()
    with odd() as server:
        visit(server.access, bucket)

    assert bucket.last is not None
    assert bucket.last.server_certificate is not None
    assert timedelta(0) < bucket.last.server_certificate - datetime.now(UTC) < timedelta(days=3660)


def test_nothing_but_our_errors_leaves_connect() -> None:
    ways = Ways(before_greeting=b"\xff\xfe nonsense\r\n")
    with odd({}, ways) as server, pytest.raises(DropserverError), connect(server.access):
        pytest.fail("connected")
    with pytest.raises(ConnectionLostError, match="name is not known"), connect(replace(server.access, host="x" * 70)):
        pytest.fail("connected")


def test_a_round_whose_connection_fails_unexpectedly_is_told() -> None:
    def connecting() -> None:
        raise TypeError("a value")

    site, made = site_of(Access("", 0, "", "", "", "", ""), FakeBucket())
    made = replace(made, connect=connecting)  # type: ignore[arg-type]  # it never gives anything
    with pytest.raises(RoundFailedError, match="DROP006 TypeError"):
        made.run(lambda: 900.0)

    with closing(site.written) as written:
        lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line["message"][:7] for line in lines] == ["DROP006", "DROP007"]
    assert "a value" not in str(lines)
    assert site.metrics.metric_set["DropserverFailures"]["Value"][-1] == 1
