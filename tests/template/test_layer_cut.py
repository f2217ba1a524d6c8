"""What the layer holds of botocore is all that the functions call, and calls come out of it as they always did."""

import ast
import importlib.util
import shutil
import ssl
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import botocore
import botocore.session
import pytest
from botocore import xform_name
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

ROOT = Path(__file__).parents[2]
CODE = [*(ROOT / "layers" / "jbplus" / "jbplus").rglob("*.py"), *(ROOT / "functions").glob("*/app.py")]
WHOLE = Path(botocore.__file__).parent
REGIONS = ["eu-central-1", "eu-west-1", "eu-west-3", "us-east-1", "eusc-de-east-1"]
OF_BOTO3 = {"s3": {"HeadBucket", "UploadPartCopy"}}
"""What no line of ours calls: boto3 copies large files in parts, botocore asks where a bucket is."""
UNCHANGING = Config(user_agent="test", retries={"total_max_attempts": 1}, parameter_validation=False)


def load_build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build", ROOT / "layers" / "jbplus" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BUILD = load_build()
OPERATIONS = [(service, name) for service, names in BUILD.OPERATIONS.items() for name in sorted(names)]


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Botocore's data as the layer has it."""
    folder = tmp_path_factory.mktemp("layer") / "botocore"
    (folder / "data").mkdir(parents=True)
    shutil.copyfile(WHOLE / "cacert.pem", folder / "cacert.pem")
    for path in (WHOLE / "data").iterdir():
        if path.is_file():
            shutil.copyfile(path, folder / "data" / path.name)
        elif path.name in BUILD.OPERATIONS:
            shutil.copytree(path, folder / "data" / path.name)
    BUILD.slim(folder)
    return folder


@cache
def session(data: Path) -> botocore.session.Session:
    made = botocore.session.Session()
    made.register_component("data_loader", Loader([str(data)], include_default_search_paths=False))
    made.set_credentials("test", "test")
    return made


def called() -> Iterator[tuple[str, str]]:
    """Find what the code calls: attributes named as operations, and pages of them."""
    names = {
        xform_name(operation): (service, operation)
        for service in BUILD.OPERATIONS
        for operation in botocore.session.Session().get_service_model(service).operation_names
    }
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in names:
                yield names[node.attr]
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".get_paginator"):
                yield names[ast.literal_eval(node.args[0])]


def test_the_layer_can_call_what_the_code_calls_and_nothing_more() -> None:
    by_others = {(service, name) for service, names in OF_BOTO3.items() for name in names}
    assert set(OPERATIONS) == set(called()) | by_others


KINDS = {"S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"}
"""All kinds of value that DynamoDB has."""


def kinds() -> Iterator[str]:
    """Find the kinds of value that the code writes and reads: texts that are named as one."""
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and node.value in KINDS:
                yield str(node.value)


def test_the_layer_knows_the_kinds_of_value_that_the_code_uses_and_no_other() -> None:
    assert set(kinds()) == BUILD.VALUES


SCALARS = {"string": "text", "blob": b"bytes", "boolean": True, "timestamp": 1772700000}


def used(shape: StructureShape) -> dict[str, Shape]:
    """Give the members of a shape; of a value of DynamoDB those of the kinds that are used."""
    members: dict[str, Shape] = dict(shape.members)
    if shape.name != "AttributeValue":
        return members
    return {kind: member for kind, member in members.items() if kind in BUILD.VALUES}


def sample(shape: Shape) -> Any:
    """Make a value of a shape, with all its members that are used."""
    match shape:
        case StructureShape():
            return {name: sample(member) for name, member in used(shape).items()}
        case ListShape():
            return [sample(shape.member)]
        case MapShape():
            return {"key": sample(shape.value)}
        case StringShape() if shape.enum:
            return shape.enum[0]
        case _:
            return SCALARS.get(shape.type_name, 3)


