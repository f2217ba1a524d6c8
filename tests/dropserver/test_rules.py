"""The rules of the files' road: reading what servers say, telling a whole file from half of one, knowing it again."""

import gzip
import json
import textwrap
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jbplus.dropserver.budget import Budget, TimeIsUpError
from jbplus.dropserver.visits import Sighting, sightings
from jbplus.dropserver.whole import examine
from jbplus.ftps import certificates, listing
from jbplus.ftps.client import connect
from jbplus.ftps.server import DropserverError, RemoteFile
from jbplus_local.certificates import Authority
from tests.dropserver.odd import Ways, odd

AT = datetime(2026, 3, 5, 9, tzinfo=UTC)
MODIFIED = datetime(2025, 3, 4, 18, 30, tzinfo=UTC)
WHOLE = listing.Entry("a.json", kind_known=True, size=2, modified=MODIFIED)
BARE = listing.Entry("a.json")


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("type=file;size=2;modify=20250304183000; a.json", WHOLE),
        ("Type=File;SIZE=2;Modify=20250304183000.123;UNIX.mode=0644;unix.owner=a b; a.json", WHOLE),
        ("size=2;modify=20250304183000;type=file a.json", WHOLE),
        ("type=file;size=2;modify=20250304183000; /From_Vip/a.json", WHOLE),
        ("type=OS.unix=slink:/b;size=2;modify=20250304183000; a.json", WHOLE),
        ("type=file;modify=20250304183000; a.json", replace(WHOLE, size=None)),
        ("type=file;size=-2;modify=20250304183000; a.json", replace(WHOLE, size=None)),
        ("type=file;size=²;modify=20250304183000; a.json", replace(WHOLE, size=None)),
        ("type=file;size=2;modify=20251304183000; a.json", replace(WHOLE, modified=None)),
        ("type=file;size=2;modify=; a.json", replace(WHOLE, modified=None)),
        ("type=file;size=2; a b.json", listing.Entry("a b.json", kind_known=True, size=2)),
        ("size=2; a.json", BARE),
        (" a.json", BARE),
        ("a.json", BARE),
        ("type=file;size=2;modify=20250304183000;a.json", BARE),
        ("-rw-r--r-- 1 us us 2 Mar 4 18:30 a.json", BARE),
        ("type=dir;modify=20250304183000; a.json", None),
        ("type=cdir;modify=20250304183000; /a.json", None),
        ("type=file;size=2; a.txt", None),
        ("total 4", None),
    ],
)
def test_each_line_of_mlsd_that_ends_in_a_name_of_ours_counts(line: str, entry: listing.Entry | None) -> None:
    assert listing.read_facts(line, "a*.json") == entry


@example("/")
@example("aa/a")
@given(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])))
def test_no_line_of_a_listing_is_an_error(line: str) -> None:
    for read in (listing.read_facts, listing.read_name, listing.read_words):
        entry = read(line, "*")
        assert entry is None or "/" not in entry.name


@pytest.mark.parametrize(
    ("answer", "home"),
    [
        ('257 "/"', "/"),
        ('257 "/a ""b"" c" is where you are', '/a "b" c'),
        ("257 /a is where you are", "/a"),
        ('257 "C:/ftp"', "C:/ftp"),
        ('257 "here"', "/"),
        ("257 ", "/"),
        ("", "/"),
    ],
)
def test_where_a_login_begins(answer: str, home: str) -> None:
    assert listing.home(answer) == home


@pytest.mark.parametrize(
    ("refusals", "empty"),
    [
        (["550 No files found"], True),
        (["500 unknown", "450 nothing here", "502 command not allowed"], True),
        (["550 Permission denied"], False),
        (["550 not authorized", "550 No files found"], True),
        (["500 unknown"], False),
        (["426 cut"], False),
        ([], False),
    ],
)
def test_what_is_refused_for_having_nothing_is_empty(refusals: list[str], empty: bool) -> None:  # noqa: FBT001
    assert listing.is_empty(refusals) is empty


@pytest.mark.parametrize(
    ("content", "whole"),
    [
        (b"{}", True),
        (b' {"a": [1, 2.5e3, null, "\xc3\xa9"]}\n', True),
        (gzip.compress(b"anything", mtime=0), True),
        (gzip.compress(b"a", mtime=0) + gzip.compress(b"b", mtime=0), True),
        (b"", False),
        (b'{"a": "', False),
        (b'{"a": 1}}', False),
        (b'{"a": \0\0\0\0}', False),
        (b"no JSON", False),
        (gzip.compress(b"anything", mtime=0)[:-1], False),
        (gzip.compress(b"anything", mtime=0)[:9], False),
    ],
)
def test_a_file_is_whole_when_its_form_is_to_the_last_byte(content: bytes, *, whole: bool) -> None:
    pieces = [content[at : at + 3] for at in range(0, len(content), 3)]

    assert examine(pieces) == examine([content])
    assert examine(pieces).whole is whole


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda made: [made]), st.data())
def test_the_beginning_of_a_file_is_never_whole(made: object, data: st.DataObject) -> None:
    content = json.dumps(made).encode()
    half = content[: data.draw(st.integers(0, len(content) - 1))]

    assert examine([content]).whole
    assert not examine([half]).whole


