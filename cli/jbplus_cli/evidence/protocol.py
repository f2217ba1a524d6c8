"""The protocol's obligations, point by point: who holds to each, by what, and what shows it."""

import tomllib
from enum import StrEnum
from importlib.resources import files
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Holder(StrEnum):
    """Who holds to an obligation."""

    SYSTEM = "system"
    PARTY = "party"
    BOTH = "both"


class Obligation(BaseModel):
    """One obligation.

    Attributes:
        point: where it stands in its article.
        says: what it asks, shortly.
        held: who holds to it.
        by: which party does, and what; empty when the product alone does.
        how: how it is held, in a sentence.
        code: modules, resources, parameters and pages that hold it, as `path::name` or `path`.
        tests: the tests that show it, as pytest names them below `tests/`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    point: str
    says: str
    held: Holder
    by: str = ""
    how: str
    code: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_shown(self) -> Self:
        if (self.held is Holder.PARTY) is bool(self.code or self.tests):
            raise ValueError(f"{self.point}: a party's own has no code, all else has code and tests")
        if bool(self.code) is not bool(self.tests):
            raise ValueError(f"{self.point}: what has code has tests")
        if (self.held is Holder.SYSTEM) is bool(self.by):
            raise ValueError(f"{self.point}: which party, unless the product alone holds to it")
        return self


class Part(BaseModel):
    """An article.

    Attributes:
        article: its name.
        title: what it is about.
        obligations: in the order of the text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    article: str
    title: str
    obligations: tuple[Obligation, ...] = Field(alias="obligation")


class _Protocol(BaseModel):
    model_config = ConfigDict(extra="forbid")

    part: tuple[Part, ...]


def read() -> tuple[Part, ...]:
    """Read all obligations, article by article."""
    text = files(__package__ or "").joinpath("protocol.toml").read_text(encoding="utf-8")
    return _Protocol.model_validate(tomllib.loads(text)).part
