"""The environment of the functions, one typed model each; a missing variable stops the function at its start."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    pseudonym_secret: Annotated[str, Field(alias="PSEUDONYM_SECRET", min_length=1)]
    test_numbers_allowed: Annotated[bool, Field(alias="TEST_NUMBERS_ALLOWED")]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings from environment variables."""
        return cls.model_validate(dict(environment))


class MutationsSettings(_Settings):
    """What the mutations function needs."""

    bucket: Annotated[str, Field(alias="BUCKET", min_length=1)]
    persons_table: Annotated[str, Field(alias="PERSONS_TABLE", min_length=1)]
    ledger_table: Annotated[str, Field(alias="LEDGER_TABLE", min_length=1)]
    retention_years: Annotated[int, Field(alias="RETENTION_YEARS", ge=1)]


class ConsultationSettings(_Settings):
    """What the consultation function needs."""

    persons_table: Annotated[str, Field(alias="PERSONS_TABLE", min_length=1)]
    registrations_table: Annotated[str, Field(alias="REGISTRATIONS_TABLE", min_length=1)]
    privacy_log_table: Annotated[str, Field(alias="PRIVACY_LOG_TABLE", min_length=1)]


class RegistrationsSettings(_Settings):
    """What the registrations function needs."""

    registrations_table: Annotated[str, Field(alias="REGISTRATIONS_TABLE", min_length=1)]
    privacy_log_table: Annotated[str, Field(alias="PRIVACY_LOG_TABLE", min_length=1)]
