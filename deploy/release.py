"""What is deployed, as one hash: a new one has every function published anew, and its alias shifted."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from deploy.environments import DeployError


def release(build: Path, parameters: Mapping[str, str]) -> str:
    """Make the hash of what was built and of its parameters.

    The parameters belong to it: a function that has one in its environment must be published when it changes.

    Args:
        build: the folder that `sam build` fills.
        parameters: the template's parameters that differ from their defaults.

    Raises:
        DeployError: nothing was built.
    """
    if not (build / "template.yaml").is_file():
        raise DeployError("Nothing was built to deploy. Build it first, with: make sam")
    found = hashlib.sha256()
    for path in sorted(path for path in build.rglob("*") if path.is_file()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        found.update(f"{path.relative_to(build).as_posix()}\0{content}\n".encode())
    for name, value in sorted(parameters.items()):
        found.update(f"{name}={value}\n".encode())
    return found.hexdigest()
