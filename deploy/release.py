"""What is deployed, as one hash: a new one has every function published anew, and its alias shifted."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.environments import DeployError

OF_NO_VERSION: Final = frozenset({"AlarmEmail", "DeletionProtection", "DeploymentType", "IntakeConcurrency"})
"""Parameters that are of the whole function, or of none."""


def release(build: Path, parameters: Mapping[str, str]) -> str:
    """Make the hash of what was built and of its parameters.

    The parameters belong to it: a function that has one in its environment must be published when it changes. Those
    that no version holds do not: the intake is stopped at once, whatever alarm rings.

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
        if name not in OF_NO_VERSION:
            found.update(f"{name}={value}\n".encode())
    return found.hexdigest()
