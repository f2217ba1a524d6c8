"""The kinds of files that WEWIS sends: each has a name, a list of records, and a series of numbers of its own."""

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a file is; values as on the wire (`naam`)."""

    MUTATIONS = "PubliceerMutatieJobbonusPlus"
    SUCCESSIONS = "PubliceerNummeropvolging"

    @property
    def records(self) -> str:
        """The key of its list of records."""
        return _RECORDS[self]

    @property
    def prefix(self) -> str:
        """What its usual name begins with; a moment of seventeen digits comes after it."""
        return _PREFIXES[self]


_RECORDS: Final = {Kind.MUTATIONS: "mutaties", Kind.SUCCESSIONS: "opvolgingen"}
_PREFIXES: Final = {
    Kind.MUTATIONS: "werk.publiceermutatiejobbonusplus-0100_",
    Kind.SUCCESSIONS: "werk.publiceernummeropvolging-0100_",
}

LISTS: Final = frozenset(_RECORDS.values())
"""The keys under which a file's records stand, one for each kind."""
