"""The tree is that of RFC 6962, and the signature that of P-256: against a naive reading and another library."""

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from jbplus.checkpoints import rules, verify
from jbplus.checkpoints.verify import Record, Segment
from tests.checkpoints.fakes import new_key, public

SEED = b"s" * 32
SIZES = [1, 2, 3, 100, 4096, 4097]


def root_by_the_rfc(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, word for word; the leaves are hashes of leaves already."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + root_by_the_rfc(leaves[:k]) + root_by_the_rfc(leaves[k:])).digest()


def records(count: int) -> list[Record]:
    return [Record(b'{"entry":"%d"}' % n, b'{"subject":"s"}') for n in range(count)]


def segment(count: int, seed: bytes = SEED) -> Segment:
    moment = "2026-03-05T09:00:00.000000+00:00"
    return Segment.of(1, moment, records(count), seed, occasion="", is_full=False)


@given(st.integers(0, 6), st.binary(min_size=32, max_size=32))
def test_the_root_is_the_rfcs(power: int, start: bytes) -> None:
    leaves = [hashlib.sha256(start + bytes([n])).digest() for n in range(2**power)]

    assert verify.root_of(leaves) == root_by_the_rfc(leaves)


@pytest.mark.parametrize("count", SIZES)
def test_each_record_of_a_segment_is_proven(count: int) -> None:
    made = segment(count)
    root = verify.root_of(made.ordered)
    for place in {0, count // 2, count - 1}:
        told, _ = made.records[place].hashes
        proof = rules.Prover(made).proof(place)
        hashed = verify.leaf(bytes.fromhex(proof["zout"]), told, bytes.fromhex(proof["rest"]))

        assert verify.climb(hashed, proof["plaats"], map(bytes.fromhex, proof["pad"])) == root
        other = verify.leaf(bytes.fromhex(proof["zout"]), told[::-1], bytes.fromhex(proof["rest"]))
        assert verify.climb(other, proof["plaats"], map(bytes.fromhex, proof["pad"])) != root


def test_a_proof_tells_nothing_of_how_many_records_its_hour_had() -> None:
    made = segment(4096)
    prover = rules.Prover(made)
    few = [rules.Prover(segment(1, bytes([n]) * 32)).proof(0) for n in range(12)]
    many = [prover.proof(place) for place in range(0, 4096, 400)]

    assert len(made.ordered) == 4096
    assert {len(proof["pad"]) for proof in few + many} == {12}
    for proofs in (few, many):
        places = [proof["plaats"] for proof in proofs]
        assert min(places) < 1024
        assert max(places) > 3072


def test_trees_have_few_sizes() -> None:
    assert [len(segment(count).ordered) for count in (0, 1, 4096, 4097)] == [4096, 4096, 4096, 65536]


def test_leaves_are_salted() -> None:
    alike = [Record(b"{}", b"{}")] * 3
    made = Segment.of(1, "2026-03-05T09:00:00+00:00", alike, SEED, occasion="", is_full=False)

    assert len(set(made.leaves)) == 3


@given(st.integers(1, verify._N - 1), st.binary(max_size=200))
@settings(max_examples=10)
def test_a_signature_of_another_library_is_taken_and_none_of_another_key_or_text(number: int, message: bytes) -> None:
    key = new_key(number)
    signature = key.sign(message, ec.ECDSA(hashes.SHA256()))

    assert verify.is_signed(message, signature, public(key))
    assert not verify.is_signed(message + b".", signature, public(key))
    assert not verify.is_signed(message, signature, public(new_key(number % 1000 + 2)))


SIGNED = new_key().sign(b"text", ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize(
    "signature",
    [SIGNED[:-1], SIGNED + b"\0", b"", b"0", b"\x30\x06\x02\x01\x00\x02\x01\x00", b"\x30\x00"],
    ids=["cut", "longer", "empty", "a letter", "zeros", "nothing in it"],
)
def test_what_has_not_the_form_of_a_signature_is_none(signature: bytes) -> None:
    assert verify.is_signed(b"text", SIGNED, public(new_key()))
    assert not verify.is_signed(b"text", signature, public(new_key()))


@pytest.mark.parametrize("place", [0, 20, 30, 90])
def test_a_key_off_its_curve_or_of_another_kind_signs_nothing(place: int) -> None:
    key = bytearray(public(new_key()))
    key[place] ^= 1

    assert not verify.is_signed(b"text", SIGNED, bytes(key))


@given(st.binary(max_size=100))
def test_any_bytes_are_a_signature_or_not(signature: bytes) -> None:
    assert not verify.is_signed(b"text", signature, public(new_key()))
