"""Reading the exchange's notices: all of it checked, and no value in what is said about it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from jbplus_recipient.notices import NoticeError, read_notice
from tests.recipient.fakes import INFINO, notice
from tests.support.people import ANNA, BRAM

Document = dict[str, Any]


def read(document: object) -> dict[str, int]:
    return read_notice(json.dumps(document).encode(), recipient=INFINO).told()


def test_the_highest_volgnummer_of_each_person_is_told() -> None:
    assert read(notice(5, [(ANNA, 17), (BRAM, 16), (ANNA, 16)])) == {ANNA: 17, BRAM: 16}


def test_a_notice_about_nobody_is_one_too() -> None:
    assert read(notice(1, [])) == {}


def changed(path: str, value: object) -> Callable[[Document], None]:
    *folders, last = path.split("/")

    def change(document: Any) -> None:
        for folder in folders:
            document = document[int(folder) if folder.isdecimal() else folder]
        document[last] = value

    return change


def without(path: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        folder, name = path.split("/")
        del document[folder][name]

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (changed("context/naam", "PubliceerMutatieJobbonusPlus"), "/context/naam is not as agreed"),
        (changed("context/versie", "02.00.0000"), "/context/versie is not as agreed"),
        (changed("context/referte", "5"), "/context/referte is not as agreed"),
        (changed("context/volgnummer", 0), "/context/volgnummer is not as agreed"),
        (changed("context/volgnummer", "5"), "/context/volgnummer is not as agreed"),
        (changed("context/tijdstip", "2025-03-05T04:00:01"), "/context/tijdstip is not as agreed"),
        (changed("context/afzender", "0685540471"), "/context/afzender is not WEWIS"),
        (changed("context/ontvanger", "0687467902"), "/context/ontvanger is not Infino Vlaanderen"),
        (changed("context/aantal", 3), "it does not hold as many notifications as its context says"),
        (changed("notificaties/1/insz", "12345678901"), "/notificaties/1/insz is not a person number"),
        (changed("notificaties/1/type", "04"), "/notificaties/1/type is not as agreed"),
        (changed("notificaties/1/volgnummer", 10**16), "/notificaties/1/volgnummer is not as agreed"),
        (changed(f"notificaties/1/{BRAM}", "600.00"), "/notificaties/1 has a field that was not agreed"),
        (without("context/ontvanger"), "/context/ontvanger is missing"),
    ],
)
def test_what_is_wrong_is_said_by_place_and_never_by_value(change: Callable[[Document], None], words: str) -> None:
    document = notice(5, [(ANNA, 17), (BRAM, 17)])
    change(document)

    with pytest.raises(NoticeError) as caught:
        read(document)

    assert str(caught.value) == words
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"\xff"', json.dumps(notice(1, [(ANNA, 1)])).encode()[:-1]])
def test_a_file_that_is_cut_off_or_something_else_is_no_notice(content: bytes) -> None:
    with pytest.raises(NoticeError):
        read_notice(content, recipient=INFINO)
