"""`jbplus stand-key`: the key that WEWIS compares its books with."""

import json
from pathlib import Path

import pytest

from jbplus.source_stand.rules import mark_of_key
from tests.cli.keyed import K1, make_keyed, ring
from tests.cli.world import World


@pytest.fixture
def keyed(local: World) -> World:
    make_keyed(local)
    return local


def test_the_key_is_written_for_its_owner_alone_and_never_shown(keyed: World, tmp_path: Path) -> None:
    there = tmp_path / "new" / "stand.key"

    result = keyed.run("stand-key", "-o", there, "--json")

    key = ring(keyed).pseudonyms.key_of_source_stand()
    assert result.exit_code == 0, result.stderr
    assert there.read_text(encoding="ascii") == key.hex()
    assert there.stat().st_mode & 0o777 == 0o600
    assert json.loads(result.stdout) == {"file": str(there), "sleutel": mark_of_key(key)}
    assert not any(secret in result.output for secret in (key.hex(), K1))


def test_it_is_the_same_after_a_rotation(keyed: World, tmp_path: Path) -> None:
    keyed.run("stand-key", "-o", tmp_path / "before")
    assert keyed.run("rekey", "--yes").exit_code == 0
    keyed.run("stand-key", "-o", tmp_path / "after")

    assert (tmp_path / "before").read_bytes() == (tmp_path / "after").read_bytes()


def test_a_place_that_cannot_be_written_is_told(keyed: World, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")

    result = keyed.run("stand-key", "-o", tmp_path / "file" / "key")

    assert (result.exit_code, "cannot be written" in " ".join(result.stderr.split())) == (1, True)


def test_a_secret_that_holds_no_keys_is_told_without_it(keyed: World, tmp_path: Path) -> None:
    assert keyed.behind.secrets is not None
    keyed.behind.secrets.put_secret_value(SecretId="pseudonyms", SecretString='{"version": 1, "k1": "geheim"}')

    result = keyed.run("stand-key", "-o", tmp_path / "key")

    assert (result.exit_code, "geheim" in result.output + result.stderr) == (1, False)
    assert not (tmp_path / "key").exists()