def requested(data: Path, service: str, operation: str, region: str) -> tuple[str, str, bytes, dict[str, str]]:
    """Give the request that comes of an operation with all its parameters, but what is new each time."""
    client = session(data).create_client(service, region, config=UNCHANGING)
    sent: list[AWSPreparedRequest] = []

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        sent.append(request)
        return AWSResponse(request.url, 200, HTTPHeaders(), _Empty())

    client.meta.events.register("before-send", answer)  # type: ignore[arg-type]  # its stub forgets the answer
    shape = client.meta.service_model.operation_model(operation).input_shape
    assert shape is not None
    parameters = sample(shape)
    if service == "s3":
        parameters = {name: value for name, value in parameters.items() if "SSE" not in name and "Checksum" not in name}
        parameters["Bucket"] = "bucket"
    getattr(client, xform_name(operation))(**parameters)
    client.close()
    (request,) = sent
    new = {"authorization", "x-amz-date", "amz-sdk-invocation-id", "x-amz-content-sha256"}
    headers = {name.lower(): str(value) for name, value in request.headers.items() if name.lower() not in new}
    body = request.body if isinstance(request.body, bytes) else b""
    return request.method, request.url, body, headers


class _Empty:
    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield b""

    def read(self, *_: object, **__: object) -> bytes:
        return b""


@pytest.mark.parametrize(("service", "operation"), OPERATIONS, ids=str)
def test_a_call_comes_out_of_it_as_out_of_all_of_botocore(cut: Path, service: str, operation: str) -> None:
    whole = requested(WHOLE / "data", service, operation, REGIONS[0])

    assert requested(cut / "data", service, operation, REGIONS[0]) == whole


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("service", BUILD.OPERATIONS)
def test_it_finds_every_region(cut: Path, service: str, region: str) -> None:
    operation = min(BUILD.OPERATIONS[service])

    assert requested(cut / "data", service, operation, region) == requested(WHOLE / "data", service, operation, region)


def test_answers_and_errors_are_read_by_the_same_shapes(cut: Path) -> None:
    for service, operation in OPERATIONS:
        models = [session(data).get_service_model(service) for data in (WHOLE / "data", cut / "data")]
        whole, left = (model.operation_model(operation) for model in models)
        assert outline(left.output_shape) == outline(whole.output_shape)
        assert [outline(shape) for shape in left.error_shapes] == [outline(shape) for shape in whole.error_shapes]


def outline(shape: Shape | None, above: tuple[str, ...] = ()) -> Any:
    """Say what a shape is made of, without words."""
    if shape is None or shape.name in above:
        return None if shape is None else shape.name
    within = (*above, shape.name)
    members = used(shape) if isinstance(shape, StructureShape) else {}
    parts = [getattr(shape, name) for name in ("member", "key", "value") if hasattr(shape, name)]
    return (
        shape.name,
        shape.type_name,
        dict(shape.serialization),
        {name: outline(member, within) for name, member in members.items()},
        [outline(part, within) for part in parts],
    )


def test_it_trusts_the_authorities_of_aws_and_no_other(cut: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cut / "cacert.pem")
    authorities: list[Any] = context.get_ca_certs()
    subjects = [dict(part for (part,) in authority["subject"]) for authority in authorities]
    assert sorted(subject["commonName"] for subject in subjects) == sorted(BUILD.AUTHORITIES)


def test_a_bundle_that_lacks_one_of_them_stops_the_build() -> None:
    bundle = (WHOLE / "cacert.pem").read_text(encoding="utf-8")

    with pytest.raises(SystemExit, match="lacks Amazon Root CA 3"):
        BUILD.cut_authorities(bundle.replace('"Amazon Root CA 3"', '"Amazon Root CA 33"'))


def test_a_service_that_lacks_an_operation_stops_the_build(cut: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BUILD.OPERATIONS, "lambda", {"Invoke", "InvokeTwice"})
    folder = cut.parent / "again"
    for service in BUILD.OPERATIONS:
        shutil.copytree(WHOLE / "data" / service, folder / "data" / service)

    with pytest.raises(SystemExit, match="lambda lacks InvokeTwice"):
        BUILD.slim(folder)
