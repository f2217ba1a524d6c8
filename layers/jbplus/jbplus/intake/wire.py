"""The quarantine's forms: the lines that are kept, and what is said when records are handed in again (Article 7)."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from jbplus.mutation_file.codes import Code
from jbplus.mutation_file.records import Context
from jbplus.wire import Unknown, Wire


class FirstLine(Wire):
    """The first line of a part of the quarantine: the envelope of the file that it is from."""

    context: Context


class BadRecord(Wire):
    """Each next line: a record that was refused.

    Attributes:
        index: its position in its file, from 0.
        code: what is wrong.
        pad: where, as a JSON Pointer.
        record: the record as it came: personal data.
    """

    index: int
    code: Annotated[Code | Unknown[str], Field(union_mode="left_to_right")]
    pad: str
    record: Any


class ReleaseOrder(BaseModel):
    """Asks for one part of the quarantine to be handed in again.

    Attributes:
        name: the part's name, without folder and ending.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,128}$")]


class Released(Wire):
    """What became of quarantined records that were handed in again; those still refused stay in quarantine."""

    toegepast: int
    verouderd: int
    geweigerd: int

    @property
    def is_complete(self) -> bool:
        """Whether nothing was refused."""
        return self.geweigerd == 0
