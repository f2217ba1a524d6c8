"""Edges that fail: handed in instead of the fakes that work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from typing_extensions import override

from jbplus.consultation.service import Found
from jbplus.errors import UnavailableError
from jbplus.persons.pseudonym import Name, Pseudonyms
from jbplus.registrations.rules import Registration
from tests.registrations.fakes import FakeRegistrationStore


def throttled() -> Exception:
    """Make the error of a store that is throttled."""
    return UnavailableError("dynamodb:Anything: ThrottlingException")


@dataclass
class FailingLookupStore:
    """Raises at every read."""

    error: Exception = field(default_factory=throttled)

    def read(self, persons: Sequence[str], parties: Sequence[str], asking: str) -> Found:  # noqa: ARG002 - the protocol's
        raise self.error


@dataclass
class FailingRegistrationStore:
    """Raises at every call."""

    error: Exception = field(default_factory=throttled)

    def read(self, persons: Sequence[str], party: str) -> dict[str, Registration]:  # noqa: ARG002 - the protocol's
        raise self.error

    def write(self, registrations: Mapping[tuple[Name, ...], Registration], party: str) -> None:  # noqa: ARG002 - the protocol's
        raise self.error

    def delete(self, names: Sequence[Name], party: str) -> None:  # noqa: ARG002 - the protocol's
        raise self.error


@dataclass
class ReadOnlyRegistrationStore(FakeRegistrationStore):
    """Reads well, and raises when it is told to change something."""

    @override
    def write(self, registrations: Mapping[tuple[Name, ...], Registration], party: str) -> None:
        raise throttled()

    @override
    def delete(self, names: Sequence[Name], party: str) -> None:
        raise throttled()


def no_keys() -> Pseudonyms:
    """Fail as a secret out of reach does."""
    raise UnavailableError("secretsmanager:GetSecretValue: ResourceNotFoundException")
