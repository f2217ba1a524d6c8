"""Build the content of the layer: the pinned libraries and the package jbplus, with bytecode.

Run it with the interpreter that will run the functions, because bytecode belongs to one minor version:

    python3.13 build.py libraries FOLDER --lambda
    python3.13 build.py package FOLDER
"""

import argparse
import compileall
import gzip
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Any

HERE = Path(__file__).resolve().parent

# Lambda's python3.13 runs on Amazon Linux 2023 (glibc 2.34), x86_64.
LAMBDA_PLATFORM = [
    "--platform=manylinux_2_28_x86_64",
    "--platform=manylinux2014_x86_64",
    "--platform=manylinux_2_17_x86_64",
    "--implementation=cp",
    "--python-version=3.13",
]
# The service descriptions of botocore weigh more than all the rest: only what is called stays of them. A test compares
# this with the calls in the code; the last four of S3 are those by which boto3 copies a large file in parts, and by
# which botocore finds a bucket that another region has.
OPERATIONS = {
    "dynamodb": {
        "BatchGetItem",
        "DeleteItem",
        "ExecuteStatement",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactWriteItems",
        "UpdateItem",
    },
    "kms": {"GetPublicKey", "Sign"},
    "lambda": {"Invoke"},
    "s3": {
        "AbortMultipartUpload",
        "CompleteMultipartUpload",
        "CopyObject",
        "CreateMultipartUpload",
        "DeleteObject",
        "GetObject",
        "HeadObject",
        "ListMultipartUploads",
        "ListObjectsV2",
        "ListParts",
        "PutObject",
        "UploadPart",
        "UploadPartCopy",
        "HeadBucket",
    },
    "secretsmanager": {"GetSecretValue"},
}
# Of the ten kinds of value that DynamoDB has: what botocore reads, it tries all kinds of. A test compares this with the
# code.
VALUES = {"S", "N", "BOOL"}
# AWS's own authorities, all five of which Amazon Trust Services wants in a trust store of one's own.
# https://www.amazontrust.com/repository/
AUTHORITIES = {
    "Amazon Root CA 1",
    "Amazon Root CA 2",
    "Amazon Root CA 3",
    "Amazon Root CA 4",
    "Starfield Services Root Certificate Authority - G2",
}


def libraries(folder: Path, platform: list[str]) -> None:
    """Install the pinned wheels under `folder`/python; `platform` holds pip's options for another machine."""
    target = folder / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    wheels = [
        "--require-hashes",
        "--no-deps",
        "--only-binary=:all:",
        "--no-compile",
        "--root-user-action=ignore",
    ]
    pinned = ["--requirement", str(HERE / "requirements.txt")]
    subprocess.run([*pip, *wheels, *platform, "--target", str(target), *pinned], check=True)  # noqa: S603 - own words
    prune(target)
    slim(target / "botocore")
    compile_all(target)


