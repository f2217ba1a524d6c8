"""How a container reaches the local stack, and what `make invoke` says when it cannot run."""

import json
import socket
import threading
from pathlib import Path

import pytest

from jbplus_local import template
from jbplus_local.containers import NAME, reachable
from jbplus_local.errors import LocalStackError
from jbplus_local.invoke import port_of, sample_event

ROOT = Path(__file__).parents[1]
FUNCTIONS = [name for name in template.code_folders(template.read(ROOT / "template.yaml")) if name.endswith("Function")]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_function_has_a_sample_event(function: str) -> None:
    assert isinstance(json.loads(sample_event(ROOT, function).read_bytes()), dict)


@pytest.mark.parametrize("function", ["", "Consultation", "JbplusLayer"])
def test_which_functions_there_are_is_said(function: str) -> None:
    with pytest.raises(LocalStackError, match=r"There are: .*ConsultationFunction"):
        sample_event(ROOT, function)


def test_without_a_local_stack_it_is_said_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(LocalStackError, match="make run"):
        port_of(tmp_path)
    (tmp_path / "endpoints.json").write_text('{"aws": "http://127.0.0.1:4566"}')
    with pytest.raises(LocalStackError, match=r"functions\.json is missing"):
        port_of(tmp_path)
    (tmp_path / "functions.json").write_text("{}")
    assert port_of(tmp_path) == 4566


def answering_once(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.sendall(connection.recv(100).upper())


def test_the_relay_passes_on_both_ways_and_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        threading.Thread(target=answering_once, args=(server,), daemon=True).start()
        with reachable("127.0.0.2", port) as how, socket.create_connection(("127.0.0.2", port)) as connection:
            connection.sendall(b"hello")
            assert connection.recv(100) == b"HELLO"
            assert connection.recv(100) == b""
        assert how == ["--add-host", f"{NAME}:127.0.0.2"]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port))


def test_an_address_that_is_not_this_machine_s_is_said() -> None:
    with pytest.raises(LocalStackError, match="not an address of this machine"), reachable("192.0.2.1", 4566):
        pass


def test_where_docker_brings_its_own_way_nothing_is_added() -> None:
    with reachable(None, 4566) as how:
        assert how == []
