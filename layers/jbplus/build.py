"""Build the content of the layer: the pinned libraries and the package jbplus, with bytecode.

Run it with the interpreter that will run the functions, because bytecode belongs to one minor version:

    python3.13 build.py libraries FOLDER --lambda
    python3.13 build.py package FOLDER
"""

import argparse
import compileall
import shutil
import subprocess
import sys
from pathlib import Path
from py_compile import PycInvalidationMode

HERE = Path(__file__).resolve().parent

# Lambda's python3.13 runs on Amazon Linux 2023 (glibc 2.34), x86_64.
LAMBDA_PLATFORM = [
    "--platform=manylinux_2_28_x86_64",
    "--platform=manylinux2014_x86_64",
    "--platform=manylinux_2_17_x86_64",
    "--implementation=cp",
    "--python-version=3.13",
]
# The service descriptions of botocore weigh more than all the rest: only the services that are used stay.
SERVICES = ("dynamodb", "kms", "lambda", "s3", "secretsmanager")


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
        if folder.is_dir() and folder.name not in SERVICES:
            shutil.rmtree(folder)


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
