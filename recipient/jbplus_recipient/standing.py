"""How a recipient stands: who is to be looked up, who was refused, which notices are missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from jbplus_recipient.answers import Person
from jbplus_recipient.stands import Proof


@dataclass(frozen=True, slots=True)
class Due:
    """A person who is to be looked up.

    Attributes:
        insz: the person.
        told: the highest volgnummer that notices told of the person since the last lookup; 0 when none did.
        since: the number of what made the person due; a lookup settles nothing that came after it was made.
    """

    insz: str
    told: int
    since: int

    @property
    def after_notice(self) -> bool:
        """Whether a notice is the ground; else the person was registered and not looked up since."""
        return self.told > 0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one person.

    Attributes:
        insz: the person.
        answer: the last answer, None when it held nothing.
        asked: when that was, None when nobody was asked.
        is_due: whether the person is to be looked up: something happened since.
        in_doubt: whether WEWIS looks into a quality report on the person.
        refused: why the exchange refused the person, None when it did not.
    """

    insz: str
    answer: Person | None
    asked: datetime | None
    is_due: bool
    in_doubt: bool
    refused: str | None


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
        in_doubt: the persons on whom WEWIS looks into a quality report.
        missing: the notices that never came.
        last_notice: the highest number of a notice; 0 when none came.
        last_volgnummer: the highest volgnummer of a mutation file that was told or answered; 0 when none was.
        missing_successions: the notices of successions that never came; their numbers are a series of their own.
        proof: what came of the last stand, None before there was one.
    """

    persons: int
    due: tuple[str, ...]
    refused: Mapping[str, str]
    in_doubt: tuple[str, ...]
    missing: tuple[Missing, ...]
    last_notice: int
    last_volgnummer: int
    missing_successions: tuple[Missing, ...] = ()
    proof: Proof | None = None

    @property
    def is_in_step(self) -> bool:
        """Whether the last stand proved that recipient and exchange have the same, and nothing came since."""
        return self.proof is not None and self.proof.is_in_step and not self.due