def package(folder: Path) -> None:
    """Copy jbplus to `folder`/python."""
    target = folder / "python" / "jbplus"
    shutil.copytree(HERE / "jbplus", target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    compile_all(target)


def prune(target: Path) -> None:
    """Remove what no function reads: commands, metadata, tests and the services that are not used."""
    shutil.rmtree(target / "bin", ignore_errors=True)
    for folder in [*target.glob("*.dist-info"), *target.glob("*/tests"), *target.glob("*/test")]:
        shutil.rmtree(folder)
    for folder in (target / "botocore" / "data").iterdir():
        if folder.is_dir() and folder.name not in OPERATIONS:
            shutil.rmtree(folder)


def slim(botocore: Path) -> None:
    """Cut out of botocore what each cold start would read in vain.

    The authorities alone are 406 of the 440 million instructions that TLS added to a cold start of 1,831.
    """
    for service, operations in OPERATIONS.items():
        # Botocore takes the newest version.
        packed = max((botocore / "data" / service).glob("*/service-2.json.gz"))
        model = json.loads(gzip.decompress(packed.read_bytes()))
        if missing := operations - set(model["operations"]):
            sys.exit(f"botocore's description of {service} lacks {', '.join(sorted(missing))}.")
        _write(packed.with_suffix(""), cut_model(model, operations))
        packed.unlink()
    endpoints = botocore / "data" / "endpoints.json"
    _write(endpoints, cut_endpoints(json.loads(endpoints.read_text(encoding="utf-8"))))
    bundle = botocore / "cacert.pem"
    bundle.write_text(cut_authorities(bundle.read_text(encoding="utf-8")), encoding="utf-8")


def cut_model(model: dict[str, Any], operations: set[str]) -> dict[str, Any]:
    """Leave of a service's description the operations that are called, and what they are made of.

    What finds the account's own endpoint in a call's parameters goes too: it searches all of a batch for names of
    tables that are whole ARNs, and ours are names. So do the kinds of value that no item has: trying them takes 1 % of
    a record.
    """
    kept = {name: {**model["operations"][name]} for name in sorted(operations)}
    for operation in kept.values():
        operation.pop("operationContextParams", None)
    shapes: dict[str, Any] = {}
    wanted = list(_shapes_in(kept))
    while wanted:
        if (name := wanted.pop()) not in shapes:
            shapes[name] = model["shapes"][name]
            if name == "AttributeValue":
                members = shapes[name]["members"]
                shapes[name] = {**shapes[name], "members": {kind: members[kind] for kind in members if kind in VALUES}}
            wanted += _shapes_in(shapes[name])
    return {**model, "operations": without_words(kept), "shapes": without_words(shapes)}


def cut_endpoints(endpoints: dict[str, Any]) -> dict[str, Any]:
    """Leave of the endpoints those of the services that are used, in every region."""
    partitions = [
        {**each, "services": {name: each["services"][name] for name in OPERATIONS if name in each["services"]}}
        for each in endpoints["partitions"]
    ]
    return {**endpoints, "partitions": partitions}


def cut_authorities(bundle: str) -> str:
    """Leave of a bundle of certificates those of AWS's own authorities."""
    found = re.findall(r'^# Label: "([^"]+)"$.*?(^-----BEGIN.*?^-----END[^\n]*\n)', bundle, re.MULTILINE | re.DOTALL)
    kept = {label: certificate for label, certificate in found if label in AUTHORITIES}
    if set(kept) != AUTHORITIES:
        sys.exit(
            f"botocore's cacert.pem lacks {', '.join(sorted(AUTHORITIES - set(kept)))}: no function would reach AWS."
        )
    return "".join(kept.values())


def without_words(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Take the documentation out of a service's description."""
    match value:
        case dict():
            words = {name for name in ("documentation", "documentationUrl") if isinstance(value.get(name), str)}
            return {name: without_words(each) for name, each in value.items() if name not in words}
        case list():
            return [without_words(each) for each in value]
        case _:
            return value


def _shapes_in(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    """Name the shapes that a part of a service's description refers to."""
    match value:
        case {"shape": str(name), **rest}:
            yield name
            yield from _shapes_in(rest)
        case dict():
            for each in value.values():
                yield from _shapes_in(each)
        case list():
            for each in value:
                yield from _shapes_in(each)


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")


def compile_all(folder: Path) -> None:
    """Compile every module below `folder`.

    The bytecode is valid by itself (unchecked hash): SAM dates the sources 1980 in its zip, so bytecode that
    is checked against the date of its source would be refused, and all compiled anew at each cold start.
    """
    done = compileall.compile_dir(folder, quiet=2, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    if not done:
        sys.exit(f"Some module under {folder} does not compile: see the messages above.")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("part", choices=["libraries", "package"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lambda", dest="platform", action="store_const", const=LAMBDA_PLATFORM, default=[])
    options = parser.parse_args()
    if options.part == "libraries":
        libraries(options.folder, options.platform)
    else:
        package(options.folder)


if __name__ == "__main__":
    main()
