"""The records of a succession file, each validated by itself: one number of a person replaces another."""

from typing import Literal, Self

from pydantic import ValidationError, model_validator

from jbplus.mutation_file.codes import Code, Finding
from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.records import (
    ANNULMENT,
    Circumstances,
    Insz,
    Record,
    Referte,
    Strict,
    check_names_nobody,
    findings,
    read_as,
    wrong,
)

SuccessionType = Literal["01", "03"]
"""MAGDA's mutation codes: 01 a number is replaced, 03 that is taken back."""


class Succession(Strict):
    """One number of a person replaces another, or no longer does."""

    referte: Referte
    type: SuccessionType
    oud: Insz
    nieuw: Insz

    @model_validator(mode="after")
    def _check_as_a_whole(self) -> Self:
        if self.oud == self.nieuw:
            raise wrong(Code.SAME_NUMBER)
        check_names_nobody(self.referte, self.oud, self.nieuw)
        return self

    @property
    def is_taken_back(self) -> bool:
        """Whether it takes the succession back."""
        return self.type == ANNULMENT


FORMS: dict[Kind, type[Record | Succession]] = {Kind.MUTATIONS: Record, Kind.SUCCESSIONS: Succession}
"""The form of a record, by the kind of its file."""


def parse(value: object, index: int, kind: Kind, circumstances: Circumstances) -> Record | Succession | Finding:
    """Validate one record of any file by itself.

    Args:
        value: the record as read from JSON, numbers as int or Decimal.
        index: its position in its file, from 0.
        kind: the kind of its file.
        circumstances: what its validity depends on.

    Returns:
        The record, or what is wrong with it first.
    """
    found = read_as(FORMS[kind], value, circumstances)
    return next(findings(found, kind, index)) if isinstance(found, ValidationError) else found


def mistakes(value: object, index: int, kind: Kind, circumstances: Circumstances) -> tuple[Finding, ...]:
    """Tell all that is wrong with a record by itself, in the order of its fields; nothing when it is good.

    Args:
        value: the record as read from JSON, numbers as int or Decimal.
        index: its position in its file, from 0.
        kind: the kind of its file.
        circumstances: what its validity depends on.
    """
    found = read_as(FORMS[kind], value, circumstances)
    return tuple(findings(found, kind, index)) if isinstance(found, ValidationError) else ()