def test_a_file_is_known_again_by_its_name_and_unchanged_by_all_that_is_told_of_it() -> None:
    file, later = RemoteFile("a.json", 2, MODIFIED), AT + timedelta(hours=2)
    (seen,) = sightings([file], (), AT).values()
    taken = seen.model_copy(update={"taken": "hash", "failed": True})

    def again(**changes: object) -> Sighting:
        changed = replace(file, **changes)  # type: ignore[arg-type]  # any field
        return sightings([changed], [taken], later)[changed]

    assert again() == taken
    # The server's time says nothing of what is in it; that it changed makes it young.
    assert (again(modified=None).first, again(modified=None).still, again(modified=None).taken) == (AT, later, "hash")
    assert (again(size=3).first, again(size=3).still, again(size=3).taken) == (AT, later, None)
    assert again(name="b.json").first == later
    assert [again().waits_long(AT + timedelta(minutes=minutes)) for minutes in (60, 61)] == [False, True]


def test_a_file_has_its_time_and_leaves_the_end_of_the_visit_alone() -> None:
    left = 900.0
    budgets = [Budget.of(lambda: left, 300), Budget.of(lambda: left, 880)]

    left = 601
    for budget in budgets:
        budget.check()
    left = 599
    budgets[1].check()
    with pytest.raises(TimeIsUpError):
        budgets[0].check()
    left = 59
    with pytest.raises(TimeIsUpError):
        list(budgets[1].blocks([b""]))


OURS = Authority().client("exchange")


@pytest.mark.parametrize(
    "pasted",
    [
        f"# Uitgever: België\n{OURS.certificate}",
        OURS.certificate.replace("\n", " "),
        OURS.certificate.replace("\n", "\\n"),
        OURS.certificate.replace("\n", "\r\n"),
        textwrap.indent(OURS.certificate, "  "),
        "\ufeff" + OURS.certificate.rstrip(),
        OURS.key + OURS.certificate,
    ],
)
def test_a_certificate_is_found_however_it_was_pasted(pasted: str) -> None:
    assert certificates.blocks(pasted, certificates.CERTIFICATE) == [OURS.certificate]


def test_a_key_on_one_line_is_a_key() -> None:
    with odd() as server:
        access = server.access
        pasted = {name: getattr(access, name).replace("\n", " ") for name in ("ca", "certificate", "key")}
        with connect(replace(access, **pasted)) as connected:
            assert connected.files("From_Vip", "*") == []


@pytest.mark.parametrize("days", [-1, 10, 40_000])
def test_the_end_of_a_certificate_is_read(days: int) -> None:
    (certificate,) = certificates.blocks(Authority().server(days=days).certificate, certificates.CERTIFICATE)

    expected = datetime.now(UTC) + timedelta(days=days)
    assert abs(certificates.expires(certificate) - expected) < timedelta(hours=1)


def test_of_a_chain_the_first_end_counts() -> None:
    authority = Authority()
    soon = authority.server(days=3).certificate
    with odd() as server:
        access = replace(server.access, certificate=server.access.certificate + soon)

    assert access.expires() == certificates.expires(soon)
    assert replace(access, certificate="none").expires() is None


def test_no_text_is_a_certificate_by_accident() -> None:
    for text in ("-----BEGIN CERTIFICATE-----\nMAAw\n-----END CERTIFICATE-----\n", OURS.key):
        with pytest.raises(ValueError, match=r"."):
            certificates.expires(text)


def test_an_expired_certificate_of_ours_is_called_that() -> None:
    with odd({}, Ways({"PASS": "530 no"})) as server:
        old = Authority().client("exchange", days=-1)
        access = replace(server.access, certificate=old.certificate, key=old.key)
        with (
            pytest.raises(DropserverError, match=r"login is refused.*Our certificate expired on \d{4}-\d\d-\d\d"),
            connect(access),
        ):
            pytest.fail("connected")


def test_an_issuing_authority_alone_is_trusted_when_it_is_named() -> None:
    issuing = Authority("issuing", Authority("root"))

    with odd({}, authority=issuing) as server, connect(server.access) as connected:
        assert connected.files("From_Vip", "*") == []
