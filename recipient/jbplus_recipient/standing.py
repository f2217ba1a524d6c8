"""How a recipient stands: who is to be looked up, who was refused, which notices are missing."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Due:
    """A person who is to be looked up.

    Attributes:
        insz: the person.
        told: the highest volgnummer that a notice told of the person; 0 when none did.
        after_notice: whether a notice is the ground; else the person was registered and never looked up since.
    """

    insz: str
    told: int
    after_notice: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """Numbers of notices that never came, both ends included."""

    first: int
    last: int

    @property
    def words(self) -> str:
        """The numbers as people write them."""
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a recipient stands.

    Attributes:
        persons: how many persons it has.
        due: the persons who are still to be looked up, among them those whose registration is not confirmed.
        refused: why the exchange refused a person, by INSZ: MAGDA's code, or the kind of problem.
        missing: the notices that never came.
        last_notice: the highest number of a notice; 0 when none came.
        last_volgnummer: the highest volgnummer of a mutation file that was told or answered; 0 when none was.
    """

    persons: int
    due: tuple[str, ...]
    refused: Mapping[str, str]
    missing: tuple[Missing, ...]
    last_notice: int
    last_volgnummer: int
