"""Pseudonyms: what the tables hold instead of a person's number."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jbplus.errors import UnavailableError
from jbplus.persons.pseudonym import InvalidKeysError, KeyRing, Name, Pseudonyms, derived
from jbplus.protocol.parties import PARTIES
from tests.support.known import INFINO
from tests.support.people import ANNA, BRAM

K1, K2 = "a" * 64, "b" * 64
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["version", "k1", "k2"]), inner),
    max_leaves=5,
)


def secret(**document: Any) -> str:
    return json.dumps(document)


def test_a_pseudonym_is_hmac_sha_256() -> None:
    """RFC 4231, test case 1."""
    pseudonyms = Pseudonyms((b"\x0b" * 20,))

    assert pseudonyms("Hi There") == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"


def test_a_rotation_needs_the_pseudonym_and_not_the_number() -> None:
    first, second = KeyRing.from_secret(secret(version=1, k1=K1)).pseudonyms, Pseudonyms((K2.encode(),))

    rotated = KeyRing.from_secret(secret(version=2, k1=K1, k2=K2)).pseudonyms

    assert rotated(ANNA) == second(first(ANNA))
    assert (first.version, rotated.version) == (1, 2)


def test_the_pseudonyms_of_every_version_are_those_that_each_version_made() -> None:
    """Records of the privacy log keep the key version they were written with (contract, section 7)."""
    first = KeyRing.from_secret(secret(version=1, k1=K1)).pseudonyms
    second = KeyRing.from_secret(secret(version=2, k1=K1, k2=K2)).pseudonyms

    assert second.of_every_version(ANNA) == (first(ANNA), second(ANNA))
    assert first.of_every_version(ANNA) == (first(ANNA),)


@pytest.mark.parametrize("use", ["", "seal of a page", "person for 0685540471"])
def test_keys_are_derived_by_hkdf(use: str) -> None:
    """RFC 5869, against an implementation that is not ours."""
    theirs = HKDF(SHA256(), length=32, salt=None, info=use.encode()).derive(K1.encode())

    assert derived(K1.encode(), use) == theirs


def test_a_key_is_derived_as_the_standard_has_it() -> None:
    """RFC 5869, test case 3: its first block."""
    assert derived(b"\x0b" * 22, "").hex() == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"


def test_a_seal_depends_on_the_text_and_outlives_a_rotation_and_no_more() -> None:
    first, second, third = (Pseudonyms((K1.encode(), K2.encode(), b"c" * 32)[:n]) for n in (1, 2, 3))
    seal = first.seal("a")

    assert [keys.is_seal(seal, "a") for keys in (first, second, third)] == [True, True, False]
    assert not first.is_seal(seal, "b")
    assert not first.is_seal("", "a")
    assert not first.is_seal("é", "a")


def test_no_pseudonym_is_a_seal_whatever_is_taken_for_a_number() -> None:
    """A call may name anything at all as a person's number, and is shown a pseudonym of it."""
    pseudonyms = Pseudonyms((K1.encode(),))

    for text in (ANNA, "seal of a page", 'seal ["0685540471", null]'):
        for forged in (text, f"seal {text}"):
            shown = [pseudonyms(forged), pseudonyms.for_party(INFINO, pseudonyms.names(forged)[0])]
            assert not any(pseudonyms.is_seal(each, text) for each in shown)


def test_each_party_knows_a_person_by_another_pseudonym_and_none_by_that_of_the_tables() -> None:
    pseudonyms = Pseudonyms((K1.encode(), K2.encode()))
    names = [Name(made, version) for version, made in enumerate(pseudonyms.of_every_version(ANNA), start=1)]

    shown = {party.kbo: {pseudonyms.for_party(party.kbo, name) for name in names} for party in PARTIES}

    assert all(len(each) == 1 for each in shown.values())
    assert len(set.union(*shown.values(), {name.person for name in names})) == len(PARTIES) + len(names)
    assert pseudonyms.for_party(INFINO, pseudonyms.names(BRAM)[0]) not in shown[INFINO]


def test_a_name_of_a_key_that_is_not_there_is_of_no_use() -> None:
    for version in (0, 2):
        with pytest.raises(UnavailableError):
            Pseudonyms((K1.encode(),)).for_party(INFINO, Name("a", version))


def test_a_pseudonym_depends_on_the_person_and_on_the_key() -> None:
    first, second = Pseudonyms((K1.encode(),)), Pseudonyms((K2.encode(),))

    assert len({first(ANNA), first(BRAM), second(ANNA), second(BRAM)}) == 4
    assert first(ANNA) == Pseudonyms((K1.encode(),))(ANNA)


def test_a_key_that_waits_for_its_version_is_not_used() -> None:
    waiting = KeyRing.from_secret(secret(version=1, k1=K1, k2=K2)).pseudonyms

    assert waiting(ANNA) == Pseudonyms((K1.encode(),))(ANNA)


def test_the_keys_are_not_in_what_is_printed_of_them() -> None:
    pseudonyms = KeyRing.from_secret(secret(version=2, k1=K1, k2=K2)).pseudonyms

    assert [key for key in (K1, K2) if key in f"{pseudonyms} {pseudonyms!r}"] == []


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="empty"),
        pytest.param(f"k1={K1}", id="not JSON"),
        pytest.param(f'"{K1}"', id="text"),
        pytest.param(json.dumps([K1]), id="list"),
        pytest.param(secret(k1=K1), id="no version"),
        pytest.param(secret(version=0, k1=K1), id="version 0"),
        pytest.param(secret(version="one", k1=K1), id="version in words"),
        pytest.param(secret(version=None, k1=K1), id="version null"),
        pytest.param(f'{{"version": 1e999, "k1": "{K1}"}}', id="version without end"),
        pytest.param(secret(version=2, k1=K1), id="newest key missing"),
        pytest.param(secret(version=2, k2=K2), id="oldest key missing"),
        pytest.param(secret(version=1, k1=K1[:31]), id="short key"),
        pytest.param(secret(version=2, k1=K1, k2=K2[:31]), id="one short key of two"),
        pytest.param(secret(version=1, k1=None), id="key null"),
    ],
)
def test_a_bad_secret_is_refused_without_its_content(content: str) -> None:
    with pytest.raises(InvalidKeysError) as refused:
        KeyRing.from_secret(content)

    assert K1[:31] not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


@settings(max_examples=200)
@example({"version": 1, "k1": K1})
@given(JSON)
def test_any_secret_gives_keys_or_is_refused(document: object) -> None:
    try:
        pseudonyms = KeyRing.from_secret(json.dumps(document)).pseudonyms
    except InvalidKeysError:
        return
    assert pseudonyms.version >= 1
    assert all(len(key) >= 32 for key in pseudonyms.keys)
