"""Pseudonyms: what the tables hold instead of a person's number."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jbplus.persons.pseudonym import InvalidKeysError, Pseudonyms
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
    first, second = Pseudonyms.from_secret(secret(version=1, k1=K1)), Pseudonyms((K2.encode(),))

    rotated = Pseudonyms.from_secret(secret(version=2, k1=K1, k2=K2))

    assert rotated(ANNA) == second(first(ANNA))
    assert (first.version, rotated.version) == (1, 2)


def test_the_pseudonyms_of_every_version_are_those_that_each_version_made() -> None:
    """Records of the privacy log keep the key version they were written with (contract, section 7)."""
    first = Pseudonyms.from_secret(secret(version=1, k1=K1))
    second = Pseudonyms.from_secret(secret(version=2, k1=K1, k2=K2))

    assert second.of_every_version(ANNA) == (first(ANNA), second(ANNA))
    assert first.of_every_version(ANNA) == (first(ANNA),)


def test_a_seal_depends_on_the_text_and_on_the_oldest_key_alone() -> None:
    first, rotated = Pseudonyms((K1.encode(),)), Pseudonyms((K1.encode(), K2.encode()))

    assert first.seal("a") == rotated.seal("a")
    assert len({first.seal("a"), first.seal("b"), Pseudonyms((K2.encode(),)).seal("a")}) == 3


def test_a_seal_on_a_number_is_not_the_persons_pseudonym() -> None:
    pseudonyms = Pseudonyms((K1.encode(),))

    assert pseudonyms.seal(ANNA) != pseudonyms(ANNA)


def test_a_pseudonym_depends_on_the_person_and_on_the_key() -> None:
    first, second = Pseudonyms((K1.encode(),)), Pseudonyms((K2.encode(),))

    assert len({first(ANNA), first(BRAM), second(ANNA), second(BRAM)}) == 4
    assert first(ANNA) == Pseudonyms((K1.encode(),))(ANNA)


def test_a_key_that_waits_for_its_version_is_not_used() -> None:
    waiting = Pseudonyms.from_secret(secret(version=1, k1=K1, k2=K2))

    assert waiting(ANNA) == Pseudonyms((K1.encode(),))(ANNA)


def test_the_keys_are_not_in_what_is_printed_of_them() -> None:
    pseudonyms = Pseudonyms.from_secret(secret(version=2, k1=K1, k2=K2))

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
        Pseudonyms.from_secret(content)

    assert K1[:31] not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


@settings(max_examples=200)
@example({"version": 1, "k1": K1})
@given(JSON)
def test_any_secret_gives_keys_or_is_refused(document: object) -> None:
    try:
        pseudonyms = Pseudonyms.from_secret(json.dumps(document))
    except InvalidKeysError:
        return
    assert pseudonyms.version >= 1
    assert all(len(key) >= 32 for key in pseudonyms.keys)
